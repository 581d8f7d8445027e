import { toQuantity } from '../chain-json.js';
import type { RpcClient } from './client.js';
import { withoutDebug, withoutReceipts } from './explain.js';
import { RpcError } from './rpc-error.js';

/** A block as the node stated it. */
export interface BlockAsked {
  readonly number: number;
  readonly hash: string;
  readonly transactionHashes: readonly string[];
}

/** One way of asking for something, in the order of preference; `byNumber` answers may be of another block. */
interface Way {
  readonly byNumber: boolean;
  ask(client: RpcClient, block: BlockAsked): Promise<unknown>;
}

export interface Got {
  readonly value: unknown;
  /** Whether the block's hash must be asked again before the value may be believed. */
  readonly byNumber: boolean;
}

const RECEIPTS: readonly Way[] = [
  { byNumber: false, ask: (client, { hash }) => client.call('eth_getBlockReceipts', [hash]) },
  { byNumber: true, ask: (client, { number }) => client.call('eth_getBlockReceipts', [toQuantity(number)]) },
  {
    byNumber: true,
    ask: (client, { transactionHashes }) =>
      Promise.all(transactionHashes.map((hash) => client.call('eth_getTransactionReceipt', [hash]))),
  },
];

/** Remembers which way a node takes, so that one that lacks the better ways is not asked for them block by block. */
export class BlockData {
  private readonly client: RpcClient;
  private readonly traceConfig: Readonly<Record<string, unknown>>;
  private receiptsWay = 0;
  private traceByNumber = false;

  constructor(client: RpcClient, timeoutMs: number) {
    this.client = client;
    // geth gives up after 5 s otherwise, whatever the caller would wait.
    this.traceConfig = { tracer: 'prestateTracer', timeout: `${Math.ceil(timeoutMs / 1_000)}s` };
  }

  /** The receipts of a block; throws RpcError, or LanecastError where the node has none. */
  async receipts(block: BlockAsked): Promise<Got> {
    for (;;) {
      const tried = this.receiptsWay;
      const way = RECEIPTS[tried];
      if (way === undefined) throw new Error('no way to ask for receipts');
      try {
        return { value: await way.ask(this.client, block), byNumber: way.byNumber };
      } catch (error) {
        if (!(error instanceof RpcError) || !(error.isMethodMissing || error.isFormUnknown)) throw error;
        if (tried === RECEIPTS.length - 1) throw withoutReceipts(this.client.endpoint.name, error);
        this.receiptsWay = Math.max(this.receiptsWay, tried + 1);
      }
    }
  }

  /** What prestateTracer says of a block; throws RpcError, or LanecastError UNSUPPORTED with an explanation. */
  async traces(block: BlockAsked, diffMode: boolean): Promise<Got> {
    try {
      return await this.traceOnce(block, diffMode);
    } catch (error) {
      throw error instanceof RpcError && error.isMethodMissing ? withoutDebug(this.client.endpoint.name, error) : error;
    }
  }

  private async traceOnce(block: BlockAsked, diffMode: boolean): Promise<Got> {
    const config = { ...this.traceConfig, tracerConfig: { diffMode } };
    const byHash = !this.traceByNumber;
    try {
      if (byHash) {
        return {
          value: await this.client.call('debug_traceBlockByHash', [block.hash, config], ALONE),
          byNumber: false,
        };
      }
    } catch (error) {
      if (!(error instanceof RpcError) || !(error.isMethodMissing || error.isFormUnknown)) throw error;
      this.traceByNumber = true;
    }
    const params = [toQuantity(block.number), config];
    return { value: await this.client.call('debug_traceBlockByNumber', params, ALONE), byNumber: true };
  }
}

const ALONE = { alone: true } as const;
