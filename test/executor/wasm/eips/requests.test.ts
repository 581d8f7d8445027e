import { describe, expect, it } from 'vitest';
import type { AccountState, BlockResult, BlockSnapshot, Hex } from '../../../../types.js';
import { CONTRACT, SENDER, account, code, push } from '../../reference/snapshots.js';
import { LABEL, blockOf, bytesOf, callEach, compare, joined, repeated, slotAfter, statusOf } from './compare.js';
import { CONSOLIDATIONS, SYSTEM_CALLER, WITHDRAWALS, deployed, word, type SystemContract } from './system-contracts.js';

const [EXCESS, COUNT, HEAD, TAIL, QUEUE] = [0n, 1n, 2n, 3n, 4n];
const INHIBITOR = 2n ** 256n - 1n;
const FEE_UPDATE_FRACTION = 17n;
const PUBKEY = repeated('0xab', 48);
const OTHER_PUBKEY = repeated('0xcd', 48);

interface Kind {
  readonly name: string;
  readonly contract: SystemContract;
  readonly input: Hex;
  /** Slots of a request after the one of its source. */
  readonly words: readonly bigint[];
  readonly target: bigint;
  readonly maximum: bigint;
}

const KINDS: readonly Kind[] = [
  {
    name: '7002, withdrawal requests',
    contract: WITHDRAWALS,
    input: joined(PUBKEY, bytesOf(0x0102030405060708n, 8)),
    words: [BigInt(repeated('0xab', 32)), BigInt(joined(repeated('0xab', 16), '0x0102030405060708', bytesOf(0, 8)))],
    target: 2n,
    maximum: 16n,
  },
  {
    name: '7251, consolidation requests',
    contract: CONSOLIDATIONS,
    input: joined(PUBKEY, OTHER_PUBKEY),
    words: [repeated('0xab', 32), joined(repeated('0xab', 16), repeated('0xcd', 16)), repeated('0xcd', 32)].map(BigInt),
    target: 1n,
    maximum: 2n,
  },
];

for (const kind of KINDS) describe(`${LABEL}${kind.name}`, () => describeRequests(kind));

