import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { keccak256 } from '../../executor/reference/index.js';
import { ACCESS_FEATURES } from '../../model/accesses/candidates.js';
import { PAIR_FEATURES } from '../../model/conflicts/pair-features.js';
import { COST_FEATURES } from '../../model/costs/cost-statistics.js';
import { FEATURE_VERSION } from '../../model/feature-version.js';
import { Evidence } from '../../model/evidence.js';
import type { NetworkWeights } from '../../model/network/network.js';
import { pendingOf } from '../../model/pending.js';
import { ModelPredictor, type ModelPrediction } from '../../model/predictor.js';
import { QUANTILE_LEVELS } from '../../model/quantiles.js';
import type { Model } from '../../model/training/trainer.js';
import type { BlockRecord } from '../../types.js';
import { hasSharedData } from '../shared-data.js';
import { generatedRecords, tracedRecords } from './learned.js';

const sources: [string, () => Promise<BlockRecord[]>][] = [['generated', () => generatedRecords('mainnet', 5, 20)]];
if (hasSharedData) sources.push(['traced', () => tracedRecords(5, 25)]);

describe.each(sources)('a predictor of %s blocks', (_, read) => {
  let records: BlockRecord[] = [];

  beforeAll(async () => {
    records = await read();
  }, 60_000);

  it('says the same whatever it was asked before, and when transactions were prepared', () => {
    const step = fc.record({
      learns: fc.boolean(),
      asks: fc.array(fc.record({ block: fc.nat(4), prepares: fc.boolean() }), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 4 }), fc.nat(4), (steps, asked) => {
        const [asksOften, asksOnce] = [predictorOf(), predictorOf()];
        let learned = 0;
        for (const { learns, asks } of steps) {
          for (const { block, prepares } of asks) {
            const pending = pendingOf(blockAt(block));
            if (prepares) asksOften.predictor.prepare(pending);
            else asksOften.predictor.predict(pending);
            // Asking tells which code recipients have, to the one that is not asked as well.
            asksOnce.evidence.noteCodes(pending);
          }
          if (!learns) continue;
          for (const { predictor } of [asksOften, asksOnce]) predictor.learn(blockAt(learned));
          learned += 1;
        }
        const pending = pendingOf(blockAt(asked));
        expect(wordsOf(asksOften.predictor.predict(pending))).toEqual(wordsOf(asksOnce.predictor.predict(pending)));
      }),
      { numRuns: 12, seed: 5 },
    );
  });

  it('says the same of the same transactions and of copies of them', () => {
    const { predictor } = predictorOf();
    for (const record of records.slice(0, 4)) predictor.learn(record);
    const pending = pendingOf(blockAt(4));
    const copies = { ...pending, transactions: pending.transactions.map((transaction) => ({ ...transaction })) };
    const first = wordsOf(predictor.predict(pending));
    expect(wordsOf(predictor.predict(pending))).toEqual(first);
    expect(wordsOf(predictor.predict(copies))).toEqual(first);
  });

  function blockAt(index: number): BlockRecord {
    const record = records[index];
    if (record === undefined) throw new RangeError(`no block ${index}`);
    return record;
  }
});

describe('the features of generated blocks', () => {
  it('change with the feature version only: networks of saved models rest on them', async () => {
    const evidence = new Evidence({ keccak256, halfLifeBlocks: 100 });
    const digest = createHash('sha256');
    for (const record of await generatedRecords('mainnet', 4, 60)) {
      evidence.learn(record, {
        accesses: (_, { features, keys }) => digest.update(features.subarray(0, keys.length * ACCESS_FEATURES)),
        pair: ({ earlierIndex, laterIndex, sharedParties }, features, conflicted) => {
          digest.update(features).update([earlierIndex, laterIndex, sharedParties.length, conflicted].join(' '));
        },
      });
    }
    expect([FEATURE_VERSION, digest.digest('hex')]).toEqual([
      1,
      'd440c06b083f19dfe0c9cd7775e6540db2f2b7af0039aa7f450311ea546bba01',
    ]);
  }, 60_000);
});

function predictorOf(): { readonly predictor: ModelPredictor; readonly evidence: Evidence } {
  const evidence = new Evidence({ keccak256, halfLifeBlocks: 100 });
  const calibration = { kind: 'sigmoid', slope: 1, intercept: 0 } as const;
  const model: Model = {
    evidence,
    conflicts: { members: [networkOf(PAIR_FEATURES, 1)], calibrations: [calibration] },
    accesses: { members: [networkOf(ACCESS_FEATURES, 2)], calibrations: [calibration, calibration] },
    gasUsed: [networkOf(COST_FEATURES, QUANTILE_LEVELS.length)],
    executionNs: [networkOf(COST_FEATURES, QUANTILE_LEVELS.length)],
    thresholds: { conflict: 0.5, dependent: 0.5, latestBlocker: 0.5, access: 0.5, write: 0.5 },
  };
  return { predictor: new ModelPredictor(model, { accounts: true }), evidence };
}

/** One layer whose weights differ enough that features that differ are told apart. */
function networkOf(inputs: number, outputs: number): NetworkWeights {
  return {
    inputs,
    normaliser: { mean: new Float32Array(inputs), scale: new Float32Array(inputs).fill(1) },
    layers: [
      {
        units: outputs,
        activation: 'linear',
        kernel: Float32Array.from({ length: inputs * outputs }, (_, index) => Math.sin(index + 1) / 16),
        bias: new Float32Array(outputs),
      },
    ],
    head: outputs === QUANTILE_LEVELS.length ? 'ascending' : 'linear',
  };
}

/** A prediction without numbers that depend on the order in which things became known. */
function wordsOf({ accesses, conflicts, gasUsed, executionNs, ...rest }: ModelPrediction): unknown {
  return {
    ...{ conflicts, gas: gasUsed.values, times: executionNs?.values, ...rest },
    offsets: accesses.offsets,
    touched: Array.from(accesses.keyIndices, (index) => accesses.keys[index]),
    probabilities: [accesses.readProbability, accesses.writeProbability],
  };
}
