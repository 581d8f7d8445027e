import { describe, expect, it } from 'vitest';
import { CONTRACT, account, code, push, slotOf } from '../../reference/snapshots.js';
import { LABEL, blockOf, compare, gasOf, slotAfter, statusOf } from './compare.js';

const CLZ = 0x1e;
const SSTORE = 0x55;

/** The EIP's test cases, then the edges of the limbs. */
const CASES: [bigint, bigint][] = [
  [0n, 256n],
  [2n ** 255n, 0n],
  [2n ** 256n - 1n, 0n],
  [2n ** 254n, 1n],
  [2n ** 255n - 1n, 1n],
  [1n, 255n],
  ...[8n, 63n, 64n, 65n, 127n, 128n, 191n, 192n, 193n].map((bit): [bigint, bigint] => [2n ** bit, 255n - bit]),
  ...[64n, 128n, 192n].map((bit): [bigint, bigint] => [2n ** bit - 1n, 256n - bit]),
];

describe(`${LABEL}7939, CLZ`, () => {
  it.each(CASES)('of %i is %i', async (value, zeros) => {
    const program = code(push(slotOf(value)), CLZ, push(1), SSTORE);
    const block = blockOf({ fork: 'osaka', accounts: { [CONTRACT]: account(program) }, transactions: [{}] });
    const result = await compare(block);
    expect(slotAfter(result, block, [CONTRACT, slotOf(1)])).toBe(zeros);
  });

  it('costs 5 gas', async () => {
    const accounts = { [CONTRACT]: account(code(push(1), CLZ)) };
    const result = await compare(blockOf({ fork: 'osaka', accounts, transactions: [{}, { gasLimit: 21_007 }] }));
    expect([statusOf(result), gasOf(result)]).toEqual([
      [true, false],
      [21_008, 21_007],
    ]);
  });

  it('needs a word on the stack, and can take and give all 1,024', async () => {
    const empty = { [CONTRACT]: account(code(CLZ)) };
    expect(statusOf(await compare(blockOf({ fork: 'osaka', accounts: empty, transactions: [{}] })))).toEqual([false]);
    const full = { [CONTRACT]: account(code(...Array<number>(1024).fill(0x5f), CLZ)) };
    expect(statusOf(await compare(blockOf({ fork: 'osaka', accounts: full, transactions: [{}] })))).toEqual([true]);
  });

  it('is not there before Osaka', async () => {
    const accounts = { [CONTRACT]: account(code(push(1), CLZ)) };
    const result = await compare(blockOf({ fork: 'prague', accounts, transactions: [{}] }));
    expect([statusOf(result), gasOf(result)]).toEqual([[false], [500_000]]);
  });
});
