import type { SectionReader } from '../artifact/section-reader.js';
import type { SectionWriter } from '../artifact/section-writer.js';
import { NO_SELECTOR } from '../calls/decode.js';
import type { BlockCall } from '../conflicts/block-call.js';
import type { ColumnNames } from '../tables/numbering.js';
import { evidenceLevel } from '../tables/levels.js';
import { PairTable } from '../tables/pair-table.js';
import { intrinsicGas } from './intrinsic-gas.js';
import { RecentValues, type ValueSummary } from './recent-values.js';

/** From the particular to the general. */
export const COST_SUBJECTS = ['sender', 'argument', 'function', 'code', 'selector', 'contract'] as const;
/** What names the subjects of each kind. */
export const COST_COLUMNS: readonly ColumnNames[] = [
  ['word', 'function'],
  ['word', 'function'],
  ['function', 'plain'],
  ['codeFunction', 'plain'],
  ['plain', 'plain'],
  ['word', 'plain'],
];
const [SENDER, ARGUMENT, FUNCTION, CODE, SELECTOR, CONTRACT] = [0, 1, 2, 3, 4, 5] as [
  number,
  number,
  number,
  number,
  number,
  number,
];
const PER_SUBJECT = 5;
export const COST_FEATURES = COST_SUBJECTS.length * PER_SUBJECT + 12;

/** Features of one call, and what its quantiles are relative to. */
export interface CostFeatures {
  readonly values: Float32Array;
  /** Binary logarithm of the best plain guess. */
  readonly base: number;
}

/** Where nothing is known, a share of the gas limit. */
const DEFAULT_RATIO = 0.6;
const MAX_DISTANCE = 4;

export interface CostName {
  readonly first: number;
  readonly second: number;
}

export interface NamedValues extends CostName {
  /** Values ever counted, and the block of the last. */
  readonly count: number;
  readonly block: number;
}

const ALL = 0;
const NO_SUMMARIES: readonly undefined[] = COST_SUBJECTS.map(() => undefined);

/** The last costs of calls, by what they have in common, in any unit. */
export class CostStatistics {
  readonly #tables = COST_SUBJECTS.map(() => new PairTable());
  #recent = COST_SUBJECTS.map(() => new RecentValues());
  /** One row. */
  #all = new RecentValues();

  count(call: BlockCall, cost: number, block: number): void {
    if (cost <= 0) return;
    const entry = { value: cost, ratio: cost / call.call.transaction.gasLimit };
    this.#all.add(ALL, entry, block);
    for (const [kind, first, second] of subjectsOf(call)) {
      const { names, recent } = this.#of(kind);
      recent.add(names.add(first, second), entry, block);
    }
  }

  describe(call: BlockCall): CostFeatures {
    const { transaction } = call.call;
    const known: (ValueSummary | undefined)[] = [...NO_SUMMARIES];
    for (const [kind, first, second] of subjectsOf(call)) known[kind] ??= this.#find(kind, first, second);
    const ratio = known.find((recent) => recent !== undefined)?.medianRatio ?? this.#defaultRatio();
    const guess = call.call.to < 0 ? undefined : baseOf(known);
    const base = Math.log2(Math.max(1, guess ?? ratio * transaction.gasLimit));
    const values = new Float32Array(COST_FEATURES);
    let position = 0;
    const put = (value: number): void => {
      values[position++] = value;
    };
    const relative = (cost: number): number => clamp(Math.log2(Math.max(1, cost)) - base);
    for (const recent of known) {
      const { median, low, high, last, medianRatio, count } = recent ?? NO_SUMMARY;
      put(recent === undefined ? 0 : relative(median));
      put(recent === undefined ? 0 : relative(last));
      put(recent === undefined ? 0 : relative(high) - relative(low));
      put(recent === undefined ? 0 : relative(medianRatio * transaction.gasLimit));
      put(evidenceLevel(count));
    }
    const intrinsic = intrinsicGas(call.call);
    put(relative(transaction.gasLimit));
    put(relative(intrinsic));
    put(Math.log2(transaction.gasLimit));
    put(base);
    put(evidenceLevel(call.call.nonzeroBytes));
    put(evidenceLevel(call.call.zeroBytes));
    put(transaction.valueWei > 0n ? 1 : 0);
    put(call.call.selector !== NO_SELECTOR ? 1 : 0);
    put(call.call.to < 0 ? 1 : 0);
    put(evidenceLevel(sumOf(call.readEvidence)));
    put(evidenceLevel(sumOf(call.writeEvidence)));
    put(evidenceLevel(call.call.addresses.length));
    return { values, base };
  }

