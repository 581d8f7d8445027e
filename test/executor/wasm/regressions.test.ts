import { describe, expect, it } from 'vitest';
import { createReferenceExecutor } from '../../../executor/reference/index.js';
import { createWasmExecutor } from '../../../executor/wasm/index.js';
import type { Authorization, BlockSnapshot, Fork, Hex, Transaction } from '../../../types.js';
import { compareBlock, type NamedExecutor } from '../../fuzz/compare.js';
import { CONTRACT, OTHER, account, code, push, slotOf, snapshotOf } from '../reference/snapshots.js';

const executors: readonly NamedExecutor[] = [
  { name: 'reference', ...createReferenceExecutor() },
  { name: 'wasm', ...createWasmExecutor() },
];

const [KECCAK256, RETURNDATASIZE, RETURNDATACOPY, SSTORE, STATICCALL] = [0x20, 0x3d, 0x3e, 0x55, 0xfa];

interface PrecompileCall {
  readonly number: number;
  readonly inputBytes: number;
  readonly gas?: number;
  /** Where its output goes. */
  readonly to?: number;
}

/** Calls one after another on the memory from 0, each with its success and the hash of its output in two slots. */
function callsOf(calls: readonly PrecompileCall[]): Hex {
  const parts = calls.flatMap(({ number, inputBytes, gas = 1_000_000, to = 0 }, place) => [
    ...[push(256), push(to), push(inputBytes), push(0), push(number), push(gas), STATICCALL],
    ...[push(2 * place), SSTORE],
    ...[RETURNDATASIZE, push(0), push(0x8000), RETURNDATACOPY],
    ...[RETURNDATASIZE, push(0x8000), KECCAK256, push(2 * place + 1), SSTORE],
  ]);
  return code(...parts);
}

function blockOf(program: Hex, fork: Fork = 'prague'): BlockSnapshot {
  const transactions = [{ gasLimit: 16_000_000 }];
  return snapshotOf({ fork, accounts: { [CONTRACT]: account(program) }, transactions });
}

async function successes(block: BlockSnapshot, calls: readonly PrecompileCall[]): Promise<boolean[]> {
  expect(await compareBlock(block, executors)).toEqual({ kind: 'equal' });
  const { postState } = await createWasmExecutor().execute(block);
  return calls.map((_, place) => postState.get(CONTRACT)?.storage.get(slotOf(2 * place)) === slotOf(1));
}

/** ethereumjs has them asynchronous only. */
describe('precompiles on BLS12-381', () => {
  const ITEM_BYTES = [
    [0x0b, 256],
    [0x0c, 160],
    [0x0d, 512],
    [0x0e, 288],
    [0x0f, 384],
    [0x10, 64],
    [0x11, 128],
  ] as const;
  const MULTIPLE = [0x0c, 0x0e, 0x0f];

  it.each(ITEM_BYTES)('%i takes inputs of its length and nothing else', async (number, itemBytes) => {
    const sizes = [0, 1, itemBytes - 1, itemBytes, itemBytes + 1, 2 * itemBytes, 3 * itemBytes];
    const calls = sizes.map((inputBytes) => ({ number, inputBytes, to: 0x4000 }));
    const expected = sizes.map(
      (size) => size === itemBytes || (MULTIPLE.includes(number) && size % itemBytes === 0 && size > 0),
    );
    expect(await successes(blockOf(callsOf(calls)), calls)).toEqual(expected);
  });

  it.each([
    [0x0b, 256, 375],
    [0x0c, 160, 12_000],
    [0x0c, 160 * 3, 30_528],
    [0x0c, 160 * 130, 809_640],
    [0x0d, 512, 600],
    [0x0e, 288, 22_500],
    [0x0e, 288 * 3, 62_302],
    [0x0e, 288 * 130, 1_532_700],
    [0x0f, 384 * 2, 102_900],
    [0x10, 64, 5_500],
    [0x11, 128, 23_800],
  ])('%i on %i bytes costs %i gas', async (number, inputBytes, gas) => {
    const calls = [gas - 1, gas].map((given) => ({ number, inputBytes, gas: given, to: 0x4000 }));
    expect(await successes(blockOf(callsOf(calls)), calls)).toEqual([false, true]);
  });

  it('compute with points that are not at infinity', async () => {
    const calls = [
      { number: 0x11, inputBytes: 128 },
      { number: 0x11, inputBytes: 128, to: 256 },
      { number: 0x0d, inputBytes: 512, to: 128 },
      { number: 0x0e, inputBytes: 288 },
      { number: 0x10, inputBytes: 64 },
      { number: 0x10, inputBytes: 64, to: 128 },
      { number: 0x0b, inputBytes: 256 },
      { number: 0x0c, inputBytes: 160 },
      { number: 0x0f, inputBytes: 384 },
    ];
    await successes(blockOf(callsOf(calls)), calls);
  });

  it('refuse field elements without their padding', async () => {
    const calls = ITEM_BYTES.map(([number, inputBytes]) => ({ number, inputBytes, to: 0x4000 }));
    const program = code(push(-1n & (2n ** 256n - 1n)), push(0), 0x52, callsOf(calls));
    expect(await successes(blockOf(program), calls)).toEqual(calls.map(() => false));
  });

  it('are accounts without code before Prague', async () => {
    const calls = ITEM_BYTES.map(([number]) => ({ number, inputBytes: 7 }));
    expect(await successes(blockOf(callsOf(calls), 'cancun'), calls)).toEqual(calls.map(() => true));
  });
});

