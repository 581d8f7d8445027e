import { expect } from 'vitest';
import { createReferenceExecutor } from '../../../../executor/reference/index.js';
import { createWasmExecutor } from '../../../../executor/wasm/index.js';
import type { Address, BlockResult, BlockSnapshot, Fork, Hash, Hex } from '../../../../types.js';
import { account, code, push, slotOf, snapshotOf, type SnapshotParts } from '../../reference/snapshots.js';
import { comparable } from '../comparable.js';

/** Begins the name of every group of tests in this folder. */
export const LABEL =
  "cases of our own, from the EIP's text, compared with the reference executor; not public vectors: EIP-";

const [engine, reference] = [createWasmExecutor(), createReferenceExecutor()];
const BLOCK_GAS_LIMIT = 1_000_000_000;

/** A block with room for transactions of much gas. */
export function blockOf(parts: SnapshotParts): BlockSnapshot {
  const snapshot = snapshotOf(parts);
  return { ...snapshot, header: { ...snapshot.header, gasLimit: BLOCK_GAS_LIMIT } };
}

/** Executes a block on the engine, after comparing it with the reference. */
export async function compare(block: BlockSnapshot): Promise<BlockResult> {
  const result = await engine.execute(block);
  expect(comparable(result, block)).toEqual(comparable(await reference.execute(block), block));
  return result;
}

/** Executes a block on the engine alone: where the reference is not the oracle. */
export async function executeOnEngine(block: BlockSnapshot): Promise<BlockResult> {
  return engine.execute(block);
}

/** Neither executor takes the block; the engine names the reason by one of its INVALID_* numbers. */
export async function expectRefused(block: BlockSnapshot, error: number): Promise<void> {
  await expect(reference.execute(block)).rejects.toMatchObject({ code: 'EXECUTION_FAILED' });
  await expect(engine.execute(block)).rejects.toMatchObject({
    code: 'EXECUTION_FAILED',
    message: expect.stringContaining(`(error ${error})`) as string,
  });
}

export function gasOf(result: BlockResult): number[] {
  return result.receipts.map(({ gasUsed }) => gasUsed);
}

export function statusOf(result: BlockResult): boolean[] {
  return result.receipts.map(({ succeeded }) => succeeded);
}

/** A slot of an account after a block. */
export function slotAfter({ postState }: BlockResult, { preState }: BlockSnapshot, at: [Address, Hash]): bigint {
  const [address, slot] = at;
  const account = postState.has(address) ? postState.get(address) : preState.get(address);
  return BigInt(account?.storage.get(slot) ?? 0);
}

const PROBE: Address = `0x${'9b'.repeat(20)}`;
const PROBE_GAS_LIMIT = 12_000_000;
const PROBE_GAS_CAP = 2_000_000;
/** Between the two GAS opcodes of the probe, but for what the call costs beyond the 100 of a warm account. */
const PROBE_OVERHEAD_GAS = 122;

/**
 * Takes an address, an amount of gas (words) and an input, makes a STATICCALL of them, and logs what it returned, with
 * the gas that the call cost (and what lies around it) and its success as topics.
 */
const PROBE_CODE: Hex = code(
  ...[push(64), 0x36, 0x03, 0x80, push(64), 0x5f, 0x37],
  ...[0x5a, 0x5f, 0x5f, 0x83, 0x5f, 0x5f, 0x35, push(32), 0x35, 0xfa, 0x5a],
  ...[0x91, 0x82, 0x90, 0x03, 0x3d, 0x5f, 0x5f, 0x3e, 0x3d, 0x5f, 0xa2],
);

export interface Call {
  readonly to: Address | number;
  readonly input: Hex;
  readonly gasCap?: number;
}

export interface CallOutcome {
  readonly succeeded: boolean;
  /** Without the 100 of a warm account. */
  readonly gasUsed: number;
  readonly output: Hex;
}

/** The outcome of each call, all of one block and each of its own transaction, as both executors have it. */
export async function callEach(
  fork: Fork,
  calls: readonly Call[],
  accounts: SnapshotParts['accounts'] = {},
): Promise<CallOutcome[]> {
  const transactions = calls.map(({ to, input, gasCap }) => ({
    to: PROBE,
    input: joined(slotOf(BigInt(to)), slotOf(gasCap ?? PROBE_GAS_CAP), input),
    gasLimit: PROBE_GAS_LIMIT,
  }));
  const block = blockOf({ fork, transactions, accounts: { ...accounts, [PROBE]: account(PROBE_CODE) } });
  const { receipts } = await compare(block);
  return receipts.map(({ logs }) => {
    const [log] = logs;
    if (log === undefined) throw new Error('the probe did not log');
    const [gas, success] = log.topics.map(Number);
    return { succeeded: success === 1, gasUsed: (gas ?? 0) - PROBE_OVERHEAD_GAS, output: log.data };
  });
}

export function joined(...parts: readonly Hex[]): Hex {
  return `0x${parts.map((part) => part.slice(2)).join('')}`;
}

/** Big-endian, padded by zeros on the left. */
export function bytesOf(value: bigint | number, length: number): Hex {
  return `0x${value.toString(16).padStart(2 * length, '0')}`;
}

export function repeated(part: Hex, times: number): Hex {
  return `0x${part.slice(2).repeat(times)}`;
}

export function success(output: Hex, gasUsed: number): CallOutcome {
  return { succeeded: true, gasUsed, output };
}

/** A failed call uses up all the gas that it was given. */
export function failure(gasUsed = PROBE_GAS_CAP): CallOutcome {
  return { succeeded: false, gasUsed, output: '0x' };
}
