import { InputError, LanecastError } from '../../errors.js';
import type { Hash, SourceBlock } from '../../types.js';
import { toQuantity } from '../chain-json.js';
import { Field } from '../fields.js';
import { readTracerOutput } from '../tracer.js';
import { BlockData, type BlockAsked, type Got } from './block-data.js';
import { backoffMs, type RpcClient, type RpcClientOptions } from './client.js';
import { withoutState } from './explain.js';
import { readHeader, type NodeHeader } from './header.js';
import { RpcError } from './rpc-error.js';

/** Where a block stands in its chain. */
export interface ChainLink {
  readonly number: number;
  readonly hash: Hash;
  readonly parentHash: Hash;
}

/** One block, or why it is not to be had; `error` is about this block alone. */
export type BlockOutcome<Block> =
  { readonly ok: true; readonly block: Block } | { readonly ok: false; readonly error: LanecastError };

export type NodeOutcome = BlockOutcome<SourceBlock>;

/** Says how blocks hang together. */
export interface LinkSource {
  /** Scheme, host and port. */
  readonly name: string;
  /** Hash and parent of blocks by number; null for one that the node does not have. */
  links(numbers: readonly number[]): Promise<(ChainLink | null)[]>;
}

/** What is asked of a node. Every method may fail with NODE_UNAVAILABLE or UNSUPPORTED. */
export interface EthereumNode extends LinkSource {
  chainId(): Promise<number>;
  /** The number of the latest block. */
  head(): Promise<number>;
  /** What a block's header says, in one call; a block that is not there yet is asked for again. */
  header(number: number): Promise<BlockOutcome<NodeHeader>>;
  /**
   * A block with the accesses that the node's tracer recorded: block, receipts and both traces belong to one hash. What comes
   * to be another block while it is read, or is not there yet, is read again.
   */
  block(number: number): Promise<NodeOutcome>;
}

export type NodeOptions = Pick<RpcClientOptions, 'clock' | 'random' | 'timeoutMs' | 'signal'>;

const BLOCK_ATTEMPTS = 5;

export function createNode(client: RpcClient, options: NodeOptions): EthereumNode {
  const { name } = client.endpoint;
  const reader = new BlockReader(client, options);
  let chainId: Promise<number> | undefined;
  const ask = async (method: string): Promise<number> =>
    new Field(await client.call(method, []), { origin: `${name} ${method}`, blockNumber: undefined }).count();
  return {
    name,
    chainId: () => (chainId ??= explained(name, ask('eth_chainId'))),
    head: () => explained(name, ask('eth_blockNumber')),
    links: (numbers) => explained(name, Promise.all(numbers.map((number) => readLink(client, number)))),
    header: (number) => explained(name, reader.header(number)),
    block: async (number) => explained(name, reader.read(number, await (chainId ??= ask('eth_chainId')))),
  };
}

/** Errors of the node that nobody expects become one about the node. */
async function explained<T>(name: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    const message = `The node at ${name} answers to ${error.method}: ${error.message} (${error.rpcCode ?? 'no code'}).`;
    throw new LanecastError('NODE_UNAVAILABLE', message, { cause: error });
  }
}

async function readLink(client: RpcClient, number: number): Promise<ChainLink | null> {
  const json = await client.call('eth_getBlockByNumber', [toQuantity(number), false]).catch(nullIfMissing);
  return json === null ? null : linkOf(new Field(json, { origin: client.endpoint.name, blockNumber: number }), number);
}

function linkOf(block: Field, asked: number): ChainLink {
  const number = block.at('number').count();
  if (number !== asked) block.at('number').fail(`expected block ${asked}, got ${number}`);
  return { number, hash: block.at('hash').hash(), parentHash: block.at('parentHash').hash() };
}

function nullIfMissing(error: unknown): null {
  if (error instanceof RpcError && error.isBlockMissing) return null;
  throw error;
}

/** What was read does not make one block: reading it again may help. */
class Inconsistent extends Error {}

class BlockReader {
  private readonly client: RpcClient;
  private readonly options: NodeOptions;
  private readonly data: BlockData;

