import { describe, expect, it } from 'vitest';
import { createReferenceExecutor } from '../../../executor/reference/index.js';
import type { Access, Address, BlockSnapshot, Hash, PreExecution, TransactionRecord } from '../../../types.js';
import { generatedSnapshots } from '../../model/learned.js';
import { CONTRACT, FEE_RECIPIENT, OTHER, SENDER, account, code, push, slotOf, snapshotOf } from './snapshots.js';

const [ADD, BALANCE, ORIGIN, BLOCKHASH, SLOAD, SSTORE, POP, TSTORE, TLOAD] = [
  0x01, 0x31, 0x32, 0x40, 0x54, 0x55, 0x50, 0x5d, 0x5c,
];
const REVERT = code(push(0), push(0), 0xfd);

const executor = createReferenceExecutor();

/** Adds one to slot 1. */
const COUNTER = account(code(push(1), SLOAD, push(1), ADD, push(1), SSTORE), { [slotOf(1)]: 5 });

async function preExecuted(snapshot: BlockSnapshot, index: number): Promise<PreExecution> {
  const found = (await executor.preExecute(snapshot, [index])).get(index);
  if (found === undefined || found === null) throw new Error(`transaction ${index} could not run`);
  return found;
}

/** Without its time. */
function comparable(found: PreExecution | null | undefined): object | null {
  return found === undefined || found === null ? null : { ...found, executionNs: 0 };
}

function valueOf({ accesses }: PreExecution, slot: Hash, kind: Access['kind']): Hash | null | undefined {
  return accesses.find((access) => access.slot === slot && access.kind === kind)?.value;
}

describe('pre-execution', () => {
  it('sees the state before the block whatever earlier transactions do', async () => {
    const snapshot = snapshotOf({ accounts: { [CONTRACT]: COUNTER }, transactions: [{}, {}, {}] });
    for (const index of [0, 1, 2]) {
      const found = await preExecuted(snapshot, index);
      expect([valueOf(found, slotOf(1), 'read'), valueOf(found, slotOf(1), 'write')]).toEqual([slotOf(5), slotOf(6)]);
      expect(found).toMatchObject({ succeeded: true, gasUsed: 21_000 + 2_100 + 2_900 + 4 * 3 });
    }
  });

  it('depends neither on the order nor on the company of a transaction', async () => {
    const transient = code(push(3), TLOAD, push(2), SSTORE, push(7), push(3), TSTORE);
    const other: Address = `0x${'dd'.repeat(20)}`;
    const snapshot = snapshotOf({
      accounts: { [CONTRACT]: COUNTER, [OTHER]: account(REVERT), [other]: account(transient) },
      transactions: [{}, { to: OTHER }, { to: other }, { to: other }, { gasLimit: 20_000 }, { to: null }, {}],
    });
    const forwards = await executor.preExecute(snapshot, [0, 1, 2, 3, 4, 5, 6]);
    const backwards = await executor.preExecute(snapshot, [6, 5, 4, 3, 2, 1, 0, 3]);
    for (const index of forwards.keys()) {
      const alone = (await executor.preExecute(snapshot, [index])).get(index);
      expect(comparable(forwards.get(index))).toEqual(comparable(alone));
      expect(comparable(backwards.get(index))).toEqual(comparable(alone));
    }
    expect([...backwards.keys()]).toEqual([6, 5, 4, 3, 2, 1, 0]);
  });

  it('leaves the snapshot as it is', async () => {
    const snapshot = snapshotOf({ accounts: { [CONTRACT]: COUNTER }, transactions: [{ valueWei: 3n }, {}] });
    const before = structuredClone(snapshot);
    await executor.preExecute(snapshot, [1, 0]);
    expect(snapshot).toEqual(before);
  });

  it('uses nothing that is known of a block only once it was executed', async () => {
    const snapshot = snapshotOf({ accounts: { [CONTRACT]: COUNTER }, transactions: [{}, {}] });
    const outcome = { gasUsed: 29_999_999, receiptsRoot: slotOf(8), logsBloom: slotOf(9), hash: slotOf(10) };
    const later = { ...snapshot, header: { ...snapshot.header, ...outcome } };
    expect(comparable(await preExecuted(later, 1))).toEqual(comparable(await preExecuted(snapshot, 1)));
  });

  it('takes what the snapshot does not hold for absent', async () => {
    const accounts = { [CONTRACT]: account(code(push(9), SLOAD, push(2), SSTORE)) };
    const found = await preExecuted(snapshotOf({ accounts, transactions: [{}] }), 0);
    expect(valueOf(found, slotOf(9), 'read')).toBe(slotOf(0));
  });
});

