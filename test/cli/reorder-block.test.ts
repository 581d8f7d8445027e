import { afterAll, describe, expect, it } from 'vitest';
import { reorderedSnapshot } from '../../cli/replay/order-runs.js';
import {
  reorderRecord,
  reorderSnapshot,
  type ReorderHints,
  type ReorderSettings,
} from '../../cli/replay/reorder-block.js';
import type { ReplayReorder } from '../../cli/replay/reorder-document.js';
import { renderReorder, renderShards } from '../../cli/replay/render-reorder.js';
import { shardBlock } from '../../cli/replay/shard-block.js';
import { effectiveTipsWei } from '../../scheduler/tips.js';
import { LanecastError } from '../../errors.js';
import { createReferenceExecutor } from '../../executor/reference/index.js';
import { isSameResult } from '../../executor/same-result.js';
import { createWasmExecutor, type WasmExecutor } from '../../executor/wasm/index.js';
import { emptyPlan } from '../../scheduler/plan.js';
import { createWorkload, type WorkAccess, type Workload } from '../../scheduler/workload.js';
import type { Address, BlockSnapshot, Transaction } from '../../types.js';
import { CONTRACT, OTHER, account, code, push, snapshotOf, transaction } from '../executor/reference/snapshots.js';

const reference = createReferenceExecutor();
const wasm = createWasmExecutor({ workers: 2 });
afterAll(() => wasm.close());

const SETTINGS: ReorderSettings = { workers: 2, threads: 2, feeTolerance: 1, repeats: 1 };
const POOR: Address = `0x${'dd'.repeat(20)}`;
const SLOAD = 0x54;
const ADD = 0x01;
const SSTORE = 0x55;
const COUNTER = account(code(push(1), push(0), SLOAD, ADD, push(0), SSTORE));

const senderOf = (index: number): Address => `0x${(0xa000 + index).toString(16).padStart(40, '0')}`;

/** Calls of a counter by a sender each, with other fields where given. */
function blockOf(count: number, fields: Readonly<Record<number, Partial<Transaction>>> = {}): BlockSnapshot {
  const indices = [...Array(count).keys()];
  return snapshotOf({
    accounts: { [CONTRACT]: COUNTER, ...Object.fromEntries(indices.map((index) => [senderOf(index), account()])) },
    transactions: indices.map((index) => ({ from: senderOf(index), nonce: 0, gasLimit: 100_000, ...fields[index] })),
  });
}

/** Each transaction conflicts with the one before and the one after it: by turns of two they take two steps. */
function neighbours(count: number): Workload {
  const both = (index: number, kind: WorkAccess['kind'], position: number): WorkAccess[] =>
    [index, index + 1].map((key) => ({ key, kind, position }));
  const transactions = [...Array(count).keys()].map((index) => ({
    cost: 10,
    accesses: [...both(index, 'read', 0), ...both(index, 'write', 1)],
  }));
  return { transactions, keyCount: count + 1 };
}

const hintsFor = (count: number): ReorderHints => ({ expected: neighbours(count), actual: null });

