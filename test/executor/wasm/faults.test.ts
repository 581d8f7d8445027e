import binaryen from 'assemblyscript/binaryen';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../../executor/wasm/engine.js';
import * as layout from '../../../executor/wasm/layout.js';
import { LoadedRecording } from '../../../executor/wasm/loaded-recording.js';
import { WorkerPool } from '../../../executor/wasm/pool.js';
import { emptyPlan } from '../../../scheduler/plan.js';
import { compressRows } from '../../../scheduler/rows.js';
import type { Workload } from '../../../scheduler/workload.js';
import { chain, change, credit, independent, item, read, workloadOf } from '../../scheduler/workloads.js';
import { createTestEngine, type TestEngine } from './test-engine.js';

/** Units of work that no thread gets done. */
const FOREVER = 1e15;
const EXECUTING = 1;
const FAILED = { code: 'EXECUTION_FAILED', message: 'A worker thread died or hung while it executed a block.' };

const opened: Engine[] = [];
afterEach(async () => {
  for (const { pool } of opened.splice(0)) await pool.destroy();
});

async function open(workers: number): Promise<TestEngine> {
  const engine = await createTestEngine(workers);
  opened.push(engine);
  return engine;
}

function statusOf({ instance }: Engine, transaction: number): number {
  return instance.u32(instance.u32(layout.RUN_STATES) + layout.STATE_BYTES * transaction) & 7;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

const isAwake = ({ instance }: Engine, workers: number): boolean =>
  (instance.u32(layout.RUN_ACTIVE) & 0xffff) === workers;

/** A run like any other on the same engine: what went before has left nothing behind. */
async function expectRecovered(engine: Engine, workers: number): Promise<void> {
  const workload = workloadOf(...chain(40, 50).transactions, item(10, [read(0), ...change(3), credit(4)]));
  const recording = new LoadedRecording(engine, workload);
  await recording.run({ workers: 1 });
  const expected = recording.digests();
  for (let round = 0; round < 3; round += 1) {
    const { executions } = await recording.run({ workers, tracked: true, mayContinueInOrder: false });
    expect(executions).toBeGreaterThanOrEqual(workload.transactions.length);
    expect(recording.verify()).toBe(true);
    expect(recording.digests()).toEqual(expected);
  }
}

describe('a worker thread that dies', () => {
  it.each([0, 1])('in the middle of a transaction ends the run, not the engine: thread %i', async (victim) => {
    const engine = await open(2);
    const run = new LoadedRecording(engine, independent(8, FOREVER)).run({ workers: 2 });
    const failed = expect(run).rejects.toMatchObject(FAILED);
    await until(() => statusOf(engine, 0) === EXECUTING && statusOf(engine, 1) === EXECUTING);
    await engine.pool.threads[victim]?.terminate();
    await failed;
    await expectRecovered(engine, 2);
  });

  it.each([0, 1, 2])('while others sleep or work ends the run: thread %i', async (victim) => {
    const engine = await open(3);
    const workload = workloadOf(item(FOREVER, change(0)), ...chain(30, 10).transactions);
    const run = new LoadedRecording(engine, workload).run({ workers: 3, mayContinueInOrder: false });
    const failed = expect(run).rejects.toMatchObject(FAILED);
    await until(() => isAwake(engine, 3) && engine.instance.u32(layout.RUN_SLEEPERS) === 2);
    await engine.pool.threads[victim]?.terminate();
    await failed;
    await expectRecovered(engine, 3);
  });

  it('before it has a task, or as it gets it, is replaced', async () => {
    const engine = await open(2);
    await expectRecovered(engine, 2);
    await Promise.all(engine.pool.threads.map((thread) => thread.terminate()));
    await expectRecovered(engine, 2);
    const run = new LoadedRecording(engine, independent(2, FOREVER)).run({ workers: 2 });
    const failed = expect(run).rejects.toMatchObject(FAILED);
    await engine.pool.threads[0]?.terminate();
    await failed;
    await expectRecovered(engine, 2);
  });

  it('by an error of the host in a precompile ends the run', async () => {
    const engine = await open(2);
    // In place of the engine, a module whose task calls a precompile that the host does not have.
    const text = `(module
      (import "env" "memory" (memory 64 65536 shared))
      (import "host" "precompile" (func $precompile (param i32 i32 i32 f64 i32 i32) (result f64)))
      (func (export "attach") (param i32))
      (func (export "runWorker") (result i32)
        (drop (call $precompile (i32.const 999) (i32.const 0) (i32.const 0) (f64.const 0) (i32.const 0) (i32.const 0)))
        (i32.const 1)))`;
    const source = binaryen.parseText(text);
    source.setFeatures(binaryen.Features.Atomics);
    const module = new WebAssembly.Module(new Uint8Array(source.emitBinary()));
    const broken: Engine = { ...engine, pool: new WorkerPool({ ...engine.share, module }, 2) };
    opened.push(broken);
    const cause = expect.objectContaining({ message: 'no precompile 999' }) as Error;
    const run = new LoadedRecording(broken, chain(3)).run({ workers: 2 });
    await expect(run).rejects.toMatchObject({ ...FAILED, cause });
    await expectRecovered(engine, 2);
  });
});

describe('a worker that hangs', () => {
  it.each([1, 3])('is given up after the limit, %i workers', async (workers) => {
    const engine = await open(workers);
    const workload = workloadOf(item(FOREVER, change(0)), ...chain(20, 10).transactions);
    // Threads that are still to start would find the run over, and leave.
    await expectRecovered(engine, workers);
    const recording = new LoadedRecording(engine, workload);
    await expect(recording.run({ workers, tracked: true, limitMs: 20 })).rejects.toMatchObject(FAILED);
    await expectRecovered(engine, workers);
  });

  it('has a limit that a timer can keep', async () => {
    const recording = new LoadedRecording(await open(1), chain(3));
    for (const limitMs of [0, -1, Number.NaN, Infinity, 2 ** 31]) {
      const run = recording.run({ workers: 1, tracked: true, limitMs });
      await expect(run).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
  });
});

describe('a plan', () => {
  const count = 5;
  const plan = emptyPlan(count, 2);
  const rows = compressRows([[], [0], [1], [2], [3]]);
  const wrongPlans = {
    'of fewer transactions': emptyPlan(count - 1, 2),
    'of more transactions': emptyPlan(count + 1, 2),
    'of nothing': emptyPlan(0, 2),
    'without priorities': { ...plan, priority: new Uint32Array() },
    'with fewer rows': { ...plan, blockers: compressRows([[0]]) },
    'with fewer rows of writes': { ...plan, writes: compressRows([[0]]) },
    'whose rows end beyond their entries': { ...plan, blockers: { ...rows, indices: rows.indices.slice(1) } },
    'whose rows go back': { ...plan, blockers: { ...rows, offsets: Uint32Array.of(0, 9, 0, 0, 0, 4) } },
  };

  it('of another block is refused, and the next run is as ever', async () => {
    const engine = await open(2);
    const recording = new LoadedRecording(engine, chain(count));
    for (const [name, wrong] of Object.entries(wrongPlans)) {
      await expect(recording.run({ workers: 2, plan: wrong }), name).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
      await recording.run({ workers: 2, plan: { ...plan, blockers: rows } });
      expect(recording.verify()).toBe(true);
    }
  });

  it('that expects writes of unknown keys, of the same twice and in vain, changes nothing', async () => {
    const engine = await open(2);
    const workload: Workload = chain(count);
    const recording = new LoadedRecording(engine, workload);
    await recording.run({ workers: 1 });
    const expected = recording.digests();
    const writes = compressRows([[0, 0, 7], [7, 9], [0], [], [0]]);
    for (const workers of [1, 2]) {
      await recording.run({ workers, plan: { ...plan, writes } });
      expect(recording.digests()).toEqual(expected);
    }
  });
});
