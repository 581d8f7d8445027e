import type { SectionReader } from '../artifact/section-reader.js';
import type { SectionWriter } from '../artifact/section-writer.js';
import { at } from '../numbers.js';
import { evidenceLevel, rateLevel } from '../tables/levels.js';
import { PairTable } from '../tables/pair-table.js';
import type { Expression } from './expression.js';
import { ARGUMENT, SENDER, SUBJECT_KIND_COUNT, SUBJECT_KINDS } from './subjects.js';

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
  #proposals: Int32Array | null = null;
  #evidence = 0;

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
    this.#proposals = null;
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
    this.#proposals = null;
    this.expressions.push(expression);
    this.reads.push(reads);
    this.writes.push(writes);
  }

  /** Memory held, in bytes, roughly. */
  get byteLength(): number {
    const proposals = this.#proposals?.byteLength ?? 0;
    return SUBJECT_BYTES + this.expressions.length * COUNTED_EXPRESSION_BYTES + proposals;
  }

  /** What is worth proposing, most frequent first. */
  rates(kind: number): readonly ExpressionRate[] {
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

  /** `rates` as the hot path reads them: for each the number of the expression, then its levels, `readLevelOf` and `writeLevelOf`. */
  proposals(kind: number): Int32Array {
    return (this.#proposals ??= this.#propose(kind));
  }

  /** `evidenceLevel` of the calls when `proposals` was last asked. */
  get evidence(): number {
    return this.#evidence;
  }

  #propose(kind: number): Int32Array {
    const rates = this.rates(kind);
    const proposals = new Int32Array(rates.length * 2);
    for (const [index, { expression, read, write }] of rates.entries()) {
      proposals[2 * index] = expression.id;
      proposals[2 * index + 1] = Math.max(1, rateLevel(read)) | (rateLevel(write) << LEVEL_BITS);
    }
    this.#evidence = evidenceLevel(this.calls);
    return proposals;
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

const LEVEL_BITS = 8;

export function readLevelOf(levels: number): number {
  return levels & ((1 << LEVEL_BITS) - 1);
}

export function writeLevelOf(levels: number): number {
  return levels >>> LEVEL_BITS;
}

const MIN_RATE = 0.03;
const MAX_PROPOSED = 80;
/** A subject with more expressions forgets the rarest half. */
export const MAX_EXPRESSIONS = 192;
/** A subject with its arrays, and one more expression in them, as measured. */
const [SUBJECT_BYTES, COUNTED_EXPRESSION_BYTES] = [600, 24];

export interface NamedSubject {
  readonly first: number;
  readonly second: number;
  readonly subject: Subject;
}

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
  *entries(kind: number): Generator<NamedSubject> {
    const table = this.#tables[kind];
    for (const [entry, subject] of (this.#subjects[kind] ?? []).entries()) {
      yield { first: table?.first(entry) ?? -1, second: table?.second(entry) ?? -1, subject };
    }
  }
  /** Copies a subject under a name that is new here; `rename` gives its expressions as they are known here. */
  copy(kind: number, { first, second, subject }: NamedSubject, rename: (expression: Expression) => Expression): void {
    const copy = this.get(kind, first, second);
    copy.calls = subject.calls;
    copy.block = subject.block;
    for (const [index, expression] of subject.expressions.entries()) {
      copy.add(rename(expression), subject.reads[index] ?? 0, subject.writes[index] ?? 0);
    }
  }

  /** Memory held, in bytes, roughly; looks at every subject. */
  get byteLength(): number {
    const tables = this.#tables.reduce((sum, table) => sum + table.byteLength, 0);
    return this.#subjects.flat().reduce((sum, subject) => sum + subject.byteLength, tables);
  }

  save(to: SectionWriter): void {
    for (const [kind, table] of this.#tables.entries()) {
      const section = to.within(SUBJECT_KINDS[kind] ?? '');
      table.save(section);
      saveSubjects(this.#subjects[kind] ?? [], section);
    }
  }

  /** Takes over what was saved in place of what was learned; `expressions` are those that it numbers. */
  restore(from: SectionReader, expressions: readonly Expression[]): void {
    for (const [kind, table] of this.#tables.entries()) {
      const section = from.within(SUBJECT_KINDS[kind] ?? '');
      table.restore(section);
      this.#subjects[kind] = restoreSubjects(section, { count: table.size, expressions });
    }
  }
}

function saveSubjects(subjects: readonly Subject[], to: SectionWriter): void {
  to.float64(
    'calls',
    Float64Array.from(subjects, ({ calls }) => calls),
  );
  to.int32(
    'blocks',
    Int32Array.from(subjects, ({ block }) => block),
  );
  to.int32(
    'lengths',
    Int32Array.from(subjects, ({ expressions }) => expressions.length),
  );
  to.int32('expressions', Int32Array.from(subjects.flatMap(({ expressions }) => expressions.map(({ id }) => id))));
  to.float64('reads', Float64Array.from(subjects.flatMap(({ reads }) => reads)));
  to.float64('writes', Float64Array.from(subjects.flatMap(({ writes }) => writes)));
}

function restoreSubjects(
  from: SectionReader,
  { count, expressions }: { readonly count: number; readonly expressions: readonly Expression[] },
): Subject[] {
  const calls = from.float64('calls', count);
  const blocks = from.int32('blocks', count);
  const lengths = from.indices('lengths', { count: MAX_EXPRESSIONS + 1, length: count });
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const ids = from.indices('expressions', { count: expressions.length, length: total });
  const [reads, writes] = [from.float64('reads', total), from.float64('writes', total)];
  let position = 0;
  return Array.from(calls, (weight, index) => {
    const subject = new Subject();
    subject.calls = weight;
    subject.block = at(blocks, index);
    for (const end = position + at(lengths, index); position < end; position++) {
      const expression = expressions[at(ids, position)];
      if (expression !== undefined) subject.add(expression, at(reads, position), at(writes, position));
    }
    return subject;
  });
}
