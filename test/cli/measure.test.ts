import { afterAll, describe, expect, it, vi } from 'vitest';
import type { ReplayBlock } from '../../cli/replay/document.js';
import { measureBlock } from '../../cli/replay/measure.js';
import { Scheduling } from '../../cli/replay/scheduling.js';
import { LanecastError } from '../../errors.js';
import { createReferenceExecutor, keccak256 } from '../../executor/reference/index.js';
import { createWasmExecutor, type WasmExecutor } from '../../executor/wasm/index.js';
import { ModelHints } from '../../model/hints/model-hints.js';
import { ModelPredictor } from '../../model/predictor.js';
import { untrainedModel } from '../../model/untrained.js';
import { POLICIES, type Policy } from '../../scheduler/policy.js';
import { Calibrator } from '../../scheduler/calibrator.js';
import { UNCALIBRATED } from '../../scheduler/overheads.js';
import type { SourceBlock } from '../../types.js';
import { readTracerJson, tracerJson } from '../datasets/read-fixtures.js';
import { snapshotOf } from '../executor/reference/snapshots.js';
import { soundBlock } from './blocks-on-disk.js';

const ALL = POLICIES;
const reference = createReferenceExecutor();
const wasm = createWasmExecutor({ workers: 2 });
afterAll(() => wasm.close());

async function measure(
  source: SourceBlock,
  executor: WasmExecutor,
  policies: readonly Policy[] = ['sequential', 'optimistic'],
): Promise<ReplayBlock> {
  const executors = { reference, wasm: executor };
  const [machine, simulated] = [
    { workers: 2, isReal: true },
    { workers: 2, isReal: false },
  ];
  const scheduling = new Scheduling({
    ...{ policies, machines: [machine, simulated] },
    hints: new ModelHints(new ModelPredictor(untrainedModel(keccak256))),
    calibrator: new Calibrator(UNCALIBRATED),
  });
  const { block } = await measureBlock(source, executors, {
    ...{ policies, repeats: 2, cost: 'auto' },
    ...{ scheduling, machine, simulatedMachines: [simulated] },
  });
  return block;
}

function verdicts({ sequentialVerified, runs }: ReplayBlock): unknown {
  const real = runs.filter(({ simulated }) => !simulated).map(({ policy, verified }) => [policy, verified] as const);
  return { sequentialVerified, ...Object.fromEntries(real) };
}

/** What is asked of the engine first is the baseline, and then sequential and optimistic runs take turns, once each first. */
const TURNS = [
  [0, { sequentialVerified: false, sequential: false, optimistic: false }],
  [1, { sequentialVerified: false, sequential: false, optimistic: true }],
  [2, { sequentialVerified: true, sequential: true, optimistic: false }],
  [3, { sequentialVerified: true, sequential: true, optimistic: false }],
  [4, { sequentialVerified: false, sequential: false, optimistic: true }],
] as const;

describe('real runs of a block', () => {
  it.each(TURNS)('are not verified where answer %i has another fingerprint', async (wrong, expected) => {
    let answers = 0;
    const lying: WasmExecutor = {
      ...wasm,
      load: async (snapshot) => {
        const block = await wasm.load(snapshot);
        const fingerprint = block.fingerprint.bind(block);
        vi.spyOn(block, 'fingerprint').mockImplementation(() => (answers++ === wrong ? 'other' : fingerprint()));
        return block;
      },
    };
    expect(verdicts(await measure(await soundBlock(7), lying))).toEqual(expected);
    expect(answers).toBe(5);
  });

  it('are not verified where the first of them differs from the reference', async () => {
    const lying: WasmExecutor = {
      ...wasm,
      load: async (snapshot) => {
        const block = await wasm.load(snapshot);
        const describeRun = block.describe.bind(block);
        vi.spyOn(block, 'describe').mockImplementation((times) => ({ ...describeRun(times), postState: new Map() }));
        return block;
      },
    };
    const [, nothingVerified] = TURNS[0];
    expect(verdicts(await measure(await soundBlock(7), lying))).toEqual(nothingVerified);
  });

  it.each(TURNS)('of a recording are not verified where answer %i has other reads', async (wrong, expected) => {
    let answers = 0;
    const lying: WasmExecutor = {
      ...wasm,
      loadRecorded: async (workload) => {
        const recording = await wasm.loadRecorded(workload);
        const verify = recording.verify.bind(recording);
        vi.spyOn(recording, 'verify').mockImplementation(() => verify() && answers++ !== wrong);
        return recording;
      },
    };
    const block = await measure(readTracerJson(tracerJson()), lying);
    expect(verdicts(block)).toEqual(expected);
    expect(block).toMatchObject({ execution: 'recorded', engine: 'wasm', cost: 'gas-less-intrinsic' });
  });

  it('have finite times where the block is empty', async () => {
    const { sequentialNs, runs } = await measure(snapshotOf({ transactions: [] }), wasm, ALL);
    expect(sequentialNs).toBeGreaterThan(0);
    for (const { simulated, wallNs, predictNs, planNs, speedup } of runs) {
      expect(wallNs).toBeGreaterThan(simulated ? -1 : 0);
      expect(speedup).toBeCloseTo(simulated ? 1 : sequentialNs / (wallNs + predictNs + planNs), 9);
    }
  });

  it('give way to simulated ones where a recording is none for the engine', async () => {
    const refuse = (): Promise<never> => Promise.reject(new LanecastError('UNSUPPORTED', 'too large'));
    const block = await measure(readTracerJson(tracerJson()), { ...wasm, loadRecorded: refuse }, ALL);
    expect(block).toMatchObject({
      execution: 'simulated',
      engine: null,
      fallback: 'too large',
      sequentialVerified: true,
    });
    expect(block.runs.map(({ policy, simulated, verified }) => [policy, simulated, verified])).toEqual(
      ALL.map((policy) => [policy, true, true]),
    );
  });
});
