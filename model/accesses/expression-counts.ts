import { at } from '../numbers.js';

/**
 * How often each expression was read and written among the calls of a subject, packed and never changed, so that subjects that
 * saw the same call alone share one: runs of expressions with equal reads, each the length of the run, the reads, and then the
 * expressions, two in one number. An expression is four times its number plus what its writes are: 0 none, 1 as many as
 * reads, 2 the number that follows the two.
 */
export type ExpressionCounts = readonly number[];

export const NO_COUNTS: ExpressionCounts = [];
/** A subject with more expressions forgets the rarest half. */
export const MAX_EXPRESSIONS = 192;
const [NO_WRITES, ALL_WRITES, SOME_WRITES] = [0, 1, 2] as const;
/** Two expressions in the 52 bits that a number holds without loss. */
const HALF = 2 ** 26;
/** So many expressions can be told apart. */
export const EXPRESSION_LIMIT = HALF / 4;

/** What one call did: of each expression whether it wrote. */
export class ExpressionUses {
  readonly written: ReadonlyMap<number, boolean>;
  #counts: ExpressionCounts | null = null;

  constructor(written: ReadonlyMap<number, boolean>) {
    this.written = written;
  }

  /** The counts of subjects that saw nothing else. */
  counts(list: CountList): ExpressionCounts {
    if (this.#counts !== null) return this.#counts;
    list.unpack(NO_COUNTS);
    list.count(this);
    this.#counts = list.pack();
    return this.#counts;
  }
}

/** Counts unpacked, to be read and changed; in the order in which expressions became known. */
export class CountList {
  readonly expressions: number[] = [];
  readonly reads: number[] = [];
  readonly writes: number[] = [];
  readonly #packed: number[] = [];

  get length(): number {
    return this.expressions.length;
  }

  unpack(counts: ExpressionCounts): this {
    this.#keep(0);
    for (let position = 0; position < counts.length;) {
      const [run, reads] = [at(counts, position), at(counts, position + 1)];
      position += 2;
      for (let index = 0; index < run; index += 2) {
        const both = at(counts, position++);
        const second = Math.floor(both / HALF);
        position = this.#addEntry(both - second * HALF, reads, { counts, position });
        if (index + 1 < run) position = this.#addEntry(second, reads, { counts, position });
      }
    }
    return this;
  }

  pack(): ExpressionCounts {
    if (this.length === 0) return NO_COUNTS;
    const packed = this.#packed;
    packed.length = 0;
    for (let start = 0; start < this.length;) {
      const reads = at(this.reads, start);
      let end = start + 1;
      while (end < this.length && this.reads[end] === reads) end += 1;
      packed.push(end - start, reads);
      for (; start < end; start += 2) this.#packTwo(start, start + 1 < end);
      start = end;
    }
    return packed.slice();
  }

  /** Adds what `#entry` made, and answers where the counts go on. */
  #addEntry(
    entry: number,
    reads: number,
    { counts, position }: { readonly counts: ExpressionCounts; readonly position: number },
  ): number {
    const kind = entry & 3;
    const writes = kind === NO_WRITES ? 0 : kind === ALL_WRITES ? reads : at(counts, position);
    this.add(entry >>> 2, reads, writes);
    return kind === SOME_WRITES ? position + 1 : position;
  }

  #packTwo(index: number, hasSecond: boolean): void {
    const [first, second] = [this.#entry(index), hasSecond ? this.#entry(index + 1) : 0];
    this.#packed.push(first + second * HALF);
    if ((first & 3) === SOME_WRITES) this.#packed.push(at(this.writes, index));
    if ((second & 3) === SOME_WRITES) this.#packed.push(at(this.writes, index + 1));
  }

  #entry(index: number): number {
    const [reads, writes] = [at(this.reads, index), at(this.writes, index)];
    return 4 * at(this.expressions, index) + (writes === 0 ? NO_WRITES : writes === reads ? ALL_WRITES : SOME_WRITES);
  }

  add(expression: number, reads: number, writes: number): void {
    this.expressions.push(expression);
    this.reads.push(reads);
    this.writes.push(writes);
  }

  age(factor: number): void {
    for (let index = 0; index < this.length; index++) {
      this.reads[index] = at(this.reads, index) * factor;
      this.writes[index] = at(this.writes, index) * factor;
    }
  }

  /** Counts one call. */
  count({ written: uses }: ExpressionUses): void {
    const open = new Map(uses);
    for (let index = 0; index < this.length; index++) {
      const expression = at(this.expressions, index);
      const written = open.get(expression);
      if (written === undefined) continue;
      open.delete(expression);
      this.reads[index] = at(this.reads, index) + 1;
      if (written) this.writes[index] = at(this.writes, index) + 1;
    }
    for (const [expression, written] of open) this.add(expression, 1, written ? 1 : 0);
    if (this.length > MAX_EXPRESSIONS) this.#forgetRare();
  }

  /** Halves the list, keeping the most frequent in their order. */
  #forgetRare(): void {
    const kept = [...this.reads.keys()]
      .sort((a, b) => at(this.reads, b) - at(this.reads, a) || b - a)
      .slice(0, MAX_EXPRESSIONS / 2)
      .sort((a, b) => a - b);
    for (const [position, index] of kept.entries()) {
      this.expressions[position] = at(this.expressions, index);
      this.reads[position] = at(this.reads, index);
      this.writes[position] = at(this.writes, index);
    }
    this.#keep(kept.length);
  }

  #keep(length: number): void {
    this.expressions.length = length;
    this.reads.length = length;
    this.writes.length = length;
  }
}

/** Gives counts other expressions, the same ones the same list again. */
export class CountsRenamer {
  readonly #rename: (expression: number) => number;
  readonly #renamed = new Map<ExpressionCounts, ExpressionCounts>([[NO_COUNTS, NO_COUNTS]]);
  readonly #list = new CountList();

  constructor(rename: (expression: number) => number) {
    this.#rename = rename;
  }

  of(counts: ExpressionCounts): ExpressionCounts {
    const known = this.#renamed.get(counts);
    if (known !== undefined) return known;
    const list = this.#list.unpack(counts);
    for (let index = 0; index < list.length; index++) {
      list.expressions[index] = this.#rename(at(list.expressions, index));
    }
    const renamed = list.pack();
    this.#renamed.set(counts, renamed);
    return renamed;
  }
}

/** Makes equal counts one list again where they may be those of one call: where all reads are equal. */
export class CountsSharer {
  readonly #known = new Map<string, ExpressionCounts>();

  of(counts: ExpressionCounts): ExpressionCounts {
    if (counts.length === 0) return NO_COUNTS;
    if (counts[1] !== 1 || counts.length !== Math.ceil(at(counts, 0) / 2) + 2) return counts;
    const name = counts.join(' ');
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    this.#known.set(name, counts);
    return counts;
  }
}
