import { describe, expect, it } from 'vitest';
import { generateBlocks, PROFILES } from '../../../datasets/generate/index.js';
import { createReferenceExecutor, keccak256 } from '../../../executor/reference/index.js';
import { createWasmExecutor } from '../../../executor/wasm/index.js';
import type { BlockResult, BlockSnapshot, Fork, Hex } from '../../../types.js';
import { CONTRACT, OTHER, account, code, push, slotOf, snapshotOf } from '../reference/snapshots.js';
import { comparable } from './comparable.js';

const [engine, reference] = [createWasmExecutor(), createReferenceExecutor()];

async function compare(block: BlockSnapshot): Promise<BlockResult> {
  const expected = await reference.execute(block);
  expect(comparable(await engine.execute(block), block)).toEqual(comparable(expected, block));
  return expected;
}

const SSTORE = 0x55;
const SLOAD = 0x54;
const FORKS_COVERED: readonly Fork[] = ['berlin', 'london', 'paris', 'shanghai', 'cancun', 'prague', 'osaka'];

/** Programs by what they try. */
const PROGRAMS: Readonly<Record<string, Hex>> = {
  storage: code(push(1), push(7), SSTORE, push(0), push(7), SSTORE, push(2), push(1), SSTORE, push(9), SLOAD),
  revert: code(push(1), push(7), SSTORE, push(0), push(0), 0xfd),
  'invalid opcode': code(push(1), push(7), SSTORE, 0xfe),
  'stack underflow': code(0x01),
  selfdestruct: code(push(OTHER), 0xff),
  'call with value': code(push(0), push(0), push(0), push(0), push(5), push(OTHER), push(50_000), 0xf1),
  creation: code(push('0x600160005360016000f3'), push(0), 0x52, push(10), push(22), push(0), 0xf0),
  logs: code(push(0xabc), push(0), 0x52, push(1), push(2), push(40), push(3), 0xa2),
  arithmetic: code(push(-1n & (2n ** 256n - 1n)), push(12345), 0x05, push(7), 0x0a, push(1), SSTORE),
  'PUSH0, MCOPY and transient storage': code(0x5f, push(3), push(1), 0x5d, push(1), 0x5c, push(1), SSTORE),
  CLZ: code(push(1), 0x1e, push(1), SSTORE),
};

describe('the WASM engine', () => {
  it.each(FORKS_COVERED)('does what the reference does, program by program: %s', async (fork) => {
    for (const program of Object.values(PROGRAMS)) {
      const accounts = { [CONTRACT]: account(program, { [slotOf(9)]: 3 }) };
      const tip = { type: 2, gasPriceWei: null, maxFeePerGasWei: 10n, maxPriorityFeePerGasWei: 2n } as const;
      await compare(snapshotOf({ fork, accounts, transactions: [{ valueWei: 3n }, fork === 'berlin' ? {} : tip] }));
    }
  });

  it('credits withdrawals', async () => {
    const withdrawals = [{ index: 0, validatorIndex: 1, address: OTHER, amountGwei: 2n }];
    await compare({ ...snapshotOf({ transactions: [{ to: OTHER, valueWei: 1n }] }), withdrawals });
  });

  it.each(PROFILES)('executes generated blocks as the reference does: $name', async ({ name }) => {
    const execute = (snapshot: BlockSnapshot): Promise<BlockResult> => engine.execute(snapshot);
    const options = { profile: name, blocks: 1, transactions: 30, seed: 11, execute, keccak256 };
    for await (const block of generateBlocks(options)) await compare(block);
  });

  it.each([
    ['nonce', { nonce: 3 }],
    ['balance', { valueWei: 10n ** 20n }],
    ['gas', { gasLimit: 20_000 }],
    ['share of the block', { gasLimit: 40_000_000 }],
  ])('refuses a transaction that its block cannot hold: %s', async (_what, fields) => {
    const block = snapshotOf({ fork: 'cancun', transactions: [{}, { nonce: 1, ...fields }] });
    await expect(engine.execute(block)).rejects.toMatchObject({
      code: 'EXECUTION_FAILED',
      message: expect.stringMatching(/block 1000, transaction 1: /) as string,
    });
  });

  it('leaves blocks before Berlin to others', async () => {
    const block = snapshotOf({ fork: 'istanbul', transactions: [] });
    await expect(engine.execute(block)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});