/** They were decoded, and their mistakes met, before the engine could refuse them. */
describe('a transaction with authorizations', () => {
  const authorization: Authorization = {
    chainId: 1n,
    address: OTHER,
    nonce: 0n,
    yParity: 0,
    r: slotOf(1),
    s: slotOf(1),
  };
  const sound: Partial<Transaction> = {
    type: 4,
    gasPriceWei: null,
    maxFeePerGasWei: 10n,
    maxPriorityFeePerGasWei: 1n,
    authorizationList: [authorization],
  };

  const refused: readonly (readonly [what: string, fork: Fork, fields: Partial<Transaction>])[] = [
    ['that creates a contract', 'prague', { to: null }],
    ['whose tip is above its fee cap', 'prague', { maxPriorityFeePerGasWei: 11n }],
    ['whose list is empty', 'prague', { authorizationList: [] }],
    ['before Prague', 'cancun', {}],
    ['with more gas than Osaka allows', 'osaka', { gasLimit: 2 ** 24 + 1 }],
    ['with more gas than its block has', 'osaka', { gasLimit: 30_000_001 }],
  ];
  it.each(refused)('%s is refused: of %s', async (_what, fork, fields) => {
    const block = snapshotOf({ fork, transactions: [{}, { nonce: 1, ...sound, ...fields }] });
    expect(await compareBlock(block, executors)).toEqual({ kind: 'refused', transactionIndex: 1 });
  });

  it.each<[string, Partial<Authorization>]>([
    ['as it should be', {}],
    ['of the greatest nonce', { nonce: 2n ** 64n - 1n }],
    ['with a parity that does not exist', { yParity: 2 }],
    ['with a high s', { s: `0x${'ff'.repeat(32)}` }],
    ['with r of zero', { r: slotOf(0) }],
    ['with short numbers', { r: '0x1', s: '0x02' }],
    ['for all chains', { chainId: 0n }],
    ['for another chain', { chainId: 2n ** 255n }],
  ])('runs, whatever its signature is worth: %s', async (_what, fields) => {
    const block = snapshotOf({ transactions: [{ ...sound, authorizationList: [{ ...authorization, ...fields }] }] });
    expect(await compareBlock(block, executors)).toEqual({ kind: 'equal' });
  });
});

/** The reference ran them. */
describe('a creation by long initcode (EIP-3860)', () => {
  const MAX_BYTES = 49_152;
  const creation = (bytes: number, fork: Fork): BlockSnapshot =>
    snapshotOf({ fork, transactions: [{ to: null, input: `0x${'00'.repeat(bytes)}`, gasLimit: 5_000_000 }] });

  it.each<[number, Fork, object]>([
    [MAX_BYTES, 'shanghai', { kind: 'equal' }],
    [MAX_BYTES + 1, 'shanghai', { kind: 'refused', transactionIndex: 0 }],
    [MAX_BYTES + 1, 'paris', { kind: 'equal' }],
  ])('of %i bytes in %s', async (bytes, fork, expected) => {
    expect(await compareBlock(creation(bytes, fork), executors)).toEqual(expected);
  });
});
