import binaryen from 'assemblyscript/binaryen';
import { afterEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../../executor/wasm/engine.js';
import * as layout from '../../../executor/wasm/layout.js';
import { LoadedRecording } from '../../../executor/wasm/loaded-recording.js';
import { emptyPlan } from '../../../scheduler/plan.js';
import { compressRows } from '../../../scheduler/rows.js';
import type { Workload } from '../../../scheduler/workload.js';
import { chain, change, credit, independent, item, read, workloadOf } from '../../scheduler/workloads.js';
import { createWarmEngine, PunctualPool, type TestEngine } from './test-engine.js';

/** Units of work that no thread gets done. */
const FOREVER = 1e15;
const EXECUTING = 1;
const FAILED = { code: 'EXECUTION_FAILED', message: 'A worker thread died or hung while it executed a block.' };

const opened: Engine[] = [];
afterEach(async () => {
  for (const { pool } of opened.splice(0)) await pool.destroy();
});

async function open(workers: number): Promise<TestEngine> {
  const engine = await createWarmEngine(workers);
  opened.push(engine);
  return engine;
}

function isExecuting({ instance }: Engine, transaction: number): boolean {
  return (instance.u32(instance.u32(layout.RUN_STATES) + layout.STATE_BYTES * transaction) & 7) === EXECUTING;
}

/** The calling thread, which would never come back from such a transaction, begins when others execute the first of the block. */
function leaveToOthers(engine: TestEngine, transactions: number): void {
  engine.pool.gate = () => {
    for (let index = 0; index < transactions; index += 1) if (!isExecuting(engine, index)) return false;
    return true;
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

/** A run like any other on the same engine, first without threads where there are none: what went before has left nothing behind. */
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
    await engine.pool.warmUp(workers - 1);
  }
}

/** An engine like this one, whose threads do in a run what the text says, in place of taking part in it. */
function withThreads(engine: TestEngine, runWorker: string): TestEngine {
  const [base, size] = [engine.instance.u32(layout.H_WORKER_BASE), engine.instance.u32(layout.H_WORKER_BYTES)];
  const source = binaryen.parseText(`(module
    (import "env" "memory" (memory 64 65536 shared))
    (import "host" "precompile" (func $precompile (param i32 i32 i32 f64 i32 i32) (result f64)))
    (global $region (mut i32) (i32.const 0))
    (func (export "attach") (param $worker i32)
      (global.set $region (i32.add (i32.const ${base}) (i32.mul (i32.const ${size}) (local.get $worker)))))
    (func $enter (param $run i32)
      (i32.store offset=${layout.W_INSIDE} (global.get $region) (local.get $run))
      (drop (i64.atomic.rmw.add (i32.const ${layout.RUN_ACTIVE}) (i64.const 1)))
      (drop (i32.atomic.rmw.add (i32.const ${layout.RUN_JOINED}) (i32.const 1))))
    (func $fail
      (drop (call $precompile (i32.const 999) (i32.const 0) (i32.const 0) (f64.const 0) (i32.const 0) (i32.const 0))))
    (func (export "runWorker") (param $run i32) (if (local.get $run) (then ${runWorker}))))`);
  source.setFeatures(binaryen.Features.Atomics);
  const share = { ...engine.share, module: new WebAssembly.Module(new Uint8Array(source.emitBinary())) };
  const pool = new PunctualPool(share, { threads: engine.workers - 1, idleTimeoutMs: 60_000 }, engine.instance);
  const broken: TestEngine = { ...engine, share, pool };
  opened.push(broken);
  return broken;
}

describe('a worker thread that dies', () => {
  it.each([0, 1])('in the middle of a transaction ends the run, not the engine: thread %i', async (victim) => {
    const engine = await open(3);
    leaveToOthers(engine, 2);
    const workload = workloadOf(item(FOREVER), item(FOREVER), ...chain(6, 10).transactions);
    const run = new LoadedRecording(engine, workload).run({ workers: 3, mayContinueInOrder: false });
    const failed = expect(run).rejects.toMatchObject(FAILED);
    await until(() => isExecuting(engine, 0) && isExecuting(engine, 1));
    await engine.pool.threads[victim]?.terminate();
    await failed;
    expect(engine.pool.threads).toEqual([]);
    engine.pool.gate = () => true;
    await expectRecovered(engine, 3);
  });

  it.each([0, 1])('while others sleep or work ends the run: thread %i', async (victim) => {
    const engine = await open(3);
    leaveToOthers(engine, 1);
    const workload = workloadOf(item(FOREVER, change(0)), ...chain(30, 10).transactions);
    const run = new LoadedRecording(engine, workload).run({ workers: 3, mayContinueInOrder: false });
    const failed = expect(run).rejects.toMatchObject(FAILED);
    const { instance } = engine;
    // The calling thread, which looks after them now, is none of the sleepers.
    await until(() => instance.u32(layout.RUN_JOINED) === 3 && instance.u32(layout.RUN_SLEEPERS) === 1);
    await engine.pool.threads[victim]?.terminate();
    await failed;
    engine.pool.gate = () => true;
    await expectRecovered(engine, 3);
  });

  it('before it has a task is replaced', async () => {
    const engine = await open(2);
    await expectRecovered(engine, 2);
    await Promise.all(engine.pool.threads.map((thread) => thread.terminate()));
    expect(engine.pool.threads).toEqual([]);
    await expectRecovered(engine, 2);
    expect(engine.pool.threads).toHaveLength(1);
  });

  it('as it gets a task ends the run, or has not been in it', async () => {
    const engine = await open(2);
    engine.pool.gate = () => true;
    const recording = new LoadedRecording(engine, independent(2));
    const run = recording.run({ workers: 2 });
    await engine.pool.threads[0]?.terminate();
    await run.then(
      () => expect(recording.verify()).toBe(true),
      (error: unknown) => expect(error).toMatchObject(FAILED),
    );
    await expectRecovered(engine, 2);
  });

  it('by an error of the host in a precompile ends the run', async () => {
    const engine = await open(2);
    const broken = withThreads(engine, '(call $enter (local.get $run)) (call $fail)');
    await broken.pool.warmUp(1);
    const cause = expect.objectContaining({ message: 'no precompile 999' }) as Error;
    const run = new LoadedRecording(broken, chain(3)).run({ workers: 2 });
    await expect(run).rejects.toMatchObject({ ...FAILED, cause });
    expect(broken.pool.threads).toEqual([]);
    await expectRecovered(engine, 2);
  });

  it('before it is in the run takes nothing with it', async () => {
    const engine = withThreads(await open(2), '(call $fail)');
    await engine.pool.warmUp(1);
    engine.pool.gate = () => true;
    const recording = new LoadedRecording(engine, chain(20));
    for (let round = 0; round < 3; round += 1) {
      const { joined, executions } = await recording.run({ workers: 2 });
      expect({ joined, executions }).toEqual({ joined: 1, executions: 20 });
      expect(recording.verify()).toBe(true);
    }
  });
});

describe('a worker that hangs', () => {
  it('is given up after the limit', async () => {
    const engine = await open(3);
    leaveToOthers(engine, 1);
    const recording = new LoadedRecording(engine, workloadOf(item(FOREVER, change(0)), ...chain(20, 10).transactions));
    await expect(recording.run({ workers: 3, limitMs: 20, mayContinueInOrder: false })).rejects.toMatchObject(FAILED);
    engine.pool.gate = () => true;
    await expectRecovered(engine, 3);
  });

  it('is given up where it has not left at the end', async () => {
    const engine = withThreads(await open(2), '(call $enter (local.get $run)) (loop $forever (br $forever))');
    await engine.pool.warmUp(1);
    const run = new LoadedRecording(engine, chain(20)).run({ workers: 2, limitMs: 20 });
    await expect(run).rejects.toMatchObject(FAILED);
    engine.pool.gate = () => true;
    const { joined } = await new LoadedRecording(engine, chain(20)).run({ workers: 2 });
    expect(joined).toBe(1);
  });

  it('has a limit that a timer can keep', async () => {
    const recording = new LoadedRecording(await open(1), chain(3));
    for (const limitMs of [0, -1, Number.NaN, Infinity, 2 ** 31]) {
      const run = recording.run({ workers: 1, tracked: true, limitMs });
      await expect(run).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
  });
});

describe('an error on the calling thread', () => {
  it('ends the run for all, and the next is as ever', async () => {
    const engine = await open(2);
    const { exports } = engine.instance;
    const cause = new Error('out of bounds');
    const leadRun = (): never => {
      throw cause;
    };
    Object.defineProperty(engine.instance, 'exports', { value: { ...exports, leadRun }, configurable: true });
    const recording = new LoadedRecording(engine, chain(20));
    engine.pool.gate = () => true;
    await expect(recording.run({ workers: 2 })).rejects.toMatchObject({ ...FAILED, cause });
    expect(engine.pool.threads).toEqual([]);
    Object.defineProperty(engine.instance, 'exports', { value: exports });
    await expectRecovered(engine, 2);
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
