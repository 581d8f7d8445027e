import { describe, expect, it } from 'vitest';
import type { AccountState, Address, Authorization, BlockResult } from '../../../../types.js';
import { CONTRACT, OTHER, account, code, push, slotOf, type SnapshotParts } from '../../reference/snapshots.js';
import { authorize, codeAfter, delegated, delegationTo, recover, setCode, signerOf } from './authorizations.js';
import {
  LABEL,
  blockOf,
  bytesOf,
  compare,
  executeOnEngine,
  expectRefused,
  gasOf,
  repeated,
  slotAfter,
  statusOf,
} from './compare.js';
import { word } from './system-contracts.js';

const [INVALID_AUTHORIZATIONS, INVALID_INTRINSIC_GAS] = [116, 108];
const [TX, PER_EMPTY_ACCOUNT] = [21_000, 25_000];
const REFUND = 12_500;
const ZERO: Address = repeated('0x00', 20);
/** Of secp256k1. */
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const AUTHORITY = signerOf(1);

/** A refund is at most a fifth of the gas. */
const refunded = (gas: number, refund: number): number => gas - Math.min(refund, Math.floor(gas / 5));

/** Runs one transaction with these authorizations. */
async function runWith(list: readonly Authorization[], accounts: SnapshotParts['accounts'] = {}): Promise<BlockResult> {
  return compare(blockOf({ accounts, transactions: [setCode(list)] }));
}

