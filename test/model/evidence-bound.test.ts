import { beforeAll, describe, expect, it } from 'vitest';
import { keccak256 } from '../../executor/reference/index.js';
import { encodeEvidence } from '../../model/artifact/evidence-file.js';
import { EvidenceBound, shrinkEvidence } from '../../model/evidence-bound.js';
import { Evidence } from '../../model/evidence.js';
import { pendingOf } from '../../model/pending.js';
import { ModelPredictor } from '../../model/predictor.js';
import { Trainer } from '../../model/training/trainer.js';
import type { BlockRecord } from '../../types.js';
import { generatedRecords, learn, modelOf } from './learned.js';

/** Held by evidence that knows nothing, with room for a few rows. */
const LEAST_BYTES = new Evidence({ keccak256, halfLifeBlocks: 100 }).byteLength + 64 * 1024;

describe('bounded evidence', () => {
  let records: readonly BlockRecord[] = [];
  beforeAll(async () => {
    records = await generatedRecords('mainnet', 4);
  });

  it('is the same evidence below the bound, and looked at every so many blocks', () => {
    const evidence = learn(records);
    expect(new EvidenceBound({ everyBlocks: 1 }).apply(evidence)).toBe(evidence);
    const bound = new EvidenceBound({ maxBytes: LEAST_BYTES, everyBlocks: 3 });
    expect([bound.apply(evidence), bound.apply(evidence)]).toEqual([evidence, evidence]);
    expect(bound.apply(evidence)).not.toBe(evidence);
    expect(bound.apply(evidence)).toBe(evidence);
  });

  it('keeps the heaviest half, or less where that is too much, the same each time', () => {
    const evidence = learn(records);
    const half = shrinkEvidence(evidence, evidence.byteLength);
    expect(half.accesses.size).toBe(Math.floor(evidence.accesses.size / 2));
    const least = shrinkEvidence(evidence, LEAST_BYTES);
    expect(least.byteLength).toBeLessThanOrEqual(LEAST_BYTES);
    expect(least.accesses.size).toBeLessThan(half.accesses.size);
    expect(encodeEvidence(shrinkEvidence(evidence, LEAST_BYTES)).equals(encodeEvidence(least))).toBe(true);
  });

  it('refuses bounds that bound nothing', () => {
    expect(() => new EvidenceBound({ maxBytes: 0 })).toThrow(RangeError);
    expect(() => new EvidenceBound({ everyBlocks: Number.NaN })).toThrow(RangeError);
  });

  it('is what predictors and trainers go on with', () => {
    const evidence = new Evidence({ keccak256, halfLifeBlocks: 100 });
    const predictor = new ModelPredictor(modelOf(evidence), { maxEvidenceBytes: LEAST_BYTES });
    const trainer = new Trainer({ keccak256, seed: 1, halfLifeBlocks: 100, maxEvidenceBytes: LEAST_BYTES });
    const first = trainer.evidence;
    for (let round = 0; round < 16; round++) {
      for (const record of records) {
        const number = record.header.number + round * records.length;
        const renumbered = { ...record, header: { ...record.header, number } };
        predictor.learn(renumbered);
        trainer.learn(renumbered);
      }
    }
    for (const [kept, old] of [[predictor.model.evidence, evidence] as const, [trainer.evidence, first] as const]) {
      expect(kept).not.toBe(old);
      expect(kept.byteLength).toBeLessThanOrEqual(LEAST_BYTES);
      expect(kept.block).toBe(old.block);
    }
    const [next] = records;
    if (next === undefined) throw new Error('expected a block');
    const fresh = new ModelPredictor(predictor.model);
    expect(predictor.predict(pendingOf(next))).toEqual(fresh.predict(pendingOf(next)));
  });
});
