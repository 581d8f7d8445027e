import type { SectionReader } from '../artifact/section-reader.js';
import type { SectionWriter } from '../artifact/section-writer.js';
import {
  CountList,
  CountsSharer,
  type CountsRenamer,
  type ExpressionCounts,
  type ExpressionUses,
} from './expression-counts.js';
import { SubjectTable, type Ageing, type ExpressionRate, type SubjectHistory } from './subject-table.js';
import { SUBJECT_KIND_COUNT, SUBJECT_KINDS } from './subjects.js';

/** The decayed history of one subject, as its table has it. */
export class Subject implements SubjectHistory {
  readonly #table: SubjectTable;
  readonly #row: number;

  constructor(table: SubjectTable, row: number) {
    this.#table = table;
    this.#row = row;
  }

  /** Calls, each weighing half as much after each half-life. */
  get calls(): number {
    return this.#table.calls(this.#row);
  }

  /** The block that the weights refer to. */
  get block(): number {
    return this.#table.block(this.#row);
  }

  get counts(): ExpressionCounts {
    return this.#table.counts(this.#row);
  }

  /** A copy of the counts. */
  list(): CountList {
    return new CountList().unpack(this.counts);
  }

  /** Replaces the history. */
  set(history: SubjectHistory): void {
    this.#table.set(this.#row, history);
  }

  /** Ages the history to a block. */
  age(ageing: Ageing): void {
    this.#table.age(this.#row, ageing);
  }

  /** What is worth proposing, most frequent first. */
  rates(): readonly ExpressionRate[] {
    return this.#table.rates(this.#row);
  }
}

export interface NamedSubject {
  readonly first: number;
  readonly second: number;
  readonly subject: Subject;
}

/** All subjects, by kind and the two integers that name them. */
export class AccessStatistics {
  readonly #tables = Array.from({ length: SUBJECT_KIND_COUNT }, (_, kind) => new SubjectTable(kind));

  get size(): number {
    return this.#tables.reduce((sum, { names }) => sum + names.size, 0);
  }

  find(kind: number, first: number, second: number): Subject | undefined {
    const table = this.table(kind);
    const row = table.names.find(first, second);
    return row < 0 ? undefined : new Subject(table, row);
  }

  get(kind: number, first: number, second: number): Subject {
    const table = this.table(kind);
    return new Subject(table, table.add(first, second));
  }

  /** Throws RangeError where there is no such kind. */
  table(kind: number): SubjectTable {
    const table = this.#tables[kind];
    if (table === undefined) throw new RangeError(`no such kind of subject: ${kind}`);
    return table;
  }

  /** Counts one call of a subject. */
  count(name: SubjectName, uses: ExpressionUses, ageing: Ageing): void {
    const table = this.table(name.kind);
    table.count(table.add(name.first, name.second), uses, ageing);
  }

  /** Every subject of a kind with its name. */
  *entries(kind: number): Generator<NamedSubject> {
    const table = this.table(kind);
    for (let row = 0; row < table.names.size; row++) {
      yield { first: table.names.first(row), second: table.names.second(row), subject: new Subject(table, row) };
    }
  }

  /** Copies a subject under a name that is new here; `renamed` gives its expressions as they are known here. */
  copy(kind: number, { first, second, subject }: NamedSubject, renamed: CountsRenamer): void {
    const { calls, block, counts } = subject;
    this.get(kind, first, second).set({ calls, block, counts: renamed.of(counts) });
  }

  /** Memory held, in bytes, roughly; looks at every subject. */
  get byteLength(): number {
    const seen = new Set<ExpressionCounts>();
    return this.#tables.reduce((sum, table) => sum + table.byteLength(seen), 0);
  }

  save(to: SectionWriter): void {
    for (const [kind, table] of this.#tables.entries()) table.save(to.within(SUBJECT_KINDS[kind] ?? ''));
  }

  /** Takes over what was saved in place of what was learned; `expressions`: how many there are. */
  restore(from: SectionReader, expressions: number): void {
    const shared = new CountsSharer();
    for (const [kind, table] of this.#tables.entries()) {
      table.restore(from.within(SUBJECT_KINDS[kind] ?? ''), expressions, shared);
    }
  }
}

export interface SubjectName {
  readonly kind: number;
  readonly first: number;
  readonly second: number;
}