  get size(): number {
    return this.#tables.reduce((sum, table) => sum + table.size, 0);
  }

  /** Memory held, in bytes, roughly. */
  get byteLength(): number {
    return [...this.#tables, ...this.#recent].reduce((sum, { byteLength }) => sum + byteLength, this.#all.byteLength);
  }

  /** Every subject of a kind, a position in `COST_SUBJECTS`, with its name. */
  *entries(kind: number): Generator<NamedValues> {
    const { names, recent } = this.#of(kind);
    for (let row = 0; row < names.size; row++) {
      yield { first: names.first(row), second: names.second(row), count: recent.count(row), block: recent.block(row) };
    }
  }

  /** Copies what others know of a subject under a name that is new here. */
  copy(kind: number, name: CostName, from: CostStatistics, source: CostName): void {
    const [{ names, recent }, other] = [this.#of(kind), from.#of(kind)];
    recent.copyRow(names.add(name.first, name.second), other.recent, other.names.find(source.first, source.second));
  }

  /** Takes over what others know of all calls together. */
  copyTotals(from: CostStatistics): void {
    this.#all = new RecentValues();
    this.#all.copyRow(ALL, from.#all, ALL);
  }

  save(to: SectionWriter): void {
    this.#all.save(to.within('all'), 1);
    for (const [kind, table] of this.#tables.entries()) {
      const section = to.within(COST_SUBJECTS[kind] ?? '');
      table.save(section);
      this.#of(kind).recent.save(section, table.size);
    }
  }

  /** Takes over what was saved in place of what was learned. */
  restore(from: SectionReader): void {
    this.#all = new RecentValues();
    this.#all.restore(from.within('all'), 1);
    this.#recent = COST_SUBJECTS.map(() => new RecentValues());
    for (const [kind, table] of this.#tables.entries()) {
      const section = from.within(COST_SUBJECTS[kind] ?? '');
      table.restore(section);
      this.#of(kind).recent.restore(section, table.size);
    }
  }

  #find(kind: number, first: number, second: number): ValueSummary | undefined {
    const { names, recent } = this.#of(kind);
    const row = names.find(first, second);
    return row < 0 ? undefined : recent.summary(row);
  }

  #of(kind: number): { readonly names: PairTable; readonly recent: RecentValues } {
    const [names, recent] = [this.#tables[kind], this.#recent[kind]];
    if (names === undefined || recent === undefined) throw new RangeError(`no such kind of subject: ${kind}`);
    return { names, recent };
  }

  #defaultRatio(): number {
    return this.#all.count(ALL) === 0 ? DEFAULT_RATIO : this.#all.summary(ALL).medianRatio;
  }
}

const NO_SUMMARY = { median: 0, low: 0, high: 0, last: 0, medianRatio: 0, count: 0 };

/** The last cost of the same sender's call, else the median of what is most alike. */
function baseOf(known: readonly (ValueSummary | undefined)[]): number | undefined {
  return known[SENDER]?.last ?? known[FUNCTION]?.median ?? known[CODE]?.median;
}

function* subjectsOf({ call, functionId, codeFunctionId }: BlockCall): Generator<readonly [number, number, number]> {
  if (functionId < 0) return;
  yield [SENDER, call.from, functionId];
  for (const address of call.addresses) yield [ARGUMENT, address, functionId];
  yield [FUNCTION, functionId, 0];
  if (call.to < 0) return;
  yield [CODE, codeFunctionId, 0];
  yield [SELECTOR, call.selector, 0];
  yield [CONTRACT, call.to, 0];
}

function sumOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

function clamp(distance: number): number {
  return Math.max(-MAX_DISTANCE, Math.min(MAX_DISTANCE, distance));
}
