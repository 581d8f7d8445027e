import type { Database } from './client.js';
import { criticalPathGas } from './critical-path.js';
import { decodeInteger, decodeList } from './decode.js';
import { blockPages, type StoredBlock } from './queries.js';
import { committedInRange, inRange, type BlockRange, type Condition } from './range.js';

/** How much the accesses of one block leave to parallel execution. */
export interface BlockStats {
  readonly chainId: number;
  readonly number: number;
  readonly transactions: number;
  readonly accesses: number;
  /** Of its transactions. */
  readonly gasUsed: number;
  /** Ordered pairs (i < j) where j reads or writes a storage slot that i wrote. */
  readonly conflictPairs: number;
  /** `conflictPairs` over all n (n - 1) / 2 pairs; null below two transactions. */
  readonly conflictDensity: number | null;
  /** Transactions that access a slot which an earlier one wrote. */
  readonly dependentTransactions: number;
  /** The same, or that access an account which an earlier one wrote or added to, the fee recipient's left out. */
  readonly dependentTransactionsWithAccounts: number;
  /** Gas of the longest chain of dependent transactions, accounts counted. */
  readonly criticalPathGas: number;
  /** `gasUsed` over `criticalPathGas`: the limit of speed-up where gas is time and no credit commutes. Null without gas. */
  readonly speedupBound: number | null;
}

/** Statistics of the blocks of a range, by chain and number. Code keys count for nothing here: they rarely change. */
export async function* readBlockStats(database: Database, range: BlockRange): AsyncGenerator<BlockStats> {
  for await (const page of blockPages(database, range)) {
    const [first, last] = [page[0]?.stored, page.at(-1)?.stored];
    const pageRange = { chainId: first?.chainId, from: first?.header.number, to: last?.header.number };
    const gasUsed = await readGasUsed(database, pageRange);
    const waiting = await readWaiting(database, pageRange);
    const conflictPairs = await readConflictPairs(database, pageRange);
    for (const { stored } of page) {
      const { number } = stored.header;
      yield describe(stored, {
        gasUsed: gasUsed.get(number) ?? [],
        waiting: waiting.get(number) ?? NOBODY_WAITS,
        conflictPairs: conflictPairs.get(number) ?? 0,
      });
    }
  }
}

interface Waiting {
  /** Pairs [later, earlier] of transaction indices; for each key that `later` accesses, its latest earlier changer. */
  readonly edges: readonly (readonly [later: number, earlier: number])[];
  readonly throughSlots: number;
  readonly inAll: number;
}

const NOBODY_WAITS: Waiting = { edges: [], throughSlots: 0, inAll: 0 };

interface BlockFacts {
  readonly gasUsed: readonly number[];
  readonly waiting: Waiting;
  readonly conflictPairs: number;
}

function describe(block: StoredBlock, { gasUsed, waiting, conflictPairs }: BlockFacts): BlockStats {
  const totalGas = gasUsed.reduce((sum, gas) => sum + gas, 0);
  const longestGas = criticalPathGas(gasUsed, blockersOf(gasUsed.length, waiting));
  const pairs = (block.transactions * (block.transactions - 1)) / 2;
  return {
    chainId: block.chainId,
    number: block.header.number,
    transactions: block.transactions,
    accesses: block.accesses,
    gasUsed: totalGas,
    conflictPairs,
    conflictDensity: pairs === 0 ? null : conflictPairs / pairs,
    dependentTransactions: waiting.throughSlots,
    dependentTransactionsWithAccounts: waiting.inAll,
    criticalPathGas: longestGas,
    speedupBound: longestGas === 0 ? null : totalGas / longestGas,
  };
}

function blockersOf(transactions: number, waiting: Waiting): number[][] {
  const blockers = Array.from({ length: transactions }, (): number[] => []);
  for (const [later, earlier] of waiting.edges) blockers[later]?.push(earlier);
  return blockers;
}

// ---------------------------------------------------------------------------------------------------------- SQL

async function readGasUsed(database: Database, range: BlockRange): Promise<ReadonlyMap<number, number[]>> {
  const { sql: condition, params } = committedInRange(range);
  const sql = `SELECT block_number, arrayMap(pair -> pair.2, arraySort(groupArray((transaction_index, gas_used)))) AS gas
    FROM transactions WHERE ${condition} GROUP BY block_number`;
  const rows = await database.select(
    { sql, params },
    (row) => [decodeInteger(row, 'block_number'), decodeList(row, 'gas').map(Number)] as const,
  );
  return new Map(rows);
}

/**
 * A transaction waits for all earlier ones that changed a key which it accesses. Those wait for each other in turn, so
 * the latest one stands for all: it is the running maximum of the changers' indices (plus one, as 0 means none).
 */
async function readWaiting(database: Database, range: BlockRange): Promise<ReadonlyMap<number, Waiting>> {
  const touched = touchedKeys(range);
  const sql = `SELECT block_number, groupUniqArray((transaction_index, changer - 1)) AS edges,
      uniqExactIf(transaction_index, field = 'slot') AS through_slots, uniqExact(transaction_index) AS in_all
    FROM (
      SELECT block_number, transaction_index, field, max(if(changes, transaction_index + 1, 0)) OVER (
        PARTITION BY block_number, address, field, slot ORDER BY transaction_index
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS changer
      FROM (${touched.sql}))
    WHERE changer > 0 GROUP BY block_number`;
  const rows = await database.select({ sql, params: touched.params }, (row) => {
    const edges = decodeList(row, 'edges').map(toEdge);
    const counts = { throughSlots: decodeInteger(row, 'through_slots'), inAll: decodeInteger(row, 'in_all') };
    return [decodeInteger(row, 'block_number'), { edges, ...counts }] as const;
  });
  return new Map(rows);
}

async function readConflictPairs(database: Database, range: BlockRange): Promise<ReadonlyMap<number, number>> {
  const touched = touchedKeys(range);
  const sql = `SELECT block_number, uniqExactArray(arrayFlatten(arrayMap(
      i -> arrayMap(j -> (i, j), arrayFilter(j -> j > i, users)), changers))) AS pairs
    FROM (
      SELECT block_number, groupArray(transaction_index) AS users, groupArrayIf(transaction_index, changes) AS changers
      FROM (${touched.sql}) WHERE field = 'slot' GROUP BY block_number, address, slot)
    GROUP BY block_number`;
  const rows = await database.select(
    { sql, params: touched.params },
    (row) => [decodeInteger(row, 'block_number'), decodeInteger(row, 'pairs')] as const,
  );
  return new Map(rows);
}

/** One row a transaction and key that it accesses, and whether it changes the key; without code and fee recipients. */
function touchedKeys(range: BlockRange): Condition {
  const { sql: condition, params } = committedInRange(range);
  const feeRecipients = `SELECT number, fee_recipient FROM blocks FINAL WHERE ${inRange(range).sql}`;
  const sql = `SELECT block_number, address, field, slot, transaction_index, max(kind != 'read') AS changes
    FROM accesses
    WHERE ${condition} AND field != 'code' AND (field = 'slot' OR (block_number, address) NOT IN (${feeRecipients}))
    GROUP BY block_number, address, field, slot, transaction_index`;
  return { sql, params };
}

function toEdge(pair: unknown): readonly [later: number, earlier: number] {
  const [later, earlier] = pair as readonly [unknown, unknown];
  return [Number(later), Number(earlier)];
}
