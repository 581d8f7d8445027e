import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReferenceExecutor } from '../../../executor/reference/index.js';
import * as layout from '../../../executor/wasm/layout.js';
import { LoadedBlock } from '../../../executor/wasm/loaded-block.js';
import type { RunOptions } from '../../../executor/wasm/run.js';
import type { BlockSnapshot, Hex } from '../../../types.js';
import { CONTRACT, account, code, push, slotOf, snapshotOf } from '../reference/snapshots.js';
import { comparable } from './comparable.js';
import { joined } from './eips/compare.js';
import { createWarmEngine, type TestEngine } from './test-engine.js';

// Tables and heap of every size: a block that does not fit is UNSUPPORTED, and nothing else.

/** From its input's first word down to 1, stores each number under itself; then logs as many bytes as its second word says. */
const WRITER: Hex = code(
  ...[push(0), 0x35, 0x5b, 0x80, 0x80, 0x55, push(1), 0x90, 0x03, 0x80, push(3), 0x57, 0x50],
  ...[push(32), 0x35, push(0), 0xa0],
);
const reference = createReferenceExecutor();
const RUNS: readonly RunOptions[] = [
  { workers: 1 },
  { workers: 1, tracked: true },
  { workers: 2, mayContinueInOrder: false },
  { workers: 2 },
];

function blockOf(calls: readonly (readonly [slots: number, logBytes: number])[], program = WRITER): BlockSnapshot {
  const transactions = calls.map(([slots, logBytes]) => ({
    input: joined(slotOf(slots), slotOf(logBytes)),
    gasLimit: 5_000_000,
  }));
  return snapshotOf({ accounts: { [CONTRACT]: account(program) }, transactions });
}

const isUnsupported = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'UNSUPPORTED';

/** Whether the run came to an end and could be described, and then to the right one. */
async function succeeds(loaded: LoadedBlock, options: RunOptions, wanted: [BlockSnapshot, unknown]): Promise<boolean> {
  try {
    await loaded.run(options);
    expect(comparable(loaded.describe([]), wanted[0])).toEqual(wanted[1]);
  } catch (error) {
    if (!isUnsupported(error)) throw error;
    return false;
  }
  return true;
}

async function wantedOf(block: BlockSnapshot): Promise<[BlockSnapshot, unknown]> {
  return [block, comparable(await reference.execute(block), block)];
}

describe('a block heap of any size', () => {
  const opened: { engine?: TestEngine } = {};
  beforeAll(async () => {
    opened.engine = await createWarmEngine(2);
  });
  afterAll(() => opened.engine?.pool.destroy());

  it('takes a block or does not', { timeout: 300_000 }, async () => {
    const { engine } = opened;
    if (engine === undefined) throw new Error('no engine');
    const wanted = await wantedOf(
      blockOf([
        [3, 0],
        [5, 70_000],
        [1, 1_000],
        [9, 90_000],
        [2, 64],
        [0x40, 1],
        [4, 50_000],
      ]),
    );
    const loaded = new LoadedBlock(engine, wanted[0]);
    const { instance } = engine;
    const bound = instance.u32(layout.H_HEAP_END);
    const start = instance.u32(layout.H_HEAP);
    const ends: boolean[] = [];
    for (let room = 0; room <= 1_400_000; room += room < 4_096 ? 512 : 29_999) {
      instance.setU32(layout.H_HEAP_END, start + room);
      for (const options of RUNS) ends.push(await succeeds(loaded, options, wanted));
      expect(instance.u32(layout.H_HEAP)).toBeLessThanOrEqual(start + room);
    }
    expect(new Set(ends)).toEqual(new Set([false, true]));
    instance.setU32(layout.H_HEAP_END, bound);
    for (const options of RUNS) expect(await succeeds(loaded, options, wanted)).toBe(true);
  });

  it('never hands out the same bytes twice, however often it is asked for too much', () => {
    const { exports } = opened.engine?.instance ?? {};
    if (exports === undefined) throw new Error('no engine');
    exports.resetHeap();
    const first = exports.allocate(16) >>> 0;
    for (const bytes of [0xf000_0000, 0xffff_fff8, 0xffff_ffff, 0xf000_0000]) {
      expect(exports.allocate(bytes)).toBe(0);
    }
    expect(exports.allocate(16) >>> 0).toBe(first + 16);
  });
});

describe('tables of any size', () => {
  it.each([64, 128, 256])('take a block or do not: %i keys', async (keys) => {
    const engine = await createWarmEngine(2, { keys });
    const wanted = await wantedOf(
      blockOf([
        [20, 0],
        [60, 32],
        [150, 0],
        [1, 1],
      ]),
    );
    const loaded = new LoadedBlock(engine, wanted[0]);
    for (const options of RUNS) expect(await succeeds(loaded, options, wanted)).toBe(keys > 200);
    const small = await wantedOf(
      blockOf([
        [3, 32],
        [4, 0],
      ]),
    );
    const next = new LoadedBlock(engine, small[0]);
    for (const options of RUNS) expect(await succeeds(next, options, small)).toBe(true);
    await engine.pool.destroy();
  });

  it('take no state that is too large', async () => {
    const engine = await createWarmEngine(1, { keys: 64 });
    const storage = new Map(Array.from({ length: 100 }, (_, slot) => [slotOf(slot), slotOf(1)] as const));
    const block = snapshotOf({ accounts: { [CONTRACT]: { ...account(WRITER), storage } }, transactions: [] });
    expect(() => new LoadedBlock(engine, block)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
  });

  it.each([
    ['code', 100_000],
    ['the analysis of code', 30_000],
  ])('have no room for %s', async (_name, padding) => {
    const engine = await createWarmEngine(2, { codeBytes: 1 << 16 });
    const long = code(WRITER, ...Array.from({ length: padding }, () => 0x5b));
    const load = (): LoadedBlock =>
      new LoadedBlock(
        engine,
        blockOf(
          [
            [1, 0],
            [2, 0],
          ],
          long,
        ),
      );
    const run = async (options: RunOptions): Promise<void> => {
      await load().run(options);
    };
    for (const options of RUNS) await expect(run(options)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await engine.pool.destroy();
  });
});