describe(`${LABEL}7702, authorizations`, () => {
  it('delegate an account that was not there, for 25,000 gas', async () => {
    const result = await runWith([authorize(1, { address: CONTRACT })]);
    expect(codeAfter(result, AUTHORITY)).toBe(delegationTo(CONTRACT));
    expect(result.postState.get(AUTHORITY)?.nonce).toBe(1);
    expect(gasOf(result)).toEqual([TX + PER_EMPTY_ACCOUNT]);
  });

  it('delegate an account that was there, with a refund of 12,500, of a fifth of the gas at most', async () => {
    const result = await runWith([authorize(1, { address: CONTRACT })], { [AUTHORITY]: account() });
    expect(gasOf(result)).toEqual([refunded(46_000, REFUND)]);
    const accounts = { [AUTHORITY]: account(), [CONTRACT]: account(code(...Array<number>(20_000).fill(0x5b))) };
    const list = [authorize(1, { address: OTHER })];
    const long = await compare(blockOf({ accounts, transactions: [setCode(list, { to: CONTRACT })] }));
    expect(gasOf(long)).toEqual([66_000 - REFUND]);
  });

  it.each([0n, 1n])('hold for chain %i', async (chainId) => {
    const result = await runWith([authorize(1, { address: CONTRACT, chainId })]);
    expect(codeAfter(result, AUTHORITY)).toBe(delegationTo(CONTRACT));
  });

  it('to the zero address clear the code, and leave an account without', async () => {
    const before = { ...delegated(CONTRACT), nonce: 7 };
    const result = await runWith([authorize(1, { address: ZERO, nonce: 7n })], { [AUTHORITY]: before });
    expect(result.postState.get(AUTHORITY)).toMatchObject({ code: '0x', nonce: 8, balanceWei: before.balanceWei });
    const fresh = await runWith([authorize(1, { address: ZERO })]);
    expect(fresh.postState.get(AUTHORITY)).toMatchObject({ code: '0x', nonce: 1, balanceWei: 0n });
    expect(gasOf(fresh)).toEqual([46_000]);
  });

  it('replace a delegation', async () => {
    const list = [authorize(1, { address: OTHER, nonce: 1n })];
    const result = await runWith(list, { [AUTHORITY]: delegated(CONTRACT) });
    expect(codeAfter(result, AUTHORITY)).toBe(delegationTo(OTHER));
  });

  it('of one account all count: the last valid one stays', async () => {
    const [first, second] = [authorize(1, { address: CONTRACT }), authorize(1, { address: OTHER, nonce: 1n })];
    const both = await runWith([first, second]);
    expect(both.postState.get(AUTHORITY)).toMatchObject({ code: delegationTo(OTHER), nonce: 2 });
    // The account is there when the second one is processed.
    expect(gasOf(both)).toEqual([refunded(71_000, REFUND)]);
    const twice = await runWith([first, { ...authorize(1, { address: OTHER }) }]);
    expect(twice.postState.get(AUTHORITY)).toMatchObject({ code: delegationTo(CONTRACT), nonce: 1 });
    const cleared = await runWith([first, authorize(1, { address: ZERO, nonce: 1n })]);
    expect(cleared.postState.get(AUTHORITY)).toMatchObject({ code: '0x', nonce: 2 });
  });

  it('of several accounts count each', async () => {
    const list = [1, 2, 3].map((key) => authorize(key, { address: CONTRACT }));
    const result = await runWith(list, { [signerOf(2)]: account() });
    expect([1, 2, 3].map((key) => codeAfter(result, signerOf(key)))).toEqual(Array(3).fill(delegationTo(CONTRACT)));
    expect(gasOf(result)).toEqual([TX + 3 * PER_EMPTY_ACCOUNT - REFUND]);
  });

  const signed = authorize(1, { address: CONTRACT });
  const flipped = bytesOf(ORDER - BigInt(signed.s), 32);
  const malformed: [string, Authorization][] = [
    ['another chain', authorize(1, { address: CONTRACT, chainId: 2n })],
    ['a chain whose lowest bits are right', authorize(1, { address: CONTRACT, chainId: 2n ** 64n + 1n })],
    ['the largest chain id', authorize(1, { address: CONTRACT, chainId: 2n ** 256n - 1n })],
    ['the nonce 2⁶⁴ − 1', authorize(1, { address: CONTRACT, nonce: 2n ** 64n - 1n })],
    ['s in the upper half', { ...signed, s: flipped, yParity: 1 - signed.yParity }],
    ['s just in the upper half', { ...signed, s: bytesOf(ORDER / 2n + 1n, 32) }],
    ['yParity 2', { ...signed, yParity: 2 }],
    ['yParity 27', { ...signed, yParity: 27 }],
    ['yParity 255', { ...signed, yParity: 255 }],
    ['r of zero', { ...signed, r: '0x00' }],
    ['s of zero', { ...signed, s: '0x00' }],
    ['r of the order', { ...signed, r: bytesOf(ORDER, 32) }],
    ['the largest r', { ...signed, r: repeated('0xff', 32) }],
    ['the largest s', { ...signed, s: repeated('0xff', 32) }],
  ];
  it.each(malformed)('are passed over, paid and cold: %s', async (_name, authorization) => {
    const { result, accessGas } = await measureAccess([authorization]);
    expect(codeAfter(result, AUTHORITY)).toBeUndefined();
    expect(accessGas).toBe(2_600n);
  });

  const unfit: [string, Authorization, AccountState][] = [
    ['a nonce too high', authorize(1, { address: CONTRACT, nonce: 1n }), account()],
    ['a nonce too low', authorize(1, { address: CONTRACT, nonce: 3n }), { ...account(), nonce: 4 }],
    ['the nonce 2⁶⁴ − 2', authorize(1, { address: CONTRACT, nonce: 2n ** 64n - 2n }), account()],
    ['an account with code', authorize(1, { address: CONTRACT, nonce: 1n }), account('0x00')],
  ];
  it.each(unfit)('are passed over, paid and warm, without refund: %s', async (_name, authorization, state) => {
    const { result, accessGas } = await measureAccess([authorization], { [AUTHORITY]: state });
    expect(result.postState.get(AUTHORITY) ?? state).toEqual(state);
    expect(accessGas).toBe(100n);
    const plain = await runWith([authorization], { [AUTHORITY]: state });
    expect(gasOf(plain)).toEqual([46_000]);
  });

  it('that are valid make their account warm', async () => {
    expect((await measureAccess([signed])).accessGas).toBe(100n);
  });

  it('with an s of exactly half the order are valid', async () => {
    const authorization = { ...signed, s: bytesOf(ORDER / 2n, 32) };
    const result = await runWith([authorization]);
    expect(codeAfter(result, recover(authorization))).toBe(delegationTo(CONTRACT));
  });

  it('passed over do not keep others from counting', async () => {
    const list = [...malformed.map(([, authorization]) => authorization), authorize(2, { address: OTHER })];
    const result = await runWith(list);
    expect(codeAfter(result, signerOf(2))).toBe(delegationTo(OTHER));
    expect(gasOf(result)).toEqual([TX + list.length * PER_EMPTY_ACCOUNT]);
  });

  it.each([
    ['reverts', code(push(0), push(0), 0xfd), refunded(46_006, REFUND)],
    ['fails', code(0xfe), 500_000 - REFUND],
  ])('stay, with their refund, where execution %s', async (_name, program, gas) => {
    const accounts = { [CONTRACT]: account(program), [AUTHORITY]: account() };
    const result = await compare(blockOf({ accounts, transactions: [setCode([signed], { to: CONTRACT })] }));
    expect(statusOf(result)).toEqual([false]);
    expect(codeAfter(result, AUTHORITY)).toBe(delegationTo(CONTRACT));
    expect(gasOf(result)).toEqual([gas]);
  });

  it('give no refund for an empty account that a snapshot lists; the reference, where it exists, does: engine alone', async () => {
    const accounts = { [AUTHORITY]: { ...account(), balanceWei: 0n } };
    const result = await executeOnEngine(blockOf({ accounts, transactions: [setCode([signed])] }));
    expect(gasOf(result)).toEqual([46_000]);
  });

  it('of the sender for its own account have the nonce after the transaction', async () => {
    const sender = signerOf(1);
    const accounts = { [sender]: account(), [CONTRACT]: account(code(0x30, push(1), 0x55)) };
    const run = async (nonce: bigint): Promise<BlockResult> => {
      const list = [authorize(1, { address: CONTRACT, nonce })];
      return compare(blockOf({ accounts, transactions: [setCode(list, { from: sender, to: sender })] }));
    };
    const valid = await run(1n);
    expect(valid.postState.get(sender)).toMatchObject({ nonce: 2, code: delegationTo(CONTRACT) });
    expect(valid.postState.get(sender)?.storage.get(slotOf(1))).toBe(word(BigInt(sender)));
    expect((await run(0n)).postState.get(sender)).toMatchObject({ nonce: 1, code: '0x' });
  });

  it.each([
    ['was paid', 3n, true],
    ['was paid nothing', 0n, false],
  ])('of a fee recipient that %s before', async (_name, tipWei, exists) => {
    const fees = { type: 2, gasPriceWei: null, maxFeePerGasWei: 10n, maxPriorityFeePerGasWei: tipWei };
    const block = blockOf({ transactions: [{ to: OTHER, ...fees }, setCode([signed])] });
    const result = await compare({ ...block, header: { ...block.header, feeRecipient: AUTHORITY } });
    expect(gasOf(result)).toEqual([TX, exists ? refunded(46_000, REFUND) : 46_000]);
    expect(codeAfter(result, AUTHORITY)).toBe(delegationTo(CONTRACT));
  });

  it('find accounts that a transaction before has paid, and not those that their own pays', async () => {
    const pay = { to: AUTHORITY, valueWei: 1n };
    const paid = await compare(blockOf({ transactions: [pay, setCode([signed])] }));
    expect(gasOf(paid)).toEqual([TX, refunded(46_000, REFUND)]);
    const own = await compare(blockOf({ transactions: [setCode([signed], pay)] }));
    expect(gasOf(own)).toEqual([46_000]);
  });

  it('must be there, and have a recipient', async () => {
    await expectRefused(blockOf({ transactions: [setCode([])] }), INVALID_AUTHORIZATIONS);
    await expectRefused(blockOf({ transactions: [setCode([signed], { to: null })] }), INVALID_AUTHORIZATIONS);
  });

  it('are paid in advance, all of them', async () => {
    const list = [signed, signed, signed];
    await expectRefused(blockOf({ transactions: [setCode(list, { gasLimit: 95_999 })] }), INVALID_INTRINSIC_GAS);
    await compare(blockOf({ transactions: [setCode(list, { gasLimit: 96_000 })] }));
  });

  it.each<[string, Partial<Authorization>]>([
    ['chainId', { chainId: 2n ** 256n }],
    ['nonce', { nonce: 2n ** 64n }],
    ['yParity', { yParity: 256 }],
    ['r', { r: bytesOf(2n ** 256n, 33) }],
    ['s', { s: bytesOf(2n ** 256n, 33) }],
  ])('out of bounds make the block one that cannot be executed: %s', async (_name, fields) => {
    const block = blockOf({ transactions: [setCode([{ ...signed, ...fields }])] });
    await expectRefused(block, INVALID_AUTHORIZATIONS);
  });
});

interface Access {
  readonly result: BlockResult;
  readonly accessGas: bigint;
}

/** What BALANCE of the authority costs in a transaction with these authorizations. */
async function measureAccess(
  list: readonly Authorization[],
  accounts: SnapshotParts['accounts'] = {},
): Promise<Access> {
  const meter: Address = repeated('0xdd', 20);
  // Without its PUSH20, POP and GAS.
  const program = code(push(7), 0x5a, push(AUTHORITY), 0x31, 0x50, 0x5a, 0x90, 0x03, 0x03, push(1), 0x55);
  const block = blockOf({
    accounts: { ...accounts, [meter]: account(program) },
    transactions: [setCode(list, { to: meter })],
  });
  const result = await compare(block);
  return { result, accessGas: slotAfter(result, block, [meter, slotOf(1)]) };
}
