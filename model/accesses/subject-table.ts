import type { SectionReader } from '../artifact/section-reader.js';
import type { SectionWriter } from '../artifact/section-writer.js';
import { at, float64At, grownFloat64, grownInt32, int32At, paddedFloat64, paddedInt32 } from '../numbers.js';
import { evidenceLevel, rateLevel } from '../tables/levels.js';
import { PairTable } from '../tables/pair-table.js';
import {
  CountList,
  MAX_EXPRESSIONS,
  NO_COUNTS,
  type CountsSharer,
  type ExpressionCounts,
  type ExpressionUses,
} from './expression-counts.js';
import { ARGUMENT, SENDER } from './subjects.js';

/** How one expression fared among the calls of a subject: shares of its calls, 0 to 1. */
export interface ExpressionRate {
  readonly expression: number;
  readonly read: number;
  readonly write: number;
}

const LEVEL_BITS = 8;

export function readLevelOf(levels: number): number {
  return levels & ((1 << LEVEL_BITS) - 1);
}

export function writeLevelOf(levels: number): number {
  return levels >>> LEVEL_BITS;
}

const MIN_RATE = 0.03;
const MAX_PROPOSED = 80;
const INITIAL_ROWS = 64;
/** Proposals that a table remembers before it forgets them all. */
const MAX_REMEMBERED = 8192;
/** An array with its object, and one number in it. */
const [COUNTS_BYTES, COUNT_BYTES] = [48, 8];

/** The decayed histories of the subjects of one kind, a row each: columns, because there are many and most were seen once. */
export class SubjectTable {
  readonly names = new PairTable();
  readonly #kind: number;
  /** Calls, each weighing half as much after each half-life. */
  #calls = new Float64Array(INITIAL_ROWS);
  /** The block that the weights refer to. */
  #blocks = new Int32Array(INITIAL_ROWS);
  #counts: ExpressionCounts[] = [];
  readonly #proposals = new Map<number, Int32Array>();
  readonly #list = new CountList();

  constructor(kind: number) {
    this.#kind = kind;
  }

