import binaryen from 'assemblyscript/binaryen';
import { afterEach, describe, expect, it } from 'vitest';
import { createWasmExecutor, type WasmExecutor, type WasmExecutorOptions } from '../../../executor/wasm/index.js';
import * as layout from '../../../executor/wasm/layout.js';
import { LoadedRecording } from '../../../executor/wasm/loaded-recording.js';
import { WorkerPool } from '../../../executor/wasm/pool.js';
import { chain, independent } from '../../scheduler/workloads.js';
import { snapshotOf } from '../reference/snapshots.js';
import { createTestEngine, createWarmEngine } from './test-engine.js';

const opened: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const executor of opened.splice(0)) await executor.close();
});

function open(options: WasmExecutorOptions): WasmExecutor {
  const executor = createWasmExecutor(options);
  opened.push(executor);
  return executor;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

/** A run on that many workers, whoever of them comes, is right. */
async function expectRun(executor: WasmExecutor, workers: number): Promise<void> {
  const recording = await executor.loadRecorded(chain(30, 20));
  const { joined } = await recording.run({ workers });
  expect(joined).toBeGreaterThanOrEqual(1);
  expect(joined).toBeLessThanOrEqual(Math.min(workers, executor.threads + 1));
  expect(recording.verify()).toBe(true);
}

describe('the threads of an executor', () => {
  it('are started ahead of load: as many as are missing', async () => {
    const executor = open({ workers: 4 });
    expect(executor.threads).toBe(0);
    for (const [workers, threads] of [
      [3, 2],
      [1, 2],
      [3, 2],
      [4, 3],
    ] as const) {
      await executor.warmUp(workers);
      expect(executor.threads).toBe(threads);
    }
    await Promise.all([executor.warmUp(4), executor.warmUp(4)]);
    expect(executor.threads).toBe(3);
    await expectRun(executor, 4);
    await expectRun(executor, 2);
    expect(executor.threads).toBe(3);
  });

  it('are not waited for: the first run starts them for later ones', async () => {
    const executor = open({ workers: 3 });
    const recording = await executor.loadRecorded(independent(20));
    expect(executor.threads).toBe(0);
    expect(await recording.run({ workers: 3 })).toMatchObject({ joined: 1, executions: 20, aborts: 0 });
    expect(recording.verify()).toBe(true);
    await until(() => executor.threads === 2);
    await expectRun(executor, 3);
  });

  it('are not started for one worker', async () => {
    const executor = open({ workers: 2 });
    const recording = await executor.loadRecorded(chain(5));
    await recording.run({ workers: 1 });
    expect(await recording.run({ workers: 1, tracked: true })).toMatchObject({ joined: 1, executions: 5 });
    await executor.warmUp(1);
    expect(executor.threads).toBe(0);
  });

  it('end when nobody needs them, and come again', async () => {
    const executor = open({ workers: 3, idleTimeoutMs: 1 });
    for (let round = 0; round < 3; round += 1) {
      await executor.warmUp(3);
      await until(() => executor.threads === 0);
      await expectRun(executor, 3);
    }
  });

  it('end with the executor, which then starts others', async () => {
    const executor = open({ workers: 2 });
    await executor.warmUp(2);
    await executor.close();
    expect(executor.threads).toBe(0);
    await executor.warmUp(2);
    expect(executor.threads).toBe(1);
    await expectRun(executor, 2);
  });

  it('are not waited for in vain where the executor is closed meanwhile', async () => {
    const executor = open({ workers: 2 });
    await executor.load(snapshotOf({ transactions: [] }));
    const warm = expect(executor.warmUp(2)).rejects.toMatchObject({ code: 'EXECUTION_FAILED' });
    await Promise.resolve();
    await executor.close();
    await warm;
  });

  it('are at most as many as the executor has workers', async () => {
    const executor = open({ workers: 2 });
    for (const workers of [0, 3, 1.5, Number.NaN]) {
      await expect(executor.warmUp(workers)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    }
    for (const idleTimeoutMs of [-1, Number.NaN, Infinity]) {
      expect(() => createWasmExecutor({ idleTimeoutMs })).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      );
    }
  });
});

describe('a thread that is up', () => {
  it('is in every run, one right after the other', async () => {
    const engine = await createWarmEngine(2);
    opened.push({ close: () => engine.pool.destroy() });
    const recording = new LoadedRecording(engine, independent(40));
    for (let run = 0; run < 200; run += 1) {
      // The calling thread begins when the other is in: it has to come though nobody has heard of its last task.
      expect((await recording.run({ workers: 2, mayContinueInOrder: false })).joined).toBe(2);
      expect(recording.verify()).toBe(true);
    }
  });
});

describe('threads that can not start', () => {
  it('fail whoever waits for them, and no run', async () => {
    const engine = await createTestEngine(2);
    const module = new WebAssembly.Module(
      new Uint8Array(binaryen.parseText('(module (import "nobody" "knows" (func)))').emitBinary()),
    );
    const pool = new WorkerPool({ ...engine.share, module }, { threads: 1, idleTimeoutMs: 60_000 });
    opened.push({ close: () => pool.destroy() });
    const cause = expect.objectContaining({ message: expect.stringContaining('nobody') as string }) as Error;
    const recording = new LoadedRecording({ ...engine, pool }, chain(10));
    for (let round = 0; round < 2; round += 1) {
      await expect(pool.warmUp(1)).rejects.toMatchObject({ code: 'EXECUTION_FAILED', cause });
      expect(await recording.run({ workers: 2 })).toMatchObject({ joined: 1, executions: 10 });
      expect(recording.verify()).toBe(true);
      expect(pool.threads).toEqual([]);
    }
    expect(engine.instance.u32(layout.RUN_OUTCOME)).not.toBe(0);
  });
});