function expectPermutation({ order }: ReplayReorder, count: number): void {
  expect([...order].sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
}

describe('a block in a new order', () => {
  it('is executed with each transaction, in order and in parallel to the same', async () => {
    const snapshot = blockOf(8);
    const reorder = await reorderSnapshot(wasm, snapshot, hintsFor(8), SETTINGS);
    expectPermutation(reorder, 8);
    expect(reorder).toMatchObject({ pinned: [], attempts: 1, fellBack: false, execution: { verified: true } });
    expect(reorder.predicted).toEqual({ makespanBeforeCost: 80, makespanAfterCost: 40, leastMakespanCost: 40 });
    expect(reorder.moved).toBeGreaterThan(0);
    const block = reorderedSnapshot(snapshot, reorder.order);
    expect(block.transactions.map(({ from }) => from)).toEqual(reorder.order.map(senderOf));
    const [result, expected] = [await wasm.execute(block), await reference.execute(block)];
    expect(isSameResult(result, expected, block)).toBe(true);
    expect(result.receipts).toHaveLength(8);
  });

  it('earns what its transactions pay for the gas that they use there', async () => {
    const tips = { 0: { gasPriceWei: 1_007n }, 5: { gasPriceWei: 507n } };
    const { execution, order } = await reorderSnapshot(wasm, blockOf(8, tips), hintsFor(8), SETTINGS);
    const fees = async (block: BlockSnapshot): Promise<bigint> => {
      const { receipts } = await reference.execute(block);
      return receipts.reduce((sum, { gasUsed }, index) => {
        return sum + BigInt(gasUsed) * ((block.transactions[index]?.gasPriceWei ?? 0n) - 7n);
      }, 0n);
    };
    const block = blockOf(8, tips);
    expect(execution?.given.feesWei).toBe((await fees(block)).toString());
    expect(execution?.reordered.feesWei).toBe((await fees(reorderedSnapshot(block, order))).toString());
    // The first call of the counter costs more gas, whosever it is.
    expect(execution?.given.gasUsed).toBe(execution?.reordered.gasUsed);
  });

  it('keeps a transaction in its place that lives of an earlier one', async () => {
    const funded = {
      1: { to: POOR, valueWei: 10n ** 9n },
      2: { from: POOR, to: OTHER, gasLimit: 21_000, valueWei: 1n },
    };
    const reorder = await reorderSnapshot(wasm, blockOf(8, funded), hintsFor(8), SETTINGS);
    expectPermutation(reorder, 8);
    expect(reorder).toMatchObject({ pinned: [2], attempts: 2, fellBack: false, execution: { verified: true } });
    expect(reorder.order[2]).toBe(2);
    expect(reorder.moved).toBeGreaterThan(0);
    expect(reorder.execution?.outcomesChanged).toBe(0);
  });

  it('keeps a transaction in its place that needs the gas which is left there', async () => {
    const snapshot = blockOf(8, { 1: { gasLimit: 1_000_000 } });
    const tight = { ...snapshot, header: { ...snapshot.header, gasLimit: 1_050_000 } };
    const reorder = await reorderSnapshot(wasm, tight, hintsFor(8), SETTINGS);
    expectPermutation(reorder, 8);
    expect(reorder).toMatchObject({ pinned: [1], fellBack: false, execution: { verified: true } });
    expect(reorder.order[1]).toBe(1);
  });

  it('falls back to the given order where no new one is valid', async () => {
    const count = 40;
    const strict: WasmExecutor = {
      ...wasm,
      load: async (snapshot) => {
        const moved = snapshot.transactions.findIndex(({ from }, index) => from !== senderOf(index));
        if (moved < 0) return wasm.load(snapshot);
        const problem = 'made by hand, block 1000, transaction';
        const block = await wasm.load(snapshot);
        block.run = () =>
          Promise.reject(
            new LanecastError(
              'EXECUTION_FAILED',
              `${problem} ${moved}: the block cannot hold this transaction: its nonce is too low (error 102).`,
            ),
          );
        return block;
      },
    };
    const reorder = await reorderSnapshot(strict, blockOf(count), hintsFor(count), SETTINGS);
    expect(reorder).toMatchObject({ moved: 0, fellBack: true, attempts: 8, execution: { verified: true } });
    expect(reorder.order).toEqual([...Array(count).keys()]);
  });

  it('is not made where the given one is invalid', async () => {
    const broken = blockOf(8, { 6: { nonce: 3 } });
    await expect(reorderSnapshot(wasm, broken, hintsFor(8), SETTINGS)).rejects.toMatchObject({
      code: 'EXECUTION_FAILED',
    });
  });

  it('is not verified where a parallel run comes to something else', async () => {
    const lying: WasmExecutor = {
      ...wasm,
      load: async (snapshot) => {
        const block = await wasm.load(snapshot);
        let asked = 0;
        const fingerprint = block.fingerprint.bind(block);
        block.fingerprint = () => (asked++ === 2 ? 'other' : fingerprint());
        return block;
      },
    };
    const { execution } = await reorderSnapshot(lying, blockOf(8), hintsFor(8), SETTINGS);
    expect(execution?.verified).toBe(false);
  });

  it('may be run with a plan of its own, and is judged by the true accesses', async () => {
    const orders: (readonly number[])[] = [];
    const planFor = (order: readonly number[]) => {
      orders.push(order);
      return emptyPlan(order.length, 2);
    };
    const snapshot = blockOf(8);
    const { record } = await reference.record(snapshot);
    const actual = createWorkload(record, { cost: 'gas' });
    const reorder = await reorderSnapshot(wasm, snapshot, { ...hintsFor(8), actual, planFor }, SETTINGS);
    expect(orders).toEqual([[...Array(8).keys()], reorder.order]);
    // They all change one counter, whatever was expected.
    expect(reorder.actual?.makespanAfterCost).toBe(reorder.actual?.makespanBeforeCost);
    expect(reorder.execution?.verified).toBe(true);
  });

  it('of recorded transactions is not executed', async () => {
    const { record } = await reference.record(blockOf(8));
    const reorder = reorderRecord(record, { ...hintsFor(8), actual: neighbours(8) }, SETTINGS);
    expectPermutation(reorder, 8);
    expect(reorder).toMatchObject({
      execution: null,
      attempts: 0,
      actual: { makespanBeforeCost: 80, makespanAfterCost: 40 },
    });
  });

  it('of no transactions is none', async () => {
    const reorder = await reorderSnapshot(wasm, blockOf(0), hintsFor(0), SETTINGS);
    expect(reorder).toMatchObject({ order: [], moved: 0, attempts: 0, execution: { verified: true } });
  });
});

describe('tips', () => {
  it.each([
    [{ type: 0, gasPriceWei: 10n }, 3n],
    [{ type: 2, gasPriceWei: null, maxFeePerGasWei: 20n, maxPriorityFeePerGasWei: 5n }, 5n],
    [{ type: 2, gasPriceWei: 10n, maxFeePerGasWei: 10n, maxPriorityFeePerGasWei: 5n }, 3n],
    [{ type: 126, gasPriceWei: null }, 0n],
  ])('of %o are %d above the base fee', (fields, expected) => {
    expect(effectiveTipsWei([transaction(fields)], { baseFeePerGasWei: 7n })).toEqual([expected]);
  });

  it('are the whole price where there is no base fee', () => {
    expect(effectiveTipsWei([transaction()], { baseFeePerGasWei: null })).toEqual([10n]);
  });
});

describe('the report', () => {
  it('has a line for each order', async () => {
    const { record } = await reference.record(blockOf(8));
    const simulated = reorderRecord(record, hintsFor(8), SETTINGS);
    const executed = await reorderSnapshot(wasm, blockOf(8), hintsFor(8), SETTINGS);
    const text = renderReorder([
      { number: 7, reorder: simulated },
      { number: 8, reorder: { ...executed, fellBack: true } },
    ]);
    expect(text).toMatch(/fee tolerance 100.0 %, 2 workers/);
    expect(text).toMatch(/\n7 .* 2\.00× .*–$/m);
    expect(text).toMatch(/\n8 .* 0\.00 % +0 +yes$/m);
    expect(text).toMatch(/no new one that was tried is valid: 8$/);
    expect(renderReorder([])).toBe('');
  });

  it('has a line for each block on shards', () => {
    const shards = shardBlock(neighbours(8), { shards: 2, balanceBound: 0.25 });
    expect(shards).toMatchObject({ verified: true, crossShard: 1, recordsCommitted: 3, isWithinBound: true });
    expect(shards).toMatchObject({ ownedKeys: 9, copiedKeys: 0, largestComponentShare: 1 });
    expect(renderShards([{ number: 7, shards }])).toMatch(/\n7 +1 +12\.5 %.* yes$/m);
    expect(renderShards([])).toBe('');
  });
});