  constructor(client: RpcClient, options: NodeOptions) {
    this.client = client;
    this.options = options;
    this.data = new BlockData(client, options.timeoutMs);
  }

  read(number: number, chainId: number): Promise<NodeOutcome> {
    return this.repeated(number, () => this.readOnce(number, chainId));
  }

  header(number: number): Promise<BlockOutcome<NodeHeader>> {
    return this.repeated(number, () => this.headerOnce(number));
  }

  private async repeated<Block>(number: number, once: () => Promise<Block>): Promise<BlockOutcome<Block>> {
    const { clock, random, signal } = this.options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return { ok: true, block: await once() };
      } catch (error) {
        if (error instanceof RpcError && error.isStateMissing)
          return { ok: false, error: this.stateless(number, error) };
        const problem = this.problemOf(error, number);
        if (problem === null) throw error;
        if (attempt === BLOCK_ATTEMPTS || signal?.aborted === true) return { ok: false, error: problem };
      }
      await clock.sleep(backoffMs(attempt, random), signal);
    }
  }

  /** Null for what no repetition helps. */
  private problemOf(error: unknown, blockNumber: number): LanecastError | null {
    if (error instanceof InputError) return error;
    const location = { origin: this.client.endpoint.name, blockNumber };
    if (error instanceof Inconsistent) return new InputError(location, error.message);
    if (!(error instanceof RpcError)) return null;
    return new InputError(location, `the node answers to ${error.method}: ${error.message}`, { cause: error });
  }

  private stateless(number: number, error: RpcError): LanecastError {
    return withoutState(this.client.endpoint.name, number, error);
  }

  private async headerOnce(number: number): Promise<NodeHeader> {
    const json = await this.client.call('eth_getBlockByNumber', [toQuantity(number), false]);
    if (json === null) throw new Inconsistent('the node does not have it');
    const block = new Field(json, { origin: this.client.endpoint.name, blockNumber: number });
    return readHeader(block, linkOf(block, number));
  }

  private async readOnce(number: number, chainId: number): Promise<SourceBlock> {
    const origin = this.client.endpoint.name;
    const json = await this.client.call('eth_getBlockByNumber', [toQuantity(number), true]);
    if (json === null) throw new Inconsistent('the node does not have it');
    const asked = askedBlock(new Field(json, { origin, blockNumber: number }), number);
    const [receipts, prestate, diff] = await together([
      this.data.receipts(asked),
      this.data.traces(asked, false),
      this.data.traces(asked, true),
    ]);
    for (const { value } of [receipts, prestate, diff])
      if (value === null) throw new Inconsistent('the node has lost it');
    if ([receipts, prestate, diff].some(({ byNumber }) => byNumber)) await this.requireSame(asked);
    const document = {
      ...{ chainId, block: json, receipts: receipts.value },
      ...{ prestateTracer: prestate.value, prestateTracerDiff: diff.value },
    };
    const field = new Field(document, { origin, blockNumber: number });
    checkReceipts(field.at('receipts'), asked);
    return readTracerOutput(field, origin);
  }

  private async requireSame({ number, hash }: BlockAsked): Promise<void> {
    const link = await readLink(this.client, number);
    if (link?.hash !== hash) throw new Inconsistent(`it became another block while it was read (${hash} before)`);
  }
}

/** Waits for all, so that nothing of a failed attempt is under way when the next begins. */
async function together(promises: readonly [Promise<Got>, Promise<Got>, Promise<Got>]): Promise<[Got, Got, Got]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

function askedBlock(block: Field, number: number): BlockAsked {
  const { hash } = linkOf(block, number);
  const transactionHashes = block.at('transactions').items();
  return { number, hash, transactionHashes: transactionHashes.map((transaction) => transaction.at('hash').hash()) };
}

/** Nodes state in each receipt of which block it is. */
function checkReceipts(receipts: Field, { hash }: BlockAsked): void {
  for (const receipt of receipts.items()) {
    const stated = receipt.maybe('blockHash')?.hash();
    if (stated !== undefined && stated !== hash)
      throw new Inconsistent(`its receipts are of another block (${stated})`);
  }
}
