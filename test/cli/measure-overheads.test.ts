import { afterAll, expect, it } from 'vitest';
import { measureOverheads } from '../../cli/replay/measure-overheads.js';
import { createWasmExecutor } from '../../executor/wasm/index.js';
import { startNsOf } from '../../scheduler/overheads.js';

const executors = [1, 2, 3].map((workers) => createWasmExecutor({ workers }));
afterAll(async () => {
  await Promise.all(executors.map((executor) => executor.close()));
});

it.each(executors.map((executor) => [executor.workers, executor] as const))(
  'measured overheads on %i workers are sound',
  async (workers, executor) => {
    const { startNs, ...others } = await measureOverheads(executor);
    expect(startNs).toHaveLength(workers + 1);
    expect([...startNs].sort((a, b) => a - b)).toEqual(startNs);
    for (const value of [...startNs, ...Object.values(others)]) {
      expect(Number.isFinite(value) && value >= 0).toBe(true);
    }
    expect(Number.isFinite(startNsOf({ startNs, ...others }, 64))).toBe(true);
  },
);
