import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

/** A block as tracer output: `{ chainId, block, receipts, prestateTracer, prestateTracerDiff }`. */
export interface StubBlock {
  readonly chainId: number;
  readonly block: Readonly<Record<string, unknown>> & { readonly hash: string; readonly number: string };
  readonly receipts: readonly Readonly<Record<string, unknown>>[];
  readonly prestateTracer: readonly unknown[];
  readonly prestateTracerDiff: readonly unknown[];
}

export interface StubCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What one HTTP request gets in place of its answer. */
export type Fault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** No answer: the callback runs, and the connection stays open. */
  | { readonly hang: () => void }
  /** The beginning of the answer, as if it were all. */
  | { readonly cutAt: number }
  /** The connection goes: before anything of the answer, or in the middle of it. */
  | { readonly disconnect: 'before' | 'within' };

/** What one call gets in place of its answer. */
export type Answer = { readonly result: unknown } | { readonly error: unknown };

export interface StubNode {
  readonly url: string;
  /** The calls of each HTTP request so far, in the order in which they came. */
  readonly requests: readonly (readonly StubCall[])[];
  /** The headers of the last HTTP request. */
  readonly headers: () => IncomingMessage['headers'];
  readonly calls: (method: string) => readonly StubCall[];
  /** Takes the place of the blocks of these numbers and all later ones; the old ones stay known by their hashes. */
  setChain(blocks: readonly StubBlock[]): void;
  /** Faults by HTTP request, from 0; asked before each answer. */
  onRequest: (calls: readonly StubCall[], index: number) => Fault | undefined;
  /** Answers of single calls; undefined for the true one. */
  onCall: (call: StubCall) => Answer | undefined;
  /** Last word on the JSON that goes out, as text of the whole body. */
  onBody: (json: unknown, calls: readonly StubCall[]) => unknown;
  /** How the answer to a trace is dressed. */
  dressTrace: (trace: unknown) => unknown;
}

/** A node that answers from memory, on a free port of 127.0.0.1; it closes when the test is over. */
export async function startStubNode(blocks: readonly StubBlock[]): Promise<StubNode> {
  const node = new Stub(blocks);
  await node.listen();
  onTestFinished(() => node.close());
  return node;
}

type Request = StubCall & { readonly id: unknown };

class Stub implements StubNode {
  readonly requests: StubCall[][] = [];
  onRequest: StubNode['onRequest'] = () => undefined;
  onCall: StubNode['onCall'] = () => undefined;
  onBody: StubNode['onBody'] = (json) => json;
  dressTrace: StubNode['dressTrace'] = (trace) => trace;
  private readonly byHash = new Map<string, StubBlock>();
  private chain: readonly StubBlock[] = [];
  private lastHeaders: IncomingMessage['headers'] = {};
  private port = 0;
  private readonly server = createServer((request, response) => {
    this.handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  constructor(blocks: readonly StubBlock[]) {
    this.setChain(blocks);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  headers = (): IncomingMessage['headers'] => this.lastHeaders;

  calls = (method: string): StubCall[] => this.requests.flat().filter((call) => call.method === method);

  setChain(blocks: readonly StubBlock[]): void {
    const [first] = blocks;
    const kept = first === undefined ? [] : this.chain.filter((block) => numberOf(block) < numberOf(first));
    this.chain = [...kept, ...blocks];
    for (const block of blocks) this.byHash.set(block.block.hash, block);
  }

  async listen(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.lastHeaders = request.headers;
    const json = JSON.parse(await text(request)) as Request | Request[];
    const calls = (Array.isArray(json) ? json : [json]).map(({ method, params }): StubCall => ({ method, params }));
    const index = this.requests.push(calls) - 1;
    const fault = this.onRequest(calls, index);
    if (fault !== undefined && 'hang' in fault) return fault.hang();
    if (fault !== undefined && 'status' in fault) {
      return void response.writeHead(fault.status, { ...fault.headers }).end(fault.body ?? '');
    }
    const answer = Array.isArray(json) ? json.map((one) => this.answer(one)) : this.answer(json);
    const body = JSON.stringify(this.onBody(answer, calls));
    if (fault === undefined) return void response.setHeader('content-type', 'application/json').end(body);
    if ('cutAt' in fault) return void response.end(body.slice(0, fault.cutAt));
    if (fault.disconnect === 'within')
      response.writeHead(200, { 'content-length': body.length }).write(body.slice(0, 20));
    response.socket?.destroy();
  }

  private answer({ id, method, params }: Request): unknown {
    return { jsonrpc: '2.0', id, ...(this.onCall({ method, params }) ?? this.trueAnswer({ method, params })) };
  }

  private trueAnswer({ method, params }: StubCall): Answer {
    const [which, option] = params;
    const last = this.chain.at(-1);
    switch (method) {
      case 'eth_chainId':
        return { result: `0x${(last?.chainId ?? 1).toString(16)}` };
      case 'eth_blockNumber':
        return { result: last?.block.number ?? '0x0' };
      case 'eth_getBlockByNumber':
        return { result: blockJson(this.find(which), option === true) };
      case 'eth_getBlockReceipts':
        return { result: this.find(which)?.receipts.map((receipt) => ownReceipt(receipt, this.find(which))) ?? null };
      case 'eth_getTransactionReceipt':
        return { result: this.receipt(which) };
      case 'debug_traceBlockByHash':
      case 'debug_traceBlockByNumber':
        return this.trace(this.find(which), option);
      default:
        return { error: { code: -32601, message: `the method ${method} does not exist/is not available` } };
    }
  }

  private find(which: unknown): StubBlock | undefined {
    if (typeof which !== 'string') return undefined;
    if (which.length === 66) return this.byHash.get(which);
    return this.chain.find(({ block }) => Number(block.number) === Number(which));
  }

  private receipt(hash: unknown): unknown {
    for (const block of this.chain) {
      const receipt = block.receipts.find(({ transactionHash }) => transactionHash === hash);
      if (receipt !== undefined) return ownReceipt(receipt, block);
    }
    return null;
  }

  private trace(block: StubBlock | undefined, option: unknown): Answer {
    if (block === undefined) return { error: { code: -32000, message: 'block not found' } };
    const { tracerConfig } = option as { readonly tracerConfig: { readonly diffMode: boolean } };
    const traces = tracerConfig.diffMode ? block.prestateTracerDiff : block.prestateTracer;
    return { result: traces.map((trace) => this.dressTrace(trace)) };
  }
}

function numberOf({ block }: StubBlock): number {
  return Number(block.number);
}

/** Nodes say in each receipt of which block it is. */
function ownReceipt(receipt: Readonly<Record<string, unknown>>, block: StubBlock | undefined): unknown {
  return { ...receipt, blockHash: block?.block.hash, blockNumber: block?.block.number };
}

function blockJson(block: StubBlock | undefined, full: boolean): unknown {
  if (block === undefined) return null;
  const transactions = block.block['transactions'] as readonly { readonly hash: string }[];
  return full ? block.block : { ...block.block, transactions: transactions.map(({ hash }) => hash) };
}
