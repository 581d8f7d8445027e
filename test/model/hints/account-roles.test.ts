import { beforeEach, describe, expect, it } from 'vitest';
import { keccak256 } from '../../../executor/reference/index.js';
import { Contracts } from '../../../model/calls/contracts.js';
import { CallDecoder } from '../../../model/calls/decode.js';
import { AccountRoles } from '../../../model/hints/account-roles.js';
import { KeySpace } from '../../../model/tables/key-space.js';
import type { Access, Address, Hex, Transaction } from '../../../types.js';
import { accountAccess } from '../../datasets/store-records.js';
import { blockOf } from '../blocks.js';
import { transaction } from '../transactions.js';

const SENDER: Address = `0x${'a1'.repeat(20)}`;
const SHOP: Address = `0x${'b2'.repeat(20)}`;
const OTHER_SHOP: Address = `0x${'c3'.repeat(20)}`;
const ALICE: Address = `0x${'d4'.repeat(20)}`;
const BOB: Address = `0x${'e5'.repeat(20)}`;
const WALLET: Address = `0x${'f6'.repeat(20)}`;
const ACCOUNTS = { SENDER, SHOP, OTHER_SHOP, ALICE, BOB, WALLET };
type Name = keyof typeof ACCOUNTS;
type Uses = Partial<Record<Name, number[]>>;
const NAMES = Object.keys(ACCOUNTS) as Name[];
const FUNCTION = 7;

const accessOf = (kind: Access['kind'], address: Address): Access => ({ ...accountAccess(kind, 0), address });
const change = (address: Address): Access[] => [accessOf('read', address), accessOf('write', address)];
const credit = (address: Address): Access[] => [accessOf('add', address)];

interface CallDraft {
  readonly to?: Address;
  readonly valueWei?: bigint;
  /** Accounts among the arguments; null: no input. */
  readonly args?: readonly Address[] | null;
}

function transactionOf({ to = SHOP, valueWei = 0n, args = [] }: CallDraft): Transaction {
  const words = (args ?? []).map((address) => address.slice(2).padStart(64, '0'));
  const input: Hex = args === null ? '0x' : `0x12345678${words.join('')}`;
  return transaction({ from: SENDER, to, valueWei, input });
}