  /** The row with this name, which is added where it is new. */
  add(first: number, second: number): number {
    const row = this.names.add(first, second);
    if (row < this.#counts.length) return row;
    if (row >= this.#calls.length) {
      this.#calls = grownFloat64(this.#calls);
      this.#blocks = grownInt32(this.#blocks);
    }
    this.#counts.push(NO_COUNTS);
    return row;
  }

  calls(row: number): number {
    return float64At(this.#calls, row);
  }

  block(row: number): number {
    return int32At(this.#blocks, row);
  }

  counts(row: number): ExpressionCounts {
    return this.#counts[row] ?? NO_COUNTS;
  }

  /** Replaces a history. */
  set(row: number, { calls, block, counts }: SubjectHistory): void {
    this.#proposals.delete(row);
    this.#calls[row] = calls;
    this.#blocks[row] = block;
    this.#counts[row] = counts;
  }

  /** Counts one call of a block. */
  count(row: number, uses: ExpressionUses, { block, halfLifeBlocks }: Ageing): void {
    const list = this.#list;
    const calls = this.calls(row);
    const factor = this.#ageing(row, block, halfLifeBlocks);
    this.#blocks[row] = Math.max(block, this.block(row));
    this.#calls[row] = calls * factor + 1;
    this.#proposals.delete(row);
    if (calls === 0 && this.counts(row).length === 0) {
      this.#counts[row] = uses.counts(list);
      return;
    }
    list.unpack(this.counts(row));
    if (factor !== 1) list.age(factor);
    list.count(uses);
    this.#counts[row] = list.pack();
  }

  /** Ages a history to a block. */
  age(row: number, { block, halfLifeBlocks }: Ageing): void {
    const factor = this.#ageing(row, block, halfLifeBlocks);
    const list = this.#list.unpack(this.counts(row));
    list.age(factor);
    this.set(row, {
      ...{ calls: this.calls(row) * factor, block: Math.max(block, this.block(row)) },
      counts: list.pack(),
    });
  }

  /** What is worth proposing, most frequent first. */
  rates(row: number): readonly ExpressionRate[] {
    const calls = this.calls(row);
    const onceIsEnough = this.#kind === SENDER || this.#kind === ARGUMENT || calls < 4;
    const { expressions, reads, writes } = this.#list.unpack(this.counts(row));
    return expressions
      .map((expression, index) => ({
        expression,
        reads: at(reads, index),
        read: Math.min(1, at(reads, index) / calls),
        write: Math.min(1, at(writes, index) / calls),
      }))
      .filter(({ reads: seen, read }) => read >= MIN_RATE && (onceIsEnough || seen > 1))
      .sort((a, b) => b.read - a.read || a.expression - b.expression)
      .slice(0, MAX_PROPOSED)
      .map(({ expression, read, write }) => ({ expression, read, write }));
  }

  /**
   * `rates` as the hot path reads them: `evidenceLevel` of the calls, then for each the number of the expression and its
   * levels, `readLevelOf` and `writeLevelOf`.
   */
  proposals(row: number): Int32Array {
    const known = this.#proposals.get(row);
    if (known !== undefined) return known;
    const rates = this.rates(row);
    const proposals = new Int32Array(rates.length * 2 + 1);
    proposals[0] = evidenceLevel(this.calls(row));
    for (const [index, { expression, read, write }] of rates.entries()) {
      proposals[2 * index + 1] = expression;
      proposals[2 * index + 2] = Math.max(1, rateLevel(read)) | (rateLevel(write) << LEVEL_BITS);
    }
    if (this.#proposals.size >= MAX_REMEMBERED) this.#proposals.clear();
    this.#proposals.set(row, proposals);
    return proposals;
  }

  /** Memory held, in bytes, roughly; `seen` are counts that were reckoned already, and grows. */
  byteLength(seen: Set<ExpressionCounts>): number {
    let bytes = this.names.byteLength + this.#calls.byteLength + this.#blocks.byteLength + 8 * this.#counts.length;
    for (const counts of this.#counts) {
      if (seen.has(counts)) continue;
      seen.add(counts);
      bytes += COUNTS_BYTES + COUNT_BYTES * counts.length;
    }
    for (const proposals of this.#proposals.values()) bytes += proposals.byteLength + PROPOSALS_BYTES;
    return bytes;
  }

  save(to: SectionWriter): void {
    const { size } = this.names;
    this.names.save(to);
    to.float64('calls', this.#calls.subarray(0, size));
    to.int32('blocks', this.#blocks.subarray(0, size));
    const lengths = Int32Array.from(this.#counts, (counts) => this.#list.unpack(counts).length);
    const total = lengths.reduce((sum, length) => sum + length, 0);
    const expressions = new Int32Array(total);
    const [reads, writes] = [new Float64Array(total), new Float64Array(total)];
    let position = 0;
    for (const counts of this.#counts) {
      const list = this.#list.unpack(counts);
      expressions.set(list.expressions, position);
      reads.set(list.reads, position);
      writes.set(list.writes, position);
      position += list.length;
    }
    to.int32('lengths', lengths);
    to.int32('expressions', expressions);
    to.float64('reads', reads);
    to.float64('writes', writes);
  }

  /** Takes over what was saved in place of what was learned; `expressions`: how many there are. */
  restore(from: SectionReader, expressions: number, shared: CountsSharer): void {
    this.#proposals.clear();
    this.#counts = [];
    this.names.restore(from);
    const count = this.names.size;
    this.#calls = paddedFloat64(from.float64('calls', count), INITIAL_ROWS);
    this.#blocks = paddedInt32(from.int32('blocks', count), INITIAL_ROWS);
    const lengths = from.indices('lengths', { count: MAX_EXPRESSIONS + 1, length: count });
    const total = lengths.reduce((sum, length) => sum + length, 0);
    const ids = from.indices('expressions', { count: expressions, length: total });
    const [reads, writes] = [from.float64('reads', total), from.float64('writes', total)];
    const list = this.#list;
    let position = 0;
    for (const length of lengths) {
      list.unpack(NO_COUNTS);
      for (const end = position + length; position < end; position++) {
        list.add(int32At(ids, position), float64At(reads, position), float64At(writes, position));
      }
      this.#counts.push(shared.of(list.pack()));
    }
  }

  #ageing(row: number, block: number, halfLifeBlocks: number): number {
    const last = this.block(row);
    return block <= last || last === 0 ? 1 : 2 ** ((last - block) / halfLifeBlocks);
  }
}

/** A typed array without its numbers, and its entry in a Map. */
const PROPOSALS_BYTES = 240;

export interface SubjectHistory {
  readonly calls: number;
  readonly block: number;
  readonly counts: ExpressionCounts;
}

export interface Ageing {
  readonly block: number;
  readonly halfLifeBlocks: number;
}
