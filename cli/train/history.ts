import type { ExpressionSummary, Store } from '../../datasets/store/index.js';
import { LanecastError } from '../../errors.js';
import { keccak256, type ReferenceExecutor } from '../../executor/reference/index.js';
import { importStatistics, learnExpressions } from '../../model/accesses/exchange.js';
import { MAX_EXPRESSIONS } from '../../model/accesses/expression-counts.js';
import { Evidence } from '../../model/evidence.js';
import type { BlockRecord, SourceBlock } from '../../types.js';
import { requireNext } from '../evaluate/split.js';
import { recordsOf } from '../record-of.js';
import type { BlockSpan } from '../node-source.js';
import { parseChainId } from '../source.js';

/** What is learned block by block. */
export interface History {
  /** Of the blocks, ascending. */
  readonly numbers: readonly number[];
  records(): AsyncIterable<BlockRecord>;
}

/** Blocks of a source that can be read twice: the numbers first, nothing executed, unless its span is known. */
export async function readHistory(
  open: () => AsyncIterable<SourceBlock>,
  { until, span }: { readonly until: number; readonly span?: BlockSpan | undefined },
  executor: ReferenceExecutor,
): Promise<History> {
  const blocks = (): AsyncIterable<SourceBlock> => blocksUntil(open(), until);
  const numbers = span === undefined ? await numbersOf(blocks()) : numbersIn(span, until);
  return { numbers, records: () => recordsOf(blocks(), executor) };
}

async function numbersOf(blocks: AsyncIterable<SourceBlock>): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { header } of blocks) numbers.push(header.number);
  return numbers;
}

function numbersIn({ from, to }: BlockSpan, until: number): number[] {
  if (from > until) throw nothingUntil(until, from);
  return Array.from({ length: Math.min(to, until) - from + 1 }, (_, index) => from + index);
}

/** Blocks of one chain, ascending. Throws INVALID_ARGUMENT where the first is beyond the limit. */
async function* blocksUntil(blocks: AsyncIterable<SourceBlock>, until: number): AsyncGenerator<SourceBlock> {
  let last: SourceBlock | null = null;
  for await (const block of blocks) {
    if (last !== null) requireNext(last, block);
    if (block.header.number > until) {
      if (last === null) throw nothingUntil(until, block.header.number);
      return;
    }
    last = block;
    yield block;
  }
  if (last === null) throw new LanecastError('SOURCE_NOT_FOUND', 'The source holds no blocks.');
}

function nothingUntil(until: number, first: number): LanecastError {
  return new LanecastError('INVALID_ARGUMENT', `There is no block up to ${until} to learn: the first is ${first}.`);
}

/** What a store holds of one chain, of which the last `window` blocks are learned one by one. */
export interface StoredHistory extends History {
  readonly chainId: number;
  /** Blocks before those, and the last of them; null where there are none. */
  readonly earlier: { readonly blocks: number; readonly last: number } | null;
}

export async function readStoredHistory(
  source: string,
  store: Store,
  { until, window }: { readonly until: number; readonly window: number },
): Promise<StoredHistory> {
  const chainId = await chainOf(source, store);
  const all: number[] = [];
  let first: number | null = null;
  for await (const { header } of store.blocks({ chainId })) {
    first ??= header.number;
    if (header.number > until) break;
    all.push(header.number);
  }
  if (first !== null && all.length === 0) throw nothingUntil(until, first);
  const numbers = all.slice(-window);
  const earlier = all.slice(0, all.length - numbers.length);
  const [from, to, lastEarlier] = [numbers.at(0), numbers.at(-1), earlier.at(-1)];
  return {
    chainId,
    numbers,
    records: () => store.records({ chainId, from, to }),
    earlier: lastEarlier === undefined ? null : { blocks: earlier.length, last: lastEarlier },
  };
}

/** A model is of one chain. */
async function chainOf(source: string, store: Store): Promise<number> {
  const named = parseChainId(source);
  const chainIds = (await store.chains()).map(({ chainId }) => chainId);
  const candidates = named === undefined ? chainIds : chainIds.filter((chainId) => chainId === named);
  const [chainId] = candidates;
  if (chainId === undefined) {
    const what = named === undefined ? 'no blocks' : `no blocks of chain ${named}`;
    const message = `The store in ${store.target} holds ${what}; lanecast ingest adds some.`;
    throw new LanecastError('SOURCE_NOT_FOUND', message);
  }
  if (candidates.length > 1) {
    const message = `The store in ${store.target} holds chains ${chainIds.join(', ')}, and a model is of one: name it, as in store:${chainId}.`;
    throw new LanecastError('INVALID_ARGUMENT', message);
  }
  return chainId;
}

/**
 * Writes into the store what its blocks up to one teach about accesses, as far as it is not there. Contracts are known from the
 * first block on that lacks it.
 */
export async function mineExpressions(
  store: Store,
  { chainId, to, halfLifeBlocks }: { readonly chainId: number; readonly to: number; readonly halfLifeBlocks: number },
): Promise<ExpressionSummary> {
  const missing = new Set(await store.blocksWithoutExpressions({ chainId, to }));
  const [first] = missing;
  if (first === undefined) return { blocks: 0, added: 0, alreadyPresent: 0, calls: 0 };
  const evidence = new Evidence({ keccak256, halfLifeBlocks });
  async function* mined(): AsyncGenerator<ReturnType<typeof learnExpressions>> {
    for await (const record of store.records({ chainId, from: first, to })) {
      const expressions = learnExpressions(evidence, record);
      if (missing.has(record.header.number)) yield expressions;
    }
  }
  return store.writeExpressions(mined());
}

/** Gives evidence the access statistics of the blocks up to one, from SQL; answers the number of subjects. */
export function importAccessStatistics(
  evidence: Evidence,
  store: Store,
  { chainId, until }: { readonly chainId: number; readonly until: number },
): Promise<number> {
  const { halfLifeBlocks } = evidence.options;
  const options = { chainId, until, halfLifeBlocks, maxExpressions: MAX_EXPRESSIONS };
  return importStatistics(evidence, store.expressionStatistics(options));
}
