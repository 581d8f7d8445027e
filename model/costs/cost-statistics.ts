import type { SectionReader } from '../artifact/section-reader.js';
import type { SectionWriter } from '../artifact/section-writer.js';
import { NO_SELECTOR } from '../calls/decode.js';
import type { BlockCall } from '../conflicts/block-call.js';
import type { ColumnNames } from '../tables/numbering.js';
import { evidenceLevel } from '../tables/levels.js';
import { PairTable } from '../tables/pair-table.js';
import { intrinsicGas } from './intrinsic-gas.js';
import { at } from '../numbers.js';
import { RECENT_CAPACITY, RecentValues } from './recent-values.js';

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

export interface NamedValues {
  readonly first: number;
  readonly second: number;
  readonly values: RecentValues;
}

/** One `RecentValues` and its place in an array, as measured. */
const RECENT_VALUES_BYTES = 650;

/** The last costs of calls, by what they have in common, in any unit. */
export class CostStatistics {
  readonly #tables = COST_SUBJECTS.map(() => new PairTable());
  readonly #recent = COST_SUBJECTS.map((): RecentValues[] => []);
  #all = new RecentValues();

  count(call: BlockCall, cost: number, block: number): void {
    if (cost <= 0) return;
    const ratio = cost / call.call.transaction.gasLimit;
    this.#all.add(cost, ratio, block);
    for (const [kind, first, second] of subjectsOf(call)) {
      const table = this.#tables[kind];
      const recent = this.#recent[kind];
      if (table === undefined || recent === undefined) continue;
      const entry = table.add(first, second);
      (recent[entry] ??= new RecentValues()).add(cost, ratio, block);
    }
  }

  describe(call: BlockCall): CostFeatures {
    const { transaction } = call.call;
    const known = COST_SUBJECTS.map((): RecentValues | undefined => undefined);
    for (const [kind, first, second] of subjectsOf(call)) known[kind] ??= this.#find(kind, first, second);
    const ratio = known.find((recent) => recent !== undefined)?.summary.medianRatio ?? this.#defaultRatio();
    const guess = call.call.to < 0 ? undefined : baseOf(known);
    const base = Math.log2(Math.max(1, guess ?? ratio * transaction.gasLimit));
    const values = new Float32Array(COST_FEATURES);
    let position = 0;
    const put = (value: number): void => {
      values[position++] = value;
    };
    const relative = (cost: number): number => clamp(Math.log2(Math.max(1, cost)) - base);
    for (const recent of known) {
      const { median, low, high, last, medianRatio } = recent?.summary ?? NO_SUMMARY;
      put(recent === undefined ? 0 : relative(median));
      put(recent === undefined ? 0 : relative(last));
      put(recent === undefined ? 0 : relative(high) - relative(low));
      put(recent === undefined ? 0 : relative(medianRatio * transaction.gasLimit));
      put(evidenceLevel(recent?.count ?? 0));
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
    return this.#tables.reduce((sum, table) => sum + table.byteLength, this.size * RECENT_VALUES_BYTES);
  }

  /** Every subject of a kind, a position in `COST_SUBJECTS`, with its name. */
  *entries(kind: number): Generator<NamedValues> {
    const table = this.#tables[kind];
    for (const [entry, values] of (this.#recent[kind] ?? []).entries()) {
      yield { first: table?.first(entry) ?? -1, second: table?.second(entry) ?? -1, values };
    }
  }

  /** Copies a subject under a name that is new here. */
  copy(kind: number, { first, second, values }: NamedValues): void {
    const [table, recent] = [this.#tables[kind], this.#recent[kind]];
    if (table === undefined || recent === undefined) throw new RangeError(`no such kind of subject: ${kind}`);
    recent[table.add(first, second)] = values.copy();
  }

  /** Takes over what others know of all calls together. */
  copyTotals(from: CostStatistics): void {
    this.#all = from.#all.copy();
  }

  save(to: SectionWriter): void {
    saveValues([this.#all], to.within('all'));
    for (const [kind, table] of this.#tables.entries()) {
      const section = to.within(COST_SUBJECTS[kind] ?? '');
      table.save(section);
      saveValues(this.#recent[kind] ?? [], section);
    }
  }

  /** Takes over what was saved in place of what was learned. */
  restore(from: SectionReader): void {
    restoreValues([this.#all], from.within('all'));
    for (const [kind, table] of this.#tables.entries()) {
      const section = from.within(COST_SUBJECTS[kind] ?? '');
      table.restore(section);
      const recent = Array.from({ length: table.size }, () => new RecentValues());
      restoreValues(recent, section);
      this.#recent[kind] = recent;
    }
  }

  #find(kind: number, first: number, second: number): RecentValues | undefined {
    const entry = this.#tables[kind]?.find(first, second) ?? -1;
    return entry < 0 ? undefined : this.#recent[kind]?.[entry];
  }

  #defaultRatio(): number {
    return this.#all.count === 0 ? DEFAULT_RATIO : this.#all.summary.medianRatio;
  }
}

const NO_SUMMARY = { median: 0, low: 0, high: 0, last: 0, medianRatio: 0 };

/** The last cost of the same sender's call, else the median of what is most alike. */
function baseOf(known: readonly (RecentValues | undefined)[]): number | undefined {
  return known[SENDER]?.summary.last ?? known[FUNCTION]?.summary.median ?? known[CODE]?.summary.median;
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

function saveValues(recent: readonly RecentValues[], to: SectionWriter): void {
  const entries = recent.flatMap((values) => values.entries());
  to.int32(
    'counts',
    Int32Array.from(recent, ({ count }) => count),
  );
  to.int32(
    'blocks',
    Int32Array.from(recent, ({ block }) => block),
  );
  to.float32(
    'values',
    Float32Array.from(entries, ([value]) => value),
  );
  to.float32(
    'ratios',
    Float32Array.from(entries, ([, ratio]) => ratio),
  );
}

function restoreValues(recent: readonly RecentValues[], from: SectionReader): void {
  const counts = from.indices('counts', { count: Infinity, length: recent.length });
  const blocks = from.int32('blocks', recent.length);
  const total = counts.reduce((sum, count) => sum + Math.min(count, RECENT_CAPACITY), 0);
  const [values, ratios] = [from.float32('values', total), from.float32('ratios', total)];
  let position = 0;
  for (const [index, each] of recent.entries()) {
    const held = Math.min(at(counts, index), RECENT_CAPACITY);
    const entries = Array.from({ length: held }, (_, offset) => {
      return [at(values, position + offset), at(ratios, position + offset)] as const;
    });
    each.restore(entries, at(counts, index), at(blocks, index));
    position += held;
  }
}
