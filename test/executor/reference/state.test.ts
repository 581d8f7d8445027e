import { createAddressFromString, hexToBytes, bytesToHex, type Address } from '@ethereumjs/util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SnapshotState } from '../../../executor/reference/state.js';
import type { AccountState, Hex } from '../../../types.js';
import { account, slotOf } from './snapshots.js';

const ADDRESSES = [1, 2, 3].map((byte) => createAddressFromString(`0x${`0${byte}`.repeat(20)}`));
const SLOTS = [1, 2].map((slot) => hexToBytes(slotOf(slot)));

type Step = (state: SnapshotState, address: Address) => Promise<void>;

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.bigInt(0n, 5n).map(
    (balance): Step =>
      (state, address) =>
        state.modifyAccountFields(address, { balance }),
  ),
  fc.tuple(fc.constantFrom(...SLOTS), fc.integer({ min: 0, max: 3 })).map(([slot, value]): Step => {
    return async (state, address) => {
      // Only accounts that exist have storage.
      await state.modifyAccountFields(address, {});
      await state.putStorage(address, slot, Uint8Array.from([value]));
    };
  }),
  fc.uint8Array({ maxLength: 2 }).map(
    (code): Step =>
      (state, address) =>
        state.putCode(address, code),
  ),
  fc.constant<Step>((state, address) => state.clearStorage(address)),
  fc.constant<Step>((state, address) => state.deleteAccount(address)),
);
const moves = fc.array(fc.tuple(steps, fc.constantFrom(...ADDRESSES)), { maxLength: 12 });

function base(): Map<Hex, AccountState> {
  const state = account('0x6000', { [slotOf(1)]: 7 });
  return new Map(ADDRESSES.slice(0, 2).map((address) => [address.toString(), state]));
}

function newState(): SnapshotState {
  return new SnapshotState(base());
}

function picture(state: SnapshotState): unknown {
  return ADDRESSES.map((address) => {
    const owner = address.toString();
    const { balance, nonce, codeHash } = state.accountAt(owner) ?? {};
    const slots = SLOTS.map((slot) => bytesToHex(state.slotAt(owner, bytesToHex(slot))));
    return { balance, nonce, codeHash: codeHash && bytesToHex(codeHash), code: bytesToHex(state.codeAt(owner)), slots };
  });
}

async function apply(state: SnapshotState, list: readonly (readonly [Step, Address])[]): Promise<void> {
  for (const [step, address] of list) await step(state, address);
}

describe('the state of a block', () => {
  it('is after a revert what it was at the checkpoint, however nested', async () => {
    await fc.assert(
      fc.asyncProperty(moves, moves, moves, fc.boolean(), async (before, outer, inner, commitInner) => {
        const state = newState();
        await apply(state, before);
        const [expected, postState] = [picture(state), state.postState()];
        await state.checkpoint();
        await apply(state, outer);
        await state.checkpoint();
        await apply(state, inner);
        await (commitInner ? state.commit() : state.revert());
        await state.revert();
        expect(picture(state)).toEqual(expected);
        expect(state.postState()).toEqual(postState);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('read over its own post-state is the same state', async () => {
    await fc.assert(
      fc.asyncProperty(moves, async (list) => {
        const state = newState();
        await apply(state, list);
        const merged = new Map(base());
        for (const [address, after] of state.postState()) {
          if (after === null) merged.delete(address);
          else merged.set(address, after);
        }
        const [again, expected] = [picture(new SnapshotState(merged)), picture(state)];
        expect(again).toEqual(expected);
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  it('remembers values at the start of the transaction, reverted or not', async () => {
    const [address] = ADDRESSES;
    const [slot] = SLOTS;
    if (address === undefined || slot === undefined) throw new Error('unreachable');
    const state = newState();
    state.beginTransaction();
    await state.checkpoint();
    await state.putStorage(address, slot, Uint8Array.from([9]));
    await state.revert();
    expect(state.transactionStart.slots.get(address.toString())?.get(slotOf(1))).toEqual(Uint8Array.from([7]));
    await state.putStorage(address, slot, Uint8Array.from([8]));
    expect(await state.originalStorageCache.get(address, slot)).toEqual(Uint8Array.from([7]));
    state.beginTransaction();
    expect(await state.originalStorageCache.get(address, slot)).toEqual(Uint8Array.from([8]));
  });

  it('hands out copies', async () => {
    const [address] = ADDRESSES;
    if (address === undefined) throw new Error('unreachable');
    const state = newState();
    const copy = await state.getAccount(address);
    if (copy === undefined) throw new Error('expected an account');
    copy.balance = 0n;
    expect((await state.getAccount(address))?.balance).toBe(10n ** 18n);
  });
});
