import { describe, expect, it } from 'vitest';
import { keccak256 } from '../../../executor/reference/index.js';
import { importStatistics, learnExpressions } from '../../../model/accesses/exchange.js';
import { nameOfSubject } from '../../../model/accesses/names.js';
import { MAX_EXPRESSIONS } from '../../../model/accesses/expression-counts.js';
import type { Subject } from '../../../model/accesses/statistics.js';
import { SUBJECT_KINDS } from '../../../model/accesses/subjects.js';
import { Evidence } from '../../../model/evidence.js';
import type { SubjectStatistics } from '../../../datasets/store/index.js';
import type { BlockRecord } from '../../../types.js';
import { collect, hasChdb, openTestStore, temporaryFolder } from '../../datasets/store-suite.js';
import { hasSharedData } from '../../shared-data.js';
import { generatedRecords, tracedRecords } from '../learned.js';

/** Short, so that the blocks of a test weigh differently. */
const HALF_LIFE_BLOCKS = 3;
const ALL_EXPRESSIONS = 1_000_000;

function emptyEvidence(): Evidence {
  return new Evidence({ keccak256, halfLifeBlocks: HALF_LIFE_BLOCKS });
}

interface Learned {
  readonly evidence: Evidence;
  /** Of all expressions. */
  readonly rows: readonly SubjectStatistics[];
  /** Of as many as the model keeps. */
  readonly keptRows: readonly SubjectStatistics[];
}

/** Learns the blocks in memory, and by SQL from what learning told. */
async function learnTwice(records: readonly BlockRecord[]): Promise<Learned> {
  const store = await openTestStore({ path: temporaryFolder() });
  const evidence = emptyEvidence();
  await store.ingest(records);
  await store.writeExpressions(records.map((record) => learnExpressions(evidence, record)));
  const options = { chainId: records[0]?.chainId ?? 0, until: evidence.block, halfLifeBlocks: HALF_LIFE_BLOCKS };
  return {
    evidence,
    rows: await collect(store.expressionStatistics({ ...options, maxExpressions: ALL_EXPRESSIONS })),
    keptRows: await collect(store.expressionStatistics({ ...options, maxExpressions: MAX_EXPRESSIONS })),
  };
}

function subjectsByName(evidence: Evidence): Map<string, Subject> {
  const entries = SUBJECT_KINDS.flatMap((name, kind) =>
    [...evidence.accesses.entries(kind)].map(
      ({ first, second, subject }) => [`${name} ${nameOfSubject(evidence, { kind, first, second })}`, subject] as const,
    ),
  );
  return new Map(entries);
}

function countsOf({ expressions: texts }: Evidence, subject: Subject): Map<string, readonly [number, number]> {
  const { expressions, reads, writes } = subject.list();
  return new Map(expressions.map((id, index) => [texts.text(id), [reads[index] ?? 0, writes[index] ?? 0]]));
}

/** The greatest difference of two lists of counts, relative to the first. */
function difference(expected: readonly number[], got: readonly number[]): number {
  const each = expected.map((value, index) => Math.abs(value - (got[index] ?? Number.NaN)) / Math.max(value, 1e-9));
  return Math.max(0, ...each);
}

/** Compares what was learned in memory with rows of SQL; answers how many subjects forgot expressions in memory. */
function compare(evidence: Evidence, rows: readonly SubjectStatistics[]): number {
  const subjects = subjectsByName(evidence);
  expect(new Set(rows.map(({ kind, subject }) => `${kind} ${subject}`))).toEqual(new Set(subjects.keys()));
  expect(rows).toHaveLength(subjects.size);
  let forgetful = 0;
  let worst = 0;
  for (const row of rows) {
    const name = `${row.kind} ${row.subject}`;
    const subject = subjects.get(name);
    if (subject === undefined) throw new Error(`expected ${name}`);
    expect(row.block, name).toBe(subject.block);
    worst = Math.max(worst, difference([subject.calls], [row.calls]));
    const bySql = new Map(row.expressions.map(([text, reads, writes]) => [text, [reads, writes]]));
    const inMemory = countsOf(evidence, subject);
    if (row.expressions.length > MAX_EXPRESSIONS) {
      forgetful += 1;
      for (const [text, counts] of inMemory) {
        expect(bySql.has(text), `${name}: ${text}`).toBe(true);
        expect(counts[0]).toBeLessThanOrEqual((bySql.get(text)?.[0] ?? 0) * (1 + 1e-6));
      }
      continue;
    }
    expect([...bySql.keys()].sort(), name).toEqual([...inMemory.keys()].sort());
    for (const [text, counts] of inMemory) worst = Math.max(worst, difference(counts, bySql.get(text) ?? []));
  }
  expect(worst).toBeLessThan(1e-6);
  return forgetful;
}

/** Rows of `keptRows` are the first expressions of those of `rows`. */
function compareKept(rows: readonly SubjectStatistics[], keptRows: readonly SubjectStatistics[]): void {
  const shortened = rows.map((row) => ({ ...row, expressions: row.expressions.slice(0, MAX_EXPRESSIONS) }));
  const texts = (list: readonly SubjectStatistics[]): unknown =>
    list.map(({ kind, subject, expressions }) => [kind, subject, expressions.map(([text]) => text)]);
  expect(texts(keptRows)).toEqual(texts(shortened));
}

/** Fills an empty model, and compares it at the block that the other one is at. */
async function compareImported(evidence: Evidence, keptRows: readonly SubjectStatistics[]): Promise<void> {
  const other = emptyEvidence();
  expect(await importStatistics(other, keptRows)).toBe(evidence.accesses.size);
  compare(other, keptRows);
  const imported = subjectsByName(other);
  for (const [name, subject] of subjectsByName(evidence)) {
    const copy = imported.get(name);
    for (const aged of [subject, copy]) aged?.age({ block: evidence.block, halfLifeBlocks: HALF_LIFE_BLOCKS });
    expect(difference([subject.calls], [copy?.calls ?? 0]), name).toBeLessThan(1e-6);
  }
  await expect(importStatistics(other, keptRows)).rejects.toThrow('has a history already');
}

describe.skipIf(!hasChdb)('statistics of accesses by SQL', () => {
  it.each(['mainnet', 'uniswap'])(
    'equal those in memory over generated blocks of %s, and fill an empty model',
    async (profile) => {
      const { evidence, rows, keptRows } = await learnTwice(await generatedRecords(profile, 4, 30));
      expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(SUBJECT_KINDS));
      expect(rows.some(({ calls }) => calls > 1 && !Number.isInteger(calls))).toBe(true);
      compare(evidence, rows);
      compareKept(rows, keptRows);
      await compareImported(evidence, keptRows);
    },
  );

  it.skipIf(!hasSharedData)('equal those in memory over traced blocks, but for what memory forgets', async () => {
    // No preimages are known of traces, so slots are explained by search.
    const { evidence, rows, keptRows } = await learnTwice(await tracedRecords(4, Infinity));
    expect(rows.length).toBeGreaterThan(3_000);
    expect(compare(evidence, rows)).toBeGreaterThan(0);
    compareKept(rows, keptRows);
  });
});