describe('a transaction that fails alone', () => {
  it('still tells what it touched', async () => {
    const accounts = { [CONTRACT]: account(code(push(1), SLOAD, POP, push(1), push(2), SSTORE, REVERT)) };
    const found = await preExecuted(snapshotOf({ accounts, transactions: [{}] }), 0);
    expect(found.succeeded).toBe(false);
    const slots = found.accesses.filter(({ slot }) => slot !== null).map(({ slot, kind }) => [slot, kind]);
    expect(slots).toEqual([
      [slotOf(1), 'read'],
      [slotOf(2), 'read'],
    ]);
  });

  it('is null where its block could not hold it, and harms no other', async () => {
    const needsAncestor: Address = `0x${'dd'.repeat(20)}`;
    const asking = account(code(push(4), push(4), SSTORE, push(998), BLOCKHASH, push(3), SSTORE));
    const snapshot = snapshotOf({
      accounts: { [CONTRACT]: COUNTER, [OTHER]: account(REVERT), [needsAncestor]: asking },
      transactions: [
        { gasLimit: 20_999 },
        { gasLimit: 30_000_001 },
        { gasPriceWei: 6n },
        { from: OTHER, nonce: 1 },
        { to: needsAncestor },
        {},
      ],
    });
    const found = await executor.preExecute(snapshot, [0, 1, 2, 3, 4, 5]);
    expect([0, 1, 2, 3, 4].map((index) => found.get(index))).toEqual([null, null, null, null, null]);
    expect(comparable(found.get(5))).toEqual(comparable(await preExecuted(snapshot, 5)));
  });

  it('is a mistake of the caller where there is none', async () => {
    await expect(executor.preExecute(snapshotOf({ transactions: [] }), [0])).rejects.toThrow(RangeError);
  });
});

describe('a sender', () => {
  it('has the nonce that each of its transactions states, so that creations get their true addresses', async () => {
    const snapshot = snapshotOf({ transactions: [{ to: null }, { to: null }, { to: null }] });
    const { record } = await executor.record(snapshot, []);
    for (const [index, { accesses }] of record.transactions.entries()) {
      const found = await preExecuted(snapshot, index);
      expect(createdIn(found.accesses)).toEqual(createdIn(accesses));
    }
  });

  it('has enough to pay, and no more is altered', async () => {
    const balanceOf = code(push(1), ORIGIN, BALANCE, ADD, push(1), SSTORE);
    const poor = { ...account(), balanceWei: 5n, nonce: 3 };
    const accounts = { [OTHER]: poor, [CONTRACT]: account(balanceOf) };
    const transactions = [
      { from: OTHER, nonce: 9, valueWei: 7n },
      { from: SENDER, nonce: 9 },
    ];
    const snapshot = snapshotOf({ accounts, transactions });
    const gasWei = 500_000n * 10n;
    const [raised, rich] = [await preExecuted(snapshot, 0), await preExecuted(snapshot, 1)];
    expect(valueOf(raised, slotOf(1), 'write')).toBe(slotOf(1));
    expect(valueOf(rich, slotOf(1), 'write')).toBe(slotOf(10n ** 18n - gasWei + 1n));
  });

  it('that does not exist yet can pay, too', async () => {
    const stranger: Address = `0x${'ab'.repeat(20)}`;
    const fees = { type: 2, gasPriceWei: null, maxFeePerGasWei: 10n ** 12n, maxPriorityFeePerGasWei: 1n };
    const blob = { ...fees, type: 3, maxFeePerBlobGasWei: 10n ** 9n, blobVersionedHashes: [`0x01${'00'.repeat(31)}`] };
    const transactions = [fees, blob as typeof fees].map((each) => ({ from: stranger, nonce: 0, to: OTHER, ...each }));
    const found = await executor.preExecute(snapshotOf({ transactions }), [0, 1]);
    for (const each of found.values()) expect(each).toMatchObject({ succeeded: true, gasUsed: 21_000 });
  });
});

describe.each(['mainnet', 'uniswap', 'erc20'])('on generated blocks of %s', (profile) => {
  it('does what the record says of all that depend on nobody earlier', async () => {
    let [independent, blocks] = [0, 0];
    for await (const snapshot of generatedSnapshots(profile, 2, 25)) {
      const { record } = await executor.record(snapshot, []);
      const found = await executor.preExecute(snapshot, [...snapshot.transactions.keys()].reverse());
      for (const index of independentOf(record.transactions, record.header.feeRecipient)) {
        const { accesses, gasUsed, succeeded } = record.transactions[index] ?? {};
        expect(found.get(index), `transaction ${index}`).toMatchObject({ gasUsed, succeeded });
        expect(sorted(found.get(index)?.accesses)).toEqual(sorted(accesses));
        independent += 1;
      }
      blocks += 1;
    }
    expect([blocks, independent > 5]).toEqual([2, true]);
  });
});

/** Transactions that touch nothing which an earlier one changed, additions included; their own sender's account aside. */
function independentOf(transactions: readonly TransactionRecord[], feeRecipient: Address): number[] {
  const changed = new Set<string>();
  return [...transactions.entries()].flatMap(([index, { accesses }]) => {
    const names = (list: readonly Access[]): string[] =>
      list
        .filter(({ address, field }) => field !== 'account' || address !== feeRecipient)
        .map(({ address, field, slot }) => `${address} ${slot ?? field}`);
    const isFree = names(accesses).every((name) => !changed.has(name));
    for (const name of names(accesses.filter(({ kind }) => kind !== 'read'))) changed.add(name);
    return isFree ? [index] : [];
  });
}

function sorted(accesses: readonly Access[] = []): string[] {
  return accesses.map((access) => JSON.stringify(access)).sort();
}

function createdIn(accesses: readonly Access[]): Address[] {
  return accesses
    .filter(({ address }) => address !== SENDER && address !== FEE_RECIPIENT)
    .map(({ address }) => address);
}
