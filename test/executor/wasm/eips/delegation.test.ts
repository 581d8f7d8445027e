import { bytesToHex, hexToBytes } from '@ethereumjs/util';
import { describe, expect, it } from 'vitest';
import { keccak256 } from '../../../../executor/reference/index.js';
import type { AccountState, Address, Hex } from '../../../../types.js';
import { CONTRACT, FEE_RECIPIENT, OTHER, SENDER, account, code, push, slotOf } from '../../reference/snapshots.js';
import { authorize, codeAfter, delegated, delegationTo, setCode, signerOf } from './authorizations.js';
import {
  LABEL,
  blockOf,
  bytesOf,
  callEach,
  compare,
  executeOnEngine,
  expectRefused,
  failure,
  gasOf,
  repeated,
  slotAfter,
  statusOf,
  success,
} from './compare.js';
import { word } from './system-contracts.js';

const INVALID_SENDER_CODE = 113;
const TX = 21_000;
const ZERO: Address = repeated('0x00', 20);
const [TARGET, AGENT] = [signerOf(1), CONTRACT];
const STOP = account('0x00');

describe(`${LABEL}7702, delegated accounts`, () => {
  it('run the code of another in transactions, which is then warm', async () => {
    const program = code(0x5a, push(AGENT), 0x31, 0x50, 0x5a, 0x90, 0x03, push(1), 0x55);
    const accounts = { [TARGET]: delegated(AGENT), [AGENT]: account(program) };
    const block = blockOf({ accounts, transactions: [{ to: TARGET }] });
    const result = await compare(block);
    // PUSH20, BALANCE of a warm account, POP, GAS.
    expect(slotAfter(result, block, [TARGET, slotOf(1)])).toBe(107n);
    expect(
      gasOf(await compare(blockOf({ accounts: { ...accounts, [AGENT]: STOP }, transactions: [{ to: TARGET }] }))),
    ).toEqual([TX]);
  });

  it('run it at once where the same transaction delegates', async () => {
    const accounts = { [AGENT]: account(code(0x30, push(1), 0x55)) };
    const transaction = setCode([authorize(1, { address: AGENT })], { to: TARGET, valueWei: 5n });
    const result = await compare(blockOf({ accounts, transactions: [transaction] }));
    expect(result.postState.get(TARGET)).toMatchObject({ balanceWei: 5n, code: delegationTo(AGENT) });
    expect(result.postState.get(TARGET)?.storage.get(slotOf(1))).toBe(word(BigInt(TARGET)));
  });

  it('cost a cold account more in calls, or a warm one', async () => {
    const agent = account(code(push(7), push(0), 0x52, push(32), push(0), 0xf3));
    const cases: [Record<Address, AccountState>, ReturnType<typeof success>][] = [
      [{ [TARGET]: delegated(AGENT), [AGENT]: agent }, success(bytesOf(7, 32), 2_500 + 2_600 + 18)],
      [{ [TARGET]: delegated(OTHER) }, success('0x', 2_500 + 2_600)],
      [{ [TARGET]: delegated(bytesOf(4, 20)) }, success('0x', 2_500 + 100)],
      [{ [TARGET]: delegated(SENDER) }, success('0x', 2_500 + 100)],
      [{ [TARGET]: delegated(FEE_RECIPIENT) }, success('0x', 2_500 + 100)],
      // A loop and a chain run the first delegation as code: 0xef is no opcode.
      [{ [TARGET]: delegated(TARGET) }, failure(2_500 + 100 + 50_000)],
      [{ [TARGET]: delegated(AGENT), [AGENT]: delegated(OTHER), [OTHER]: agent }, failure(2_500 + 2_600 + 50_000)],
    ];
    for (const [accounts, outcome] of cases) {
      expect(await callEach('prague', [{ to: TARGET, input: '0x', gasCap: 50_000 }], accounts)).toEqual([outcome]);
    }
  });

  it('to precompiles run nothing', async () => {
    for (const [fork, number] of [
      ['prague', 1],
      ['prague', 0x0b],
      ['osaka', 0x100],
    ] as const) {
      const accounts = { [TARGET]: delegated(bytesOf(number, 20)) };
      const result = await compare(blockOf({ fork, accounts, transactions: [{ to: TARGET }] }));
      expect([statusOf(result), gasOf(result)]).toEqual([[true], [TX]]);
    }
  });

  it('in a chain or a loop fail as recipients of transactions', async () => {
    const accounts = { [TARGET]: delegated(AGENT), [AGENT]: delegated(OTHER), [OTHER]: STOP };
    const chain = await compare(blockOf({ accounts, transactions: [{ to: TARGET, gasLimit: 50_000 }] }));
    const itself = { [TARGET]: delegated(TARGET) };
    const loop = await compare(blockOf({ accounts: itself, transactions: [{ to: TARGET, gasLimit: 50_000 }] }));
    expect([...gasOf(chain), ...gasOf(loop), ...statusOf(chain), ...statusOf(loop)]).toEqual([
      50_000,
      50_000,
      false,
      false,
    ]);
  });

  it.each([
    ['CALL', [push(0), push(0), push(0), push(0), push(5)], 0xf1],
    ['CALLCODE', [push(0), push(0), push(0), push(0), push(5)], 0xf2],
    ['DELEGATECALL', [push(0), push(0), push(0), push(0)], 0xf4],
    ['STATICCALL', [push(0), push(0), push(0), push(0)], 0xfa],
  ] as const)('are followed by %s, whatever gas there is', async (_name, words, opcode) => {
    const caller: Address = repeated('0xdd', 20);
    const program = code(...words, push(TARGET), push(30_000), opcode, push(9), 0x55);
    const agent = account(code(0x30, 0x33, 0x34, 0x38, push(0), 0x54, push(0), 0x55));
    const accounts = { [caller]: account(program), [TARGET]: delegated(AGENT), [AGENT]: agent };
    const limits = [26_000, 28_000, ...Array.from({ length: 12 }, (_, i) => 28_600 + 237 * i), 60_000, 100_000];
    const transactions = limits.map((gasLimit) => ({ to: caller, gasLimit }));
    for (const transaction of transactions) await compare(blockOf({ accounts, transactions: [transaction] }));
    await compare(blockOf({ accounts, transactions }));
  });

  it('show the delegation to EXTCODE*, for the price of one account, and the code to CODE*', async () => {
    const designator = delegationTo(AGENT);
    const read = code(
      ...[0x5a, push(TARGET), 0x3b, push(1), 0x55],
      ...[push(TARGET), 0x3f, push(2), 0x55],
      ...[push(32), push(0), push(0), push(TARGET), 0x3c, push(0), 0x51, push(3), 0x55],
      ...[0x38, push(4), 0x55, push(32), push(0), push(0), 0x39, push(0), 0x51, push(5), 0x55],
      ...[0x5a, push(AGENT), 0x3b, 0x50, 0x5a, 0x90, 0x03, push(6), 0x55],
    );
    const reader: Address = repeated('0xdd', 20);
    const accounts = { [TARGET]: delegated(AGENT), [AGENT]: STOP, [reader]: account(read) };
    const block = blockOf({ accounts, transactions: [{ to: reader }] });
    const result = await compare(block);
    const slots = [1, 2, 3, 4, 6].map((slot) => slotAfter(result, block, [reader, slotOf(slot)]));
    expect(slots).toEqual([
      23n,
      BigInt(bytesToHex(keccak256(hexToBytes(designator)))),
      BigInt(`${designator}${'00'.repeat(9)}`),
      BigInt(read.length / 2 - 1),
      // The agent is still cold: PUSH20, EXTCODESIZE, POP, GAS.
      2_607n,
    ]);
  });

  it('see the code of the other with CODESIZE, and their delegation with EXTCODESIZE', async () => {
    const program = code(0x38, push(1), 0x55, 0x30, 0x3b, push(2), 0x55);
    const accounts = { [TARGET]: delegated(AGENT), [AGENT]: account(program) };
    const block = blockOf({ accounts, transactions: [{ to: TARGET }] });
    const result = await compare(block);
    expect([1, 2].map((slot) => slotAfter(result, block, [TARGET, slotOf(slot)]))).toEqual([
      BigInt(program.length / 2 - 1),
      23n,
    ]);
  });

  it('may send transactions, unlike accounts with other code', async () => {
    const accounts = { [SENDER]: { ...delegated(AGENT), nonce: 0 }, [AGENT]: account(code(0xfe)) };
    const result = await compare(blockOf({ accounts, transactions: [{ to: OTHER, valueWei: 1n }] }));
    expect([statusOf(result), gasOf(result)]).toEqual([[true], [TX]]);
    for (const other of ['0x00', '0xef'] satisfies Hex[]) {
      const coded = { [SENDER]: { ...account(other), nonce: 0 } };
      await expectRefused(blockOf({ accounts: coded, transactions: [{}] }), INVALID_SENDER_CODE);
    }
  });

  it.each<[string, Hex]>([
    ['too short', '0xef0100'],
    ['too long', `${delegationTo(AGENT)}00`],
  ])('have 23 bytes of code; the reference looks at three: a delegation %s, engine alone', async (_name, other) => {
    const accounts = { [SENDER]: { ...account(other), nonce: 0 } };
    await expect(executeOnEngine(blockOf({ accounts, transactions: [{}] }))).rejects.toMatchObject({
      code: 'EXECUTION_FAILED',
      message: expect.stringContaining(`(error ${INVALID_SENDER_CODE})`) as string,
    });
  });

  it('may create contracts, pay, destroy themselves without going, and be credited', async () => {
    const initcode = push('0x600160005360016000f3');
    const programs = [
      code(initcode, push(0), 0x52, push(10), push(22), push(3), 0xf0, push(1), 0x55),
      code(push(9), initcode, push(0), 0x52, push(10), push(22), push(0), 0xf5, push(1), 0x55),
      code(push(OTHER), 0xff),
      code(push(0), push(0), push(0), push(0), push(5), push(OTHER), push(0), 0xf1),
    ];
    for (const program of programs) {
      const accounts = { [TARGET]: delegated(AGENT), [AGENT]: account(program) };
      const result = await compare(blockOf({ accounts, transactions: [{ to: TARGET, valueWei: 7n }] }));
      expect(codeAfter(result, TARGET)).toBe(delegationTo(AGENT));
    }
  });

  it('change from transaction to transaction of a block', async () => {
    const accounts = { [AGENT]: account(code(push(1), 0x54, push(1), 0x01, push(1), 0x55)) };
    const transactions = [
      { to: TARGET },
      setCode([authorize(1, { address: AGENT })]),
      { to: TARGET },
      setCode([authorize(1, { address: ZERO, nonce: 1n })], { to: TARGET }),
      setCode([authorize(1, { address: AGENT, nonce: 2n })], { to: TARGET }),
    ];
    const block = blockOf({ accounts, transactions });
    const result = await compare(block);
    expect(slotAfter(result, block, [TARGET, slotOf(1)])).toBe(2n);
  });

  it('cannot be deployed: code that begins with 0xef is refused', async () => {
    const store = code(push(delegationTo(AGENT)), push(0), 0x52, push(23), push(9), 0xf3);
    const result = await compare(blockOf({ transactions: [{ to: null, input: store }] }));
    expect(statusOf(result)).toEqual([false]);
  });

  it('are accounts with unknown code before Prague', async () => {
    const accounts = { [TARGET]: delegated(AGENT), [AGENT]: STOP };
    const result = await compare(blockOf({ fork: 'cancun', accounts, transactions: [{ to: TARGET }] }));
    expect(statusOf(result)).toEqual([false]);
  });
});
