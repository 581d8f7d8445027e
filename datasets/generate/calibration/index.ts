import type { BlockRecord, TransactionRecord } from '../../../types.js';
import { findConflicts, nameOf, type BlockConflicts } from './conflicts.js';
import { countSandwiches } from './sandwiches.js';
import { mean, quantile, zipfExponent } from './statistics.js';

/** A figure of the load: what mainnet shows, and what the blocks at hand show. */
export interface CalibrationRow {
  readonly figure: string;
  readonly asked: string;
  /** NaN where the blocks do not tell. */
  readonly got: number;
}

/** ERC-20 `transfer` and `transferFrom`. */
const TOKEN_SELECTORS: readonly string[] = ['0xa9059cbb', '0x23b872dd'];
/** Share of a block's conflicting transactions that are taken for its hubs. */
const HUB_SHARE = 0.1;

interface BlockFigures {
  readonly transactions: number;
  readonly gasUsed: number;
  readonly longestGasShare: number;
  /** Null where a transaction has no time. */
  readonly longestTimeShare: number | null;
  readonly sandwiches: number;
  readonly conflicts: BlockConflicts;
}

/**
 * Measures blocks against the figures of mainnet that the profile `mainnet` is calibrated to. Definitions: a payment has
 * no input and a recipient; an ERC-20 transaction calls `transfer` or `transferFrom`; a slot is read (written) once by
 * each transaction that has a read (write) of it; an account's popularity is the number of transactions that touch its
 * address in any way, the fee recipient's aside; the longest transaction is taken per block, then averaged.
 */
export class Calibration {
  readonly #blocks: BlockFigures[] = [];
  readonly #slotUses = new Map<string, number>();
  readonly #accountUses = new Map<string, number>();
  #payments = 0;
  #tokenTransfers = 0;
  #slotReads = 0;
  #slotWrites = 0;

