import { createRpcClient } from '../datasets/json-rpc/client.js';
import { systemClock, type Clock } from '../datasets/json-rpc/clock.js';
import { parseEndpoint } from '../datasets/json-rpc/endpoint.js';
import { createNode, type EthereumNode, type NodeOutcome } from '../datasets/json-rpc/node.js';
import { readRange, type RangeOptions } from '../datasets/json-rpc/range.js';
import { LanecastError } from '../errors.js';
import { NODE_DEFAULTS, type NodeFlags } from './node-options.js';
import { printNotice } from './terminal.js';

/** Flags of a source that are for nodes, and the number of blocks, which generated sources have too. */
export type NodeSourceFlags = NodeFlags & { readonly blocks?: number };

export interface BlockSpan {
  readonly from: number;
  readonly to: number;
}

/** A node that one command reads from; what `latest` is does not change while it is open. */
export interface NodeSource {
  readonly node: EthereumNode;
  readonly clock: Clock;
  readonly random: () => number;
  /** Blocks at a time. */
  readonly concurrency: number;
  /** Calls in one HTTP request. */
  readonly batchSize: number;
  readonly confirmations: number;
  /** `resumeFrom` is where to begin when the flags don't say. Throws INVALID_ARGUMENT for a range that the node does not have. */
  span(resumeFrom?: number | null): Promise<BlockSpan>;
  /** The blocks of the span, in order; one that was replaced while later ones were read is thrown as InputError. */
  blocks(): AsyncGenerator<NodeOutcome>;
  close(): void;
}

export interface NodeSettings {
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Value of the header `Authorization`. */
  readonly authorization?: string | undefined;
}

export const DEFAULT_LAST_BLOCKS = 5;
/** Shorter waits are nobody's business. */
const NOTED_WAIT_MS = 5_000;

export function isNode(source: string): boolean {
  return /^https?:/i.test(source);
}

export function openNode(source: string, flags: NodeSourceFlags, settings: NodeSettings = {}): NodeSource {
  if (flags.from !== undefined && flags.blocks !== undefined) {
    throw new LanecastError(
      'INVALID_ARGUMENT',
      '--blocks counts back from the last block: give --from or --blocks, not both.',
    );
  }
  const { clock = systemClock(), random = Math.random } = settings;
  const { concurrency, batchSize, timeoutMs, confirmations } = { ...NODE_DEFAULTS, ...flags };
  const endpoint = parseEndpoint(source, settings.authorization);
  const ending = new AbortController();
  const client = createRpcClient({
    ...{ endpoint, clock, random, concurrency, batchSize, timeoutMs, signal: ending.signal },
    onWait: (waitMs, problem) => {
      if (waitMs >= NOTED_WAIT_MS)
        printNotice(`notice: ${endpoint.name}: ${problem}; waiting ${Math.ceil(waitMs / 1_000)} s`);
    },
  });
  const node = createNode(client, { clock, random, timeoutMs, signal: ending.signal });
  let spanning: Promise<BlockSpan> | undefined;
  const span = (resumeFrom: number | null = null): Promise<BlockSpan> =>
    (spanning ??= findSpan(node, flags, { confirmations, resumeFrom }));
  return {
    ...{ node, clock, random, concurrency, batchSize, confirmations, span },
    async *blocks() {
      const range: RangeOptions = { ...(await span()), concurrency, clock, random, signal: ending.signal };
      yield* readRange(node, range);
    },
    close: () => ending.abort(),
  };
}

/** Of the flags of a command those that are for nodes, as far as they were given. */
export function nodeFlagsOf(flags: NodeSourceFlags): NodeSourceFlags {
  const { blocks, from, to, confirmations, concurrency, batchSize, timeoutMs } = flags;
  const picked = { blocks, from, to, confirmations, concurrency, batchSize, timeoutMs };
  return Object.fromEntries(Object.entries(picked).filter(([, value]) => value !== undefined));
}

/** A source for messages: of a node no more than scheme, host and port. */
export function shownSource(source: string): string {
  return isNode(source) ? parseEndpoint(source).name : source;
}

interface SpanDefaults {
  readonly confirmations: number;
  readonly resumeFrom: number | null;
}

async function findSpan(node: EthereumNode, flags: NodeSourceFlags, defaults: SpanDefaults): Promise<BlockSpan> {
  if (typeof flags.to === 'number' && flags.confirmations !== undefined) {
    throw new LanecastError('INVALID_ARGUMENT', '--confirmations is for the latest block; --to names another one.');
  }
  const head = await node.head();
  const to = typeof flags.to === 'number' ? flags.to : head - defaults.confirmations;
  if (to > head)
    throw new LanecastError('INVALID_ARGUMENT', `--to ${to}: the latest block of ${node.name} is ${head}.`);
  const from = flags.from ?? firstOf(to, flags.blocks, defaults.resumeFrom);
  if (from > to || to < 0) {
    const end = typeof flags.to === 'number' ? `--to ${to}` : `the last block, ${to},`;
    throw new LanecastError('INVALID_ARGUMENT', `There is no block from ${from} on: ${end} comes before it.`);
  }
  return { from, to };
}

function firstOf(to: number, blocks: number | undefined, resumeFrom: number | null): number {
  if (blocks === undefined && resumeFrom !== null) return Math.min(resumeFrom, to);
  return Math.max(0, to - (blocks ?? DEFAULT_LAST_BLOCKS) + 1);
}
