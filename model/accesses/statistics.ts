import { PairTable } from '../tables/pair-table.js';
import type { Expression } from './expression.js';
import { ARGUMENT, SENDER, SUBJECT_KIND_COUNT } from './subjects.js';

/** How one expression fared among the calls of a subject: shares of its calls, 0 to 1. */
export interface ExpressionRate {
  readonly expression: Expression;
  readonly read: number;
  readonly write: number;
}

/** The decayed history of one subject. */
export class Subject {
  /** Calls, each weighing half as much after each half-life. */
  calls = 0;
  /** The block that the weights refer to. */
  block = 0;
  readonly expressions: Expression[] = [];
  readonly reads: number[] = [];
  readonly writes: number[] = [];
  #rates: readonly ExpressionRate[] | null = null;

  /** Ages the history to a block. */
  age(block: number, halfLifeBlocks: number): void {
    if (block <= this.block) return;
    const factor = this.block === 0 ? 1 : 2 ** ((this.block - block) / halfLifeBlocks);
    this.block = block;
    if (factor === 1) return;
    this.calls *= factor;
    for (let index = 0; index < this.expressions.length; index++) {
      this.reads[index] = (this.reads[index] ?? 0) * factor;
      this.writes[index] = (this.writes[index] ?? 0) * factor;
    }
  }

  /** Counts one call; `uses` says of each expression whether the call wrote. */
  count(uses: ReadonlyMap<Expression, boolean>): void {
    this.#rates = null;
    this.calls += 1;
    const open = new Map(uses);
    for (let index = 0; index < this.expressions.length; index++) {
      const expression = this.expressions[index];
      const written = expression === undefined ? undefined : open.get(expression);
      if (expression === undefined || written === undefined) continue;
      open.delete(expression);
      this.reads[index] = (this.reads[index] ?? 0) + 1;
      if (written) this.writes[index] = (this.writes[index] ?? 0) + 1;
    }
    for (const [expression, written] of open) this.add(expression, 1, written ? 1 : 0);
    if (this.expressions.length > MAX_EXPRESSIONS) this.#forgetRare();
  }

  add(expression: Expression, reads: number, writes: number): void {
    this.#rates = null;
    this.expressions.push(expression);
    this.reads.push(reads);
    this.writes.push(writes);
  }

  /** What is worth proposing, most frequent first. */
  rates(kind: number): readonly ExpressionRate[] {
    this.#rates ??= this.#compile(kind);
    return this.#rates;
  }

  #compile(kind: number): ExpressionRate[] {
    const onceIsEnough = kind === SENDER || kind === ARGUMENT || this.calls < 4;
    return this.expressions
      .map((expression, index) => ({
        expression,
        reads: this.reads[index] ?? 0,
        read: Math.min(1, (this.reads[index] ?? 0) / this.calls),
        write: Math.min(1, (this.writes[index] ?? 0) / this.calls),
      }))
      .filter(({ reads, read }) => read >= MIN_RATE && (onceIsEnough || reads > 1))
      .sort((a, b) => b.read - a.read || a.expression.id - b.expression.id)
      .slice(0, MAX_PROPOSED)
      .map(({ expression, read, write }) => ({ expression, read, write }));
  }

  /** Halves the list, keeping the most frequent in their order. */
  #forgetRare(): void {
    const kept = new Set(
      [...this.reads.keys()]
        .sort((a, b) => (this.reads[b] ?? 0) - (this.reads[a] ?? 0) || b - a)
        .slice(0, MAX_EXPRESSIONS / 2),
    );
    const isKept = (_: unknown, index: number): boolean => kept.has(index);
    this.expressions.splice(0, Infinity, ...this.expressions.filter(isKept));
    this.reads.splice(0, Infinity, ...this.reads.filter(isKept));
    this.writes.splice(0, Infinity, ...this.writes.filter(isKept));
  }
}

const MIN_RATE = 0.03;
const MAX_PROPOSED = 80;
/** A subject with more expressions forgets the rarest half. */
export const MAX_EXPRESSIONS = 192;

/** All subjects, by kind and the two integers that name them. */
export class AccessStatistics {
  readonly #tables = Array.from({ length: SUBJECT_KIND_COUNT }, () => new PairTable());
  readonly #subjects = Array.from({ length: SUBJECT_KIND_COUNT }, (): Subject[] => []);

  get size(): number {
    return this.#tables.reduce((sum, table) => sum + table.size, 0);
  }

  find(kind: number, first: number, second: number): Subject | undefined {
    const entry = this.#tables[kind]?.find(first, second) ?? -1;
    return entry < 0 ? undefined : this.#subjects[kind]?.[entry];
  }

  get(kind: number, first: number, second: number): Subject {
    const [table, subjects] = [this.#tables[kind], this.#subjects[kind]];
    if (table === undefined || subjects === undefined) throw new RangeError(`no such kind of subject: ${kind}`);
    const entry = table.add(first, second);
    return (subjects[entry] ??= new Subject());
  }

  /** Every subject of a kind with its name. */
  *entries(kind: number): Generator<{ readonly first: number; readonly second: number; readonly subject: Subject }> {
    const table = this.#tables[kind];
    for (const [entry, subject] of (this.#subjects[kind] ?? []).entries()) {
      yield { first: table?.first(entry) ?? -1, second: table?.second(entry) ?? -1, subject };
    }
  }
}
