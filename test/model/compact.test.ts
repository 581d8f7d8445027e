import { beforeAll, describe, expect, it } from 'vitest';
import { SUBJECT_KIND_COUNT } from '../../model/accesses/subjects.js';
import { keccak256 } from '../../executor/reference/index.js';
import { decodeEvidence, encodeEvidence } from '../../model/artifact/evidence-file.js';
import { compactEvidence } from '../../model/compact.js';
import type { Evidence } from '../../model/evidence.js';
import type { EvidenceBudget } from '../../model/select-evidence.js';
import type { BlockRecord } from '../../types.js';
import { hasSharedData } from '../shared-data.js';
import { generatedRecords, learn, predictionsOf, tracedRecords } from './learned.js';

const UNLIMITED: EvidenceBudget = {
  subjects: Infinity,
  pairRows: Infinity,
  costSubjects: Infinity,
  popular: Infinity,
  contracts: Infinity,
  slotValues: Infinity,
};
const SMALL: EvidenceBudget = {
  subjects: 60,
  pairRows: 30,
  costSubjects: 20,
  popular: 50,
  contracts: 12,
  slotValues: 9,
};

describe.each([
  { name: 'generated blocks', present: true, read: () => generatedRecords('mainnet', 3) },
  { name: 'the shared traces', present: hasSharedData, read: () => tracedRecords(3) },
])('evidence from $name', ({ present, read }) => {
  let records: readonly BlockRecord[] = [];
  let saved: Buffer = Buffer.alloc(0);
  beforeAll(async () => {
    if (!present) return;
    records = await read();
    saved = encodeEvidence(learn(records.slice(0, 2)));
  });
  const learned = (): { evidence: Evidence; next: BlockRecord } => {
    const next = records[2];
    if (next === undefined) throw new Error('expected a third block');
    return { evidence: decodeEvidence(saved, { file: 'evidence.bin', keccak256 }), next };
  };

  it.skipIf(!present)('predicts and goes on learning to the bit as before where there is room for all', () => {
    const { evidence, next } = learned();
    const compacted = compactEvidence(evidence, UNLIMITED);
    expect(encodeEvidence(evidence).equals(saved)).toBe(true);
    expect(compacted.space.words.size).toBeLessThan(evidence.space.words.size);
    expect(compacted.byteLength).toBeLessThan(evidence.byteLength);
    expect(predictionsOf(compacted, next)).toEqual(predictionsOf(evidence, next));
    compacted.learn(next);
    evidence.learn(next);
    expect(compacted.block).toBe(evidence.block);
    expect(predictionsOf(compacted, next)).toEqual(predictionsOf(evidence, next));
  });

  it.skipIf(!present)('keeps within a budget what is heaviest, the same each time', () => {
    const { evidence, next } = learned();
    const compacted = compactEvidence(evidence, SMALL);
    expect(encodeEvidence(compactEvidence(evidence, SMALL)).equals(encodeEvidence(compacted))).toBe(true);
    expect(compacted.accesses.size).toBe(SMALL.subjects);
    expect(compacted.gasUsed.size).toBe(SMALL.costSubjects);
    for (const table of compacted.pairs.tables) expect(table.pairs.size).toBeLessThanOrEqual(SMALL.pairRows);
    expect(compacted.slotValues.size).toBeLessThanOrEqual(SMALL.slotValues);
    expect(compacted.contracts.size).toBeLessThanOrEqual(2 * SMALL.contracts);
    expect(compacted.popularity.keys.counted().length).toBeLessThanOrEqual(SMALL.popular);
    expect(compacted.expressions.size).toBeLessThan(evidence.expressions.size);
    compacted.learn(next);
    expect(compacted.block).toBe(next.header.number);
    expect(compacted.accesses.size).toBeGreaterThan(SMALL.subjects);
  });

  it.skipIf(!present)('says of subjects that are kept what it said, and keeps those with the most calls', () => {
    const { evidence } = learned();
    const before = subjectsOf(evidence);
    const after = subjectsOf(compactEvidence(evidence, SMALL));
    const kept = [...before].filter(([name]) => after.has(name));
    expect(after.size).toBe(kept.length);
    for (const [name, subject] of kept) expect(after.get(name)).toEqual(subject);
    const least = Math.min(...kept.map(([, { weight }]) => weight));
    for (const [name, { weight }] of before) if (!after.has(name)) expect(weight).toBeLessThanOrEqual(least);
  });

  it.skipIf(!present)('stays bounded when blocks come again and again', () => {
    let { evidence } = learned();
    let previous = 0;
    for (let round = 0; round < 3; round++) {
      for (const record of records) {
        const header = { ...record.header, number: record.header.number + 3 * (round + 1) };
        evidence.learn({ ...record, header });
      }
      evidence = compactEvidence(evidence, SMALL);
      if (round > 0) expect(evidence.byteLength).toBeLessThan(previous * 1.5);
      previous = evidence.byteLength;
    }
  });
});

/** Subjects by names that do not depend on numbering; their decayed calls and rates. */
function subjectsOf(evidence: Evidence): Map<string, { weight: number; rates: unknown }> {
  const { space, functions, accesses } = evidence;
  const word = (number: number): string => (number < 0 ? 'none' : space.words.hash(number));
  const functionName = (id: number): string => `${word(functions.first(id))}.${functions.second(id)}`;
  const names: ((first: number, second: number) => string)[] = [
    (first) => functionName(first),
    (first, second) => `${word(first)} ${second}`,
    (first) => `${first}`,
    (first, second) => `${word(first)} ${functionName(second)}`,
    (first, second) => `${word(first)} ${functionName(second)}`,
    word,
    word,
    (first, second) => `${word(first)} ${second}`,
    word,
  ];
  const subjects = new Map<string, { weight: number; rates: unknown }>();
  for (let kind = 0; kind < SUBJECT_KIND_COUNT; kind++) {
    for (const { first, second, subject } of accesses.entries(kind)) {
      const weight = subject.calls * 2 ** ((subject.block - evidence.block) / evidence.options.halfLifeBlocks);
      const rates = subject
        .rates()
        .map(({ expression, read, write }) => [evidence.expressions.text(expression), read, write]);
      subjects.set(`${kind} ${names[kind]?.(first, second) ?? ''}`, { weight, rates });
    }
  }
  return subjects;
}