  add(record: BlockRecord): void {
    const { transactions } = record;
    for (const transaction of transactions) this.#addTransaction(transaction, record.header.feeRecipient);
    const gases = transactions.map(({ gasUsed }) => gasUsed);
    const gasUsed = gases.reduce((sum, gas) => sum + gas, 0);
    this.#blocks.push({
      transactions: transactions.length,
      gasUsed,
      longestGasShare: Math.max(0, ...gases) / gasUsed,
      longestTimeShare: longestTimeShare(transactions),
      sandwiches: countSandwiches(record),
      conflicts: findConflicts(record),
    });
  }

  rows(): readonly CalibrationRow[] {
    return [...this.#sizeRows(), ...this.#mixRows(), ...this.#popularityRows(), ...this.#conflictRows()];
  }

  #addTransaction({ transaction, accesses }: TransactionRecord, feeRecipient: string): void {
    if (transaction.input === '0x' && transaction.to !== null) this.#payments += 1;
    if (TOKEN_SELECTORS.includes(transaction.input.slice(0, 10))) this.#tokenTransfers += 1;
    const slots = accesses.filter(({ field }) => field === 'slot');
    this.#slotReads += slots.filter(({ kind }) => kind === 'read').length;
    this.#slotWrites += slots.filter(({ kind }) => kind === 'write').length;
    countAll(this.#slotUses, new Set(slots.map(nameOf)));
    const accounts = new Set(accesses.map(({ address }) => address).filter((address) => address !== feeRecipient));
    countAll(this.#accountUses, accounts);
  }

  #sizeRows(): CalibrationRow[] {
    const counts = this.#blocks.map(({ transactions }) => transactions);
    const totalGas = this.#sum(({ gasUsed }) => gasUsed);
    const timeShares = this.#blocks.flatMap(({ longestTimeShare: share }) => share ?? []);
    return [
      { figure: 'transactions per block, p10', asked: '98', got: quantile(counts, 0.1) },
      { figure: 'transactions per block, p50', asked: '195', got: quantile(counts, 0.5) },
      { figure: 'transactions per block, p90', asked: '473', got: quantile(counts, 0.9) },
      { figure: 'gas per transaction', asked: '71000', got: totalGas / this.#transactions },
      {
        figure: 'longest transaction, share of the block’s gas',
        asked: '0.18',
        got: mean(this.#blocks.map(({ longestGasShare }) => longestGasShare)),
      },
      { figure: 'longest transaction, share of the block’s time', asked: '0.18', got: mean(timeShares) },
    ];
  }

  #mixRows(): CalibrationRow[] {
    const sandwiched = this.#blocks.filter(({ sandwiches }) => sandwiches > 0).length;
    return [
      { figure: 'plain transfers', asked: '0.29', got: this.#payments / this.#transactions },
      { figure: 'ERC-20 transfers', asked: '0.25', got: this.#tokenTransfers / this.#transactions },
      { figure: 'slot reads per write', asked: '2.6', got: this.#slotReads / this.#slotWrites },
      { figure: 'blocks with a sandwich', asked: '1', got: sandwiched / this.#blocks.length },
    ];
  }

  #popularityRows(): CalibrationRow[] {
    const [slots, accounts] = [this.#slotUses.values(), this.#accountUses.values()].map(zipfExponent);
    return [
      { figure: 'Zipf exponent of slot popularity', asked: '0.92–0.96', got: slots ?? Number.NaN },
      { figure: 'Zipf exponent of account popularity', asked: '0.93–0.97', got: accounts ?? Number.NaN },
    ];
  }

  #conflictRows(): CalibrationRow[] {
    const bounds = this.#blocks.map(({ conflicts }) => conflicts.parallelismBound);
    const slotDependents = this.#sum(({ conflicts }) => conflicts.slotDependents);
    const dependents = this.#sum(({ conflicts }) => conflicts.dependents);
    return [
      {
        figure: 'dependent on an earlier transaction by slots',
        asked: '0.186',
        got: slotDependents / this.#transactions,
      },
      { figure: 'the same, accounts counted', asked: '0.568', got: dependents / this.#transactions },
      { figure: 'speed-up that the critical path allows, mean', asked: '5.4', got: mean(bounds) },
      { figure: 'the same, lowest', asked: '1.5', got: Math.min(...bounds) },
      { figure: 'the same, highest', asked: '11.5', got: Math.max(...bounds) },
      { figure: 'conflicts in the first half, of those within a half', asked: '> 0.5', got: this.#firstHalfShare() },
      {
        figure: 'conflicts that touch the top tenth of conflicting transactions',
        asked: '> 0.19',
        got: this.#hubShare(),
      },
    ];
  }

  /** Of the conflicts with both transactions in the same half of their block. Without a bias it is one half. */
  #firstHalfShare(): number {
    let [first, second] = [0, 0];
    for (const { transactions, conflicts } of this.#blocks) {
      first += conflicts.pairs.filter(([, later]) => later < transactions / 2).length;
      second += conflicts.pairs.filter(([earlier]) => earlier >= transactions / 2).length;
    }
    return first / (first + second);
  }

  /** In a star-shaped graph few hubs touch many edges; without hubs a tenth of the nodes touches 0.19 of them. */
  #hubShare(): number {
    const covered = this.#sum(({ conflicts }) => countAtHubs(conflicts.pairs));
    return covered / this.#sum(({ conflicts }) => conflicts.pairs.length);
  }

  get #transactions(): number {
    return this.#sum(({ transactions }) => transactions);
  }

  #sum(figure: (block: BlockFigures) => number): number {
    return this.#blocks.reduce((sum, block) => sum + figure(block), 0);
  }
}

/** The rows of Calibration over a list of blocks. */
export function calibrate(records: Iterable<BlockRecord>): readonly CalibrationRow[] {
  const calibration = new Calibration();
  for (const record of records) calibration.add(record);
  return calibration.rows();
}

function longestTimeShare(transactions: readonly TransactionRecord[]): number | null {
  const timesNs = transactions.flatMap(({ executionNs }) => executionNs ?? []);
  if (timesNs.length < transactions.length) return null;
  return Math.max(0, ...timesNs) / timesNs.reduce((sum, ns) => sum + ns, 0);
}

function countAtHubs(pairs: BlockConflicts['pairs']): number {
  const degrees = new Map<number, number>();
  for (const pair of pairs) countAll(degrees, pair);
  const byDegree = [...degrees].toSorted((a, b) => b[1] - a[1]);
  const hubs = new Set(byDegree.slice(0, Math.ceil(HUB_SHARE * byDegree.length)).map(([transaction]) => transaction));
  return pairs.filter((pair) => pair.some((transaction) => hubs.has(transaction))).length;
}

function countAll<K>(counts: Map<K, number>, keys: Iterable<K>): void {
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
}
