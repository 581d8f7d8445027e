import type { Address, Hash } from '../../types.js';
import { readBlockStats, type BlockStats } from './block-stats.js';
import type { Database } from './client.js';
import { decodeHex, decodeInteger } from './decode.js';
import { readChains } from './queries.js';
import { committedInRange, type BlockRange } from './range.js';

export interface HotKey {
  readonly address: Address;
  /** Null for the key of an account. */
  readonly slot: Hash | null;
  readonly reads: number;
  readonly writes: number;
  readonly adds: number;
  /** Transactions that access the key in any way. */
  readonly transactions: number;
  readonly blocks: number;
}

export type HotKeyMeasure = 'reads' | 'writes' | 'adds' | 'transactions' | 'blocks';

/** Over the blocks where the quantity is defined. */
export interface Distribution {
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

/** What the blocks of one chain have in common; see `BlockStats` for the definitions. */
export interface ChainStats {
  readonly chainId: number;
  readonly firstBlock: number;
  readonly lastBlock: number;
  readonly blocks: number;
  readonly transactions: number;
  readonly accesses: number;
  readonly gasUsed: number;
  readonly conflictPairs: number;
  /** Per block; null where no block has two transactions. */
  readonly conflictDensity: Distribution | null;
  /** Share of all transactions, 0 to 1; null without transactions. */
  readonly dependentShare: number | null;
  readonly dependentShareWithAccounts: number | null;
  /** Per block; null where no block used gas. */
  readonly speedupBound: Distribution | null;
  /** Hottest first. */
  readonly hotSlots: readonly HotKey[];
  /** Hottest first, fee recipients included. */
  readonly hotAccounts: readonly HotKey[];
}

export interface StatsOptions extends BlockRange {
  /** Length of each list of hot keys; 20 unless told. */
  readonly hotKeys?: number | undefined;
  /** What makes a key hot; `transactions` unless told. */
  readonly hottestBy?: HotKeyMeasure | undefined;
}

export interface HotKeysQuery extends StatsOptions {
  readonly chainId: number;
  readonly field: 'slot' | 'account';
}

/** Statistics of each chain that has blocks in the range, by chain id. */
export async function readStats(database: Database, options: StatsOptions): Promise<ChainStats[]> {
  const stats: ChainStats[] = [];
  for (const { chainId } of await readChains(database)) {
    if (options.chainId !== undefined && options.chainId !== chainId) continue;
    const summary = await summarize(readBlockStats(database, { ...options, chainId }));
    if (summary === null) continue;
    const hotSlots = await readHotKeys(database, 'slot', { ...options, chainId });
    const hotAccounts = await readHotKeys(database, 'account', { ...options, chainId });
    stats.push({ chainId, ...summary, hotSlots, hotAccounts });
  }
  return stats;
}

type Summary = Omit<ChainStats, 'chainId' | 'hotSlots' | 'hotAccounts'>;

/** Keeps running values only, whatever the number of blocks. Null without blocks. */
async function summarize(blocks: AsyncIterable<BlockStats>): Promise<Summary | null> {
  const [density, bound] = [new RunningDistribution(), new RunningDistribution()];
  const sums = { blocks: 0, transactions: 0, accesses: 0, gasUsed: 0, conflictPairs: 0 };
  const dependent = { throughSlots: 0, inAll: 0 };
  const ends = { firstBlock: Infinity, lastBlock: 0 };
  for await (const block of blocks) {
    ends.firstBlock = Math.min(ends.firstBlock, block.number);
    ends.lastBlock = block.number;
    sums.blocks += 1;
    sums.transactions += block.transactions;
    sums.accesses += block.accesses;
    sums.gasUsed += block.gasUsed;
    sums.conflictPairs += block.conflictPairs;
    dependent.throughSlots += block.dependentTransactions;
    dependent.inAll += block.dependentTransactionsWithAccounts;
    density.add(block.conflictDensity);
    bound.add(block.speedupBound);
  }
  if (sums.blocks === 0) return null;
  return {
    ...ends,
    ...sums,
    conflictDensity: density.result(),
    dependentShare: share(dependent.throughSlots, sums.transactions),
    dependentShareWithAccounts: share(dependent.inAll, sums.transactions),
    speedupBound: bound.result(),
  };
}

class RunningDistribution {
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = -Infinity;

  add(value: number | null): void {
    if (value === null) return;
    this.#count += 1;
    this.#sum += value;
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
  }

  result(): Distribution | null {
    return this.#count === 0 ? null : { mean: this.#sum / this.#count, min: this.#min, max: this.#max };
  }
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** The hottest keys of a kind in a range, hottest first. */
export async function readHotKeys(
  database: Database,
  field: 'slot' | 'account',
  options: StatsOptions,
): Promise<HotKey[]> {
  const { sql: condition, params } = committedInRange(options);
  const sql = `SELECT lower(hex(address)) AS address_hex, lower(hex(slot)) AS slot_hex,
      countIf(kind = 'read') AS reads, countIf(kind = 'write') AS writes, countIf(kind = 'add') AS adds,
      uniqExact((block_number, transaction_index)) AS transactions, uniqExact(block_number) AS blocks
    FROM accesses WHERE ${condition} AND field = '${field}'
    GROUP BY address, slot ORDER BY ${options.hottestBy ?? 'transactions'} DESC, address, slot LIMIT {limit:UInt32}`;
  const limit = options.hotKeys ?? 20;
  return database.select({ sql, params: { ...params, limit } }, (row) => ({
    address: decodeHex(row, 'address_hex'),
    slot: field === 'slot' ? decodeHex(row, 'slot_hex') : null,
    reads: decodeInteger(row, 'reads'),
    writes: decodeInteger(row, 'writes'),
    adds: decodeInteger(row, 'adds'),
    transactions: decodeInteger(row, 'transactions'),
    blocks: decodeInteger(row, 'blocks'),
  }));
}