function describeRequests(kind: Kind): void {
  const { contract, input, words, target, maximum } = kind;
  const to = contract.address;
  const slotsPerRequest = BigInt(words.length + 1);

  function stateOf(result: BlockResult, block: BlockSnapshot): Record<string, bigint> {
    const at = (slot: bigint): bigint => slotAfter(result, block, [to, word(slot)]);
    return { excess: at(EXCESS), count: at(COUNT), head: at(HEAD), tail: at(TAIL) };
  }

  /** A queue of so many requests, and what else the contract holds. */
  function queued(requests: bigint, others: readonly (readonly [bigint, bigint])[] = []): AccountState {
    const slots = Array.from({ length: Number(requests * slotsPerRequest) }, (_, place) => QUEUE + BigInt(place));
    return deployed(contract, [[TAIL, requests], ...others, ...slots.map((slot) => [slot, slot * 1_000n] as const)]);
  }

  async function run(state: AccountState, transactions: readonly object[] = []): Promise<[BlockResult, BlockSnapshot]> {
    const block = blockOf({ accounts: { [to]: state }, transactions });
    return [await compare(block), block];
  }

  it('takes a request with its fee, logs it, and dequeues it after the transactions', async () => {
    const [result, block] = await run(deployed(contract), [{ to, input, valueWei: 1n }]);
    expect(statusOf(result)).toEqual([true]);
    expect(result.receipts[0]?.logs).toEqual([{ address: to, topics: [], data: joined(SENDER, input) }]);
    const slots = [BigInt(SENDER), ...words];
    expect(slots.map((_, place) => slotAfter(result, block, [to, word(QUEUE + BigInt(place))]))).toEqual(slots);
    expect(stateOf(result, block)).toEqual({ excess: 0n, count: 0n, head: 0n, tail: 0n });
    expect(result.postState.get(to)?.balanceWei).toBe(1n);
    expect(result.postState.has(SYSTEM_CALLER)).toBe(false);
  });

  it('counts what a block has beyond the target as excess', async () => {
    const transaction = { to, input, valueWei: 1n };
    for (let requests = 1n; requests <= target + 2n; requests++) {
      const [result, block] = await run(deployed(contract), Array<object>(Number(requests)).fill(transaction));
      expect(stateOf(result, block)['excess']).toBe(requests > target ? requests - target : 0n);
    }
  });

  it('dequeues at most so many requests a block, and resets the queue once it is empty', async () => {
    for (const more of [-1n, 0n, 1n, maximum]) {
      const [result, block] = await run(queued(maximum + more));
      const emptied = more <= 0n;
      expect(stateOf(result, block)).toMatchObject(
        emptied ? { head: 0n, tail: 0n } : { head: maximum, tail: maximum + more },
      );
    }
    const [result, block] = await run(queued(2n * maximum + 1n, [[HEAD, maximum]]));
    expect(stateOf(result, block)).toMatchObject({ head: 2n * maximum, tail: 2n * maximum + 1n });
  });

  it.each([
    [0n, 3n],
    [10n, 0n],
    [1n, 0n],
    [target, 1n],
    [100n, 5n],
  ])('updates an excess of %i and a count of %i', async (excess, count) => {
    const [result, block] = await run(
      deployed(contract, [
        [EXCESS, excess],
        [COUNT, count],
      ]),
    );
    const sum = excess + count;
    expect(stateOf(result, block)).toMatchObject({ excess: sum > target ? sum - target : 0n, count: 0n });
  });

  it.each([0n, 1n, 16n, 17n, 100n, 500n, 2_892n])('asks for a fee that grows with an excess of %i', async (excess) => {
    const fee = feeAt(excess);
    const accounts = { [to]: deployed(contract, [[EXCESS, excess]]) };
    const [getter] = await callEach('prague', [{ to, input: '0x' }], accounts);
    expect(getter).toMatchObject({ succeeded: true, output: word(fee) });
    if (fee > 10n ** 17n) return;
    const asked = [fee - 1n, fee, fee + 1n].map((valueWei) => ({ to, input, valueWei }));
    const [result] = await run(deployed(contract, [[EXCESS, excess]]), asked);
    expect(statusOf(result)).toEqual([false, true, true]);
  });

  it('knows no fee and takes no request before its first system call, which lifts the inhibitor', async () => {
    const inhibited = deployed(contract, [[EXCESS, INHIBITOR]]);
    const [getter] = await callEach('prague', [{ to, input: '0x' }], { [to]: inhibited });
    expect(getter?.succeeded).toBe(false);
    const [result, block] = await run(inhibited, [{ to, input, valueWei: 10n ** 9n }]);
    expect(statusOf(result)).toEqual([false]);
    expect(stateOf(result, block)).toEqual({ excess: 0n, count: 0n, head: 0n, tail: 0n });
  });

  it.each<[string, Hex, bigint]>([
    ['a byte too few', `0x${input.slice(4)}`, 1n],
    ['a byte too many', `${input}00`, 1n],
    ['one byte', '0x01', 1n],
    ['value for the fee getter', '0x', 1n],
    ['no fee', input, 0n],
  ])('reverts at %s', async (_name, wrong, valueWei) => {
    const [result] = await run(deployed(contract), [{ to, input: wrong, valueWei }]);
    expect(statusOf(result)).toEqual([false]);
    expect(result.receipts[0]?.gasUsed).toBeLessThan(100_000);
  });

  it('takes requests of contracts as theirs, and undoes those of calls that revert', async () => {
    const request = [push(0), push(0), 0x36, push(0), push(1), push(to), push(200_000), 0xf1] as const;
    const passOn = [0x36, push(0), push(0), 0x37, ...request] as const;
    for (const [ending, requests] of [
      [[0x00], 1],
      [[push(0), push(0), 0xfd], 0],
    ] as const) {
      const accounts = { [to]: deployed(contract), [CONTRACT]: account(code(...passOn, ...ending)) };
      const block = blockOf({ accounts, transactions: [{ input }] });
      const result = await compare(block);
      expect(slotAfter(result, block, [to, word(QUEUE)])).toBe(requests === 1 ? BigInt(CONTRACT) : 0n);
      expect(result.receipts[0]?.logs).toHaveLength(requests);
    }
  });

  it('has the system call see what withdrawals credited, and work for the system alone', async () => {
    const state = deployed(contract, [[COUNT, 9n]]);
    const withdrawals = [{ index: 0, validatorIndex: 1, address: to, amountGwei: 3n }];
    const block = { ...blockOf({ accounts: { [to]: state }, transactions: [{ to }] }), withdrawals };
    const result = await compare(block);
    expect(stateOf(result, block)).toMatchObject({ count: 0n, excess: 9n - target });
    expect(result.postState.get(to)?.balanceWei).toBe(3_000_000_000n);
  });

  it('has 30,000,000 gas in Osaka too, where a transaction may not have so much', async () => {
    // 3.2 MB of memory cost 19.8 million.
    const spend = code(push(1), push(3_200_000), 0x52, push(1), push(7), 0x55);
    for (const fork of ['prague', 'osaka'] as const) {
      const block = blockOf({ fork, accounts: { [to]: account(spend) }, transactions: [] });
      const result = await compare(block);
      expect(slotAfter(result, block, [to, word(7n)])).toBe(1n);
    }
  });

  it('is not called before Prague', async () => {
    const accounts = { [to]: deployed(contract, [[COUNT, 9n]]) };
    const block = blockOf({ fork: 'cancun', accounts, transactions: [] });
    expect(stateOf(await compare(block), block)).toMatchObject({ count: 9n, excess: 0n });
  });

  it.each([
    ['reverts', code(push(1), push(7), 0x55, push(0), push(0), 0xfd)],
    ['fails', code(push(1), push(7), 0x55, 0xfe)],
    ['has not enough gas', code(push(1), push(7), 0x55, push(1), push(6_400_000), 0x52)],
  ])('has a system call that %s leave nothing, where the EIP has the block be invalid', async (_name, program) => {
    const block = blockOf({ accounts: { [to]: account(program) }, transactions: [] });
    expect(slotAfter(await compare(block), block, [to, word(7n)])).toBe(0n);
  });

  it('is not called where there is no contract, where the EIP has the block be invalid', async () => {
    expect((await compare(blockOf({ transactions: [] }))).postState.has(to)).toBe(false);
  });
}

/** fake_exponential(1, excess, 17) of the EIP. */
function feeAt(excess: bigint): bigint {
  let sum = 0n;
  let part = FEE_UPDATE_FRACTION;
  for (let i = 1n; part > 0n; i++) {
    sum += part;
    part = (part * excess) / (FEE_UPDATE_FRACTION * i);
  }
  return sum / FEE_UPDATE_FRACTION;
}
