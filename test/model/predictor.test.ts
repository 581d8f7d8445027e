import { beforeAll, describe, expect, it } from 'vitest';
import { keccak256 } from '../../executor/reference/index.js';
import { Evidence } from '../../model/evidence.js';
import { openTensorflow, type TensorflowRuntime } from '../../model/network/tensorflow.js';
import { pendingOf } from '../../model/pending.js';
import { ModelPredictor, type ModelPrediction } from '../../model/predictor.js';
import { Trainer, type Model, type Plans } from '../../model/training/trainer.js';
import type { BlockRecord } from '../../types.js';
import { truthOf } from '../../model/evaluation/truth.js';
import { generatedRecords } from './learned.js';

const small = { hidden: [8], members: 1, maxEpochs: 4, patience: 2, batchRows: 128, learningRate: 0.01 };
const PLANS: Plans = {
  conflicts: { ...small, weightDecay: 1e-3 },
  accesses: { ...small, weightDecay: 1e-3 },
  costs: { ...small, weightDecay: 1e-2 },
};

const EVIDENCE = { keccak256, halfLifeBlocks: 1000 };
const [TRAINING_BLOCKS, BLOCKS] = [6, 8];

describe('the trained model', () => {
  let runtime: TensorflowRuntime;
  let records: readonly BlockRecord[] = [];
  let [trained, tensorsLeft]: [Model | null, number] = [null, Number.NaN];

  /** The model of seed 1 with statistics of its own, which learning changes. Training takes long, so its networks are shared. */
  function trainedModel(): Model {
    if (trained === null) throw new Error('expected a model');
    const evidence = new Evidence(EVIDENCE);
    for (const record of records.slice(0, TRAINING_BLOCKS)) evidence.learn(record);
    return { ...trained, evidence };
  }

  async function train(seed: number, blocks = TRAINING_BLOCKS): Promise<Model> {
    const trainer = new Trainer({ ...EVIDENCE, seed, plans: PLANS });
    for (const record of records.slice(0, blocks)) trainer.learn(record);
    return trainer.finish(runtime);
  }

  function later(index = TRAINING_BLOCKS): BlockRecord {
    const record = records[index];
    if (record === undefined) throw new Error('expected more blocks');
    return record;
  }

  beforeAll(async () => {
    runtime = await openTensorflow();
    records = await generatedRecords('mainnet', BLOCKS, 70);
    const { numTensors } = runtime.tf.memory();
    trained = await train(1);
    tensorsLeft = runtime.tf.memory().numTensors - numTensors;
  }, 120_000);

  it('is the same for the same seed and blocks, and another for another seed', async () => {
    const [first, again, other] = [trainedModel(), await train(1), await train(2)];
    const predict = (model: Model) => plain(new ModelPredictor(model).predict(pendingOf(later())));
    expect(predict(again)).toEqual(predict(first));
    expect(again.thresholds).toEqual(first.thresholds);
    expect(predict(other)).not.toEqual(predict(first));
  });

  it('leaves no tensors behind', () => {
    expect(tensorsLeft).toBe(0);
  });

  it('predicts rows that hold what they promise', () => {
    const predictor = new ModelPredictor(trainedModel(), { accounts: true });
    const record = later();
    const { accesses, conflicts, gasUsed, executionNs, dependentProbability, latestBlocker } = predictor.predict(
      pendingOf(record),
    );
    const { length } = record.transactions;
    for (const { offsets } of [accesses, conflicts]) {
      expect(offsets).toHaveLength(length + 1);
      expect([...offsets]).toEqual([...offsets].sort((a, b) => a - b));
    }
    for (let index = 0; index < length; index++) {
      const row = [...conflicts.earlier.subarray(conflicts.offsets[index], conflicts.offsets[index + 1])];
      expect(row).toEqual([...new Set(row)].sort((a, b) => a - b));
      expect(row.every((earlier) => earlier < index)).toBe(true);
      expect(latestBlocker[index]).toBeLessThan(index);
      const quantiles = [
        ...gasUsed.values.subarray(index * gasUsed.levels.length, (index + 1) * gasUsed.levels.length),
      ];
      expect(quantiles).toEqual([...quantiles].sort((a, b) => a - b));
      const limit = record.transactions[index]?.transaction.gasLimit ?? 0;
      expect(quantiles.every((gas) => gas >= 21_000 && gas <= limit)).toBe(true);
    }
    for (const list of [
      accesses.readProbability,
      accesses.writeProbability,
      conflicts.probability,
      dependentProbability,
    ]) {
      expect(list.every((probability) => probability >= 0 && probability <= 1)).toBe(true);
    }
    expect(accesses.keyIndices.every((key) => key < accesses.keys.length)).toBe(true);
    expect(executionNs?.values).toHaveLength(length * gasUsed.levels.length);
  });

  it('says the same again, however often it was asked, until it learns', () => {
    const predictor = new ModelPredictor(trainedModel());
    const first = plain(predictor.predict(pendingOf(later())));
    predictor.predict(pendingOf(later(TRAINING_BLOCKS + 1)));
    expect(plain(predictor.predict(pendingOf(later())))).toEqual(first);
    predictor.learn(later());
    expect(plain(predictor.predict(pendingOf(later())))).not.toEqual(first);
  });

  it('says after learning what a model says that learned without ever predicting', () => {
    const [asked, silent] = [new ModelPredictor(trainedModel()), new ModelPredictor(trainedModel())];
    asked.predict(pendingOf(later()));
    for (const predictor of [asked, silent]) predictor.learn(later());
    const next = pendingOf(later(TRAINING_BLOCKS + 1));
    expect(plain(asked.predict(next))).toEqual(plain(silent.predict(next)));
  });

  it('recognises most conflicts of blocks like those it learned', () => {
    const predictor = new ModelPredictor(trainedModel());
    let [hits, pairs] = [0, 0];
    for (const record of records.slice(TRAINING_BLOCKS)) {
      const truth = new Set(pairsOf(truthOf(record).conflicts));
      const { conflicts } = predictor.predict(pendingOf(record));
      const predicted = pairsOf(conflicts).filter((_, pair) => (conflicts.probability[pair] ?? 0) >= 0.5);
      hits += predicted.filter((pair) => truth.has(pair)).length;
      pairs += truth.size;
      predictor.learn(record);
    }
    expect(pairs).toBeGreaterThan(20);
    expect(hits / pairs).toBeGreaterThan(0.6);
  });

  it('works by its statistics alone where it has hardly seen anything', async () => {
    const model = await train(1, 1);
    const { conflicts, gasUsed } = new ModelPredictor(model).predict(pendingOf(later(1)));
    expect(conflicts.offsets).toHaveLength(later(1).transactions.length + 1);
    expect(gasUsed.values.every((gas) => gas >= 21_000)).toBe(true);
  });
});

function pairsOf({ offsets, earlier }: { readonly offsets: Uint32Array; readonly earlier: Uint32Array }): string[] {
  return Array.from({ length: offsets.length - 1 }, (_, later) =>
    Array.from(earlier.subarray(offsets[later], offsets[later + 1]), (index) => `${index},${later}`),
  ).flat();
}

/** A prediction as plain lists, to be compared. */
function plain({ accesses, conflicts, gasUsed, latestBlocker }: ModelPrediction): unknown {
  const { keys, offsets, keyIndices, readProbability, writeProbability } = accesses;
  return {
    accesses: [keys, offsets, keyIndices, readProbability, writeProbability],
    conflicts: [conflicts.offsets, conflicts.earlier, conflicts.probability],
    gasUsed: gasUsed.values,
    latestBlocker,
  };
}