describe('roles of accounts', () => {
  let space: KeySpace;
  let decoder: CallDecoder;
  let roles: AccountRoles;

  beforeEach(() => {
    space = new KeySpace(keccak256);
    decoder = new CallDecoder(space, new Contracts(space));
    roles = new AccountRoles();
  });

  /** Besides, a call changes its sender. */
  function learn(draft: CallDraft, accesses: readonly Access[], functionId = FUNCTION): void {
    const [outcome] = blockOf(1, [
      { ...transactionOf(draft), accesses: [...change(SENDER), ...accesses] },
    ]).transactions;
    if (outcome === undefined) throw new Error('expected a transaction');
    roles.learn(decoder.decode(outcome.transaction), { functionId, outcome }, space.words);
  }

  /** [read, write, add] by account. */
  function describeCall(draft: CallDraft, { functionId = FUNCTION, runsCode = true } = {}): Uses {
    const uses: Uses = {};
    roles.describe(decoder.decode(transactionOf(draft)), { functionId, runsCode }, (account, { read, write, add }) => {
      const name = NAMES.find((known) => ACCOUNTS[known] === space.words.address(account));
      if (name === undefined || uses[name] !== undefined) throw new Error('expected known accounts, each once');
      uses[name] = [read, write, add].map((chance) => Number(chance.toFixed(3)));
    });
    return uses;
  }

  const PAYER = { SENDER: [1, 1, 0] };

  describe('of plain transfers', () => {
    const plain = { runsCode: false };

    it('are to pay and to be credited', () => {
      expect(describeCall({ to: ALICE, valueWei: 1n, args: null }, plain)).toEqual({ ...PAYER, ALICE: [0, 0, 1] });
    });

    it('are none where nothing is paid', () => {
      expect(describeCall({ to: ALICE, args: null }, plain)).toEqual({ ...PAYER, ALICE: [0, 0, 0] });
    });

    it('are one where somebody pays himself', () => {
      expect(describeCall({ to: SENDER, valueWei: 1n, args: null }, plain)).toEqual(PAYER);
    });

    it('do not depend on what contracts did', () => {
      learn({ to: SHOP, valueWei: 1n, args: null }, [...change(SHOP), ...credit(WALLET)]);
      expect(describeCall({ to: ALICE, valueWei: 1n, args: null }, plain).ALICE).toEqual([0, 0, 1]);
    });
  });

  describe('of a recipient with code', () => {
    it('are uncertain where nobody saw it being paid', () => {
      expect(describeCall({ valueWei: 1n })).toEqual({ ...PAYER, SHOP: [0.2, 0.2, 0.4] });
      expect(describeCall({})).toEqual({ ...PAYER, SHOP: [0, 0, 0] });
    });

    it('are to keep what it gets, where it did', () => {
      for (let call = 0; call < 3; call++) learn({ valueWei: 1n }, credit(SHOP));
      expect(describeCall({ valueWei: 1n })).toEqual({ ...PAYER, SHOP: [0, 0, 1] });
    });

    it('are to look or to pass it on, where it did', () => {
      for (let call = 0; call < 3; call++) learn({ valueWei: 1n }, change(SHOP));
      expect(describeCall({ valueWei: 1n })).toEqual({ ...PAYER, SHOP: [1, 1, 0] });
    });

    it('are as often one or the other as they lately were', () => {
      learn({ valueWei: 1n }, change(SHOP));
      learn({ valueWei: 1n }, credit(SHOP));
      expect(describeCall({ valueWei: 1n }).SHOP).toEqual([0.474, 0.474, 0.526]);
    });

    it('differ by whether it is paid', () => {
      for (let call = 0; call < 2; call++) learn({ valueWei: 1n }, change(SHOP));
      for (let call = 0; call < 2; call++) learn({}, []);
      expect(describeCall({ valueWei: 1n }).SHOP).toEqual([1, 1, 0]);
      expect(describeCall({}).SHOP).toEqual([0, 0, 0]);
    });

    it('are those of all functions of the selector, until its own are known', () => {
      for (let call = 0; call < 3; call++) learn({ valueWei: 1n }, credit(SHOP));
      const own = { functionId: 8 };
      const draft = { to: OTHER_SHOP, valueWei: 1n };
      expect(describeCall(draft, own).OTHER_SHOP).toEqual([0, 0, 1]);
      learn(draft, change(OTHER_SHOP), own.functionId);
      expect(describeCall(draft, own).OTHER_SHOP?.[2]).toBeGreaterThan(0.5);
      learn(draft, change(OTHER_SHOP), own.functionId);
      expect(describeCall(draft, own).OTHER_SHOP).toEqual([1, 1, 0]);
    });
  });

  describe('of accounts among the arguments', () => {
    it('are those that they had', () => {
      learn({ args: [ALICE] }, credit(ALICE));
      learn({ args: [BOB] }, change(BOB));
      expect(describeCall({ args: [ALICE] })).toMatchObject({ ALICE: [0, 0, 1] });
      expect(describeCall({ args: [BOB] })).toMatchObject({ BOB: [1, 1, 0] });
    });

    it('are those of any argument where an account is new to the function', () => {
      learn({ args: null, to: OTHER_SHOP }, change(BOB), 9);
      learn({ args: [ALICE] }, credit(ALICE));
      learn({ args: [ALICE] }, credit(ALICE));
      expect(describeCall({ args: [BOB] }).BOB).toEqual([0, 0, 1]);
    });

    it('are not told of where no call was seen to change the account', () => {
      learn({ args: [ALICE] }, credit(ALICE));
      learn({ args: [BOB] }, [accessOf('read', BOB)]);
      expect(describeCall({ args: [BOB] })).not.toHaveProperty('BOB');
    });

    it('are not taken for those of other calls', () => {
      learn({ args: [ALICE] }, credit(ALICE));
      expect(describeCall({ args: [] })).not.toHaveProperty('ALICE');
    });
  });

  describe('of accounts that a call does not name', () => {
    it('are those of a fixed wallet that is paid a fee', () => {
      for (let call = 0; call < 20; call++) learn({}, credit(WALLET));
      expect(describeCall({})).toEqual({ ...PAYER, SHOP: [0, 0, 0], WALLET: [0, 0, 1] });
    });

    it('fade where it no longer is', () => {
      for (let call = 0; call < 20; call++) learn({}, credit(WALLET));
      for (let call = 0; call < 20; call++) learn({}, []);
      expect(describeCall({}).WALLET?.[2]).toBeLessThan(0.15);
    });

    it('are told once where it is named as well', () => {
      learn({ args: [] }, credit(WALLET));
      learn({ args: [WALLET] }, credit(WALLET));
      expect(describeCall({ args: [WALLET] }).WALLET).toEqual([0, 0, 1]);
    });

    it('are left out where they are merely looked at', () => {
      learn({}, [accessOf('read', WALLET)]);
      expect(describeCall({})).not.toHaveProperty('WALLET');
    });
  });

  it('know which accounts are changed without being called', () => {
    learn({ args: [ALICE], valueWei: 1n }, [...credit(SHOP), ...credit(ALICE), accessOf('read', BOB)]);
    const changes = [SENDER, SHOP, ALICE, BOB].map((account) => roles.changes(space.words.addAddress(account)));
    expect(changes).toEqual([false, false, true, false]);
  });
});
