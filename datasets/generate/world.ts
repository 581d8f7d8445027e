import type { AccountState, Address, Hash, Hex, PostState } from '../../types.js';
import { padWord, word } from './bytes.js';
import type { Codec } from './codec.js';

/** An ERC-20 contract and the slots at which its mappings stand. */
export interface Token {
  readonly address: Address;
  readonly balances: Hash;
  readonly allowances: Hash;
}

interface WorldAccount {
  balanceWei: bigint;
  nonce: number;
  code: Hex;
  /** Slots that are part of every snapshot. */
  readonly common: Map<Hash, Hash>;
  /** Slots of single holders: part of a snapshot only where its block names them. */
  readonly held: Map<Hash, Hash>;
}

const ZERO = word(0);
export const UNLIMITED = 2n ** 256n - 1n;

/**
 * The state of a generated chain, and which of it the block in preparation can touch. People and their token balances
 * come into being when a block first names them, as if they had been there from the start: nobody can have looked.
 */
export class World {
  readonly #codec: Codec;
  readonly #accounts = new Map<Address, WorldAccount>();
  /** Part of every snapshot: what the set-up deployed. */
  readonly #contracts = new Set<Address>();
  readonly #touchedAccounts = new Set<Address>();
  readonly #touchedSlots = new Map<Address, Set<Hash>>();
  readonly #slots = new Map<string, Hash>();
  #settingUp = true;

  constructor(codec: Codec) {
    this.#codec = codec;
  }

  /** From here on a new contract is part of those blocks only that name it. */
  closeSetUp(): void {
    this.#settingUp = false;
  }

  beginBlock(): void {
    this.#touchedAccounts.clear();
    this.#touchedSlots.clear();
  }

  nonceOf(address: Address): number {
    return this.#accounts.get(address)?.nonce ?? 0;
  }

  storageOf(address: Address): ReadonlyMap<Hash, Hash> {
    const account = this.#account(address);
    return new Map([...account.common, ...account.held]);
  }

  codeOf(address: Address): Hex {
    return this.#account(address).code;
  }

  /** Names an account for this block; where it is new it starts with `balanceWei`. */
  touch(address: Address, balanceWei = 0n): void {
    this.#touchedAccounts.add(address);
    if (this.#accounts.has(address) || balanceWei === 0n) return;
    this.#account(address).balanceWei = balanceWei;
  }

  /** Names a holder's balance of a token for this block; where it is new it starts with `amount`. */
  hold(token: Token, holder: Address, amount = 0n): void {
    this.#nameSlot(token.address, this.#slotOf(holder, token.balances), amount);
  }

  /** Names an allowance for this block; where it is new it starts without limit. */
  allow(token: Token, owner: Address, spender: Address): void {
    this.#nameSlot(token.address, this.#slotOf(spender, this.#slotOf(owner, token.allowances)), UNLIMITED);
  }

  /** Names an allowance without giving it. */
  nameAllowance(token: Token, owner: Address, spender: Address): void {
    this.#nameSlot(token.address, this.#slotOf(spender, this.#slotOf(owner, token.allowances)), 0n);
  }

  setBalance(address: Address, balanceWei: bigint): void {
    this.#account(address).balanceWei = balanceWei;
  }

  setSlot(address: Address, slot: Hash, value: bigint): void {
    writeSlot(this.#account(address).common, slot, word(value));
  }

  /** Puts a copy of a contract in place; it enters the snapshots of those blocks that touch it. */
  putContract(address: Address, code: Hex, storage: ReadonlyMap<Hash, Hash>): void {
    const account = this.#account(address);
    account.code = code;
    account.nonce = 1;
    for (const [slot, value] of storage) writeSlot(account.common, slot, value);
  }

  /** The contracts of the set-up, and what the block has named. */
  snapshot(): ReadonlyMap<Address, AccountState> {
    const state = new Map<Address, AccountState>();
    for (const address of [...this.#contracts, ...this.#touchedAccounts]) {
      const account = this.#accounts.get(address);
      if (account !== undefined && !state.has(address)) state.set(address, this.#freeze(address, account));
    }
    return state;
  }

  /** Takes over what a block changed. `before` is the snapshot that it was executed on. */
  apply(before: ReadonlyMap<Address, AccountState>, after: PostState): void {
    for (const [address, account] of after) {
      if (account === null) this.#remove(address);
      else this.#update(address, before.get(address)?.storage, account);
    }
  }

  #remove(address: Address): void {
    this.#accounts.delete(address);
    this.#contracts.delete(address);
  }

  #update(address: Address, before: ReadonlyMap<Hash, Hash> | undefined, after: AccountState): void {
    if (this.#settingUp && after.code !== '0x') this.#contracts.add(address);
    const account = this.#account(address);
    account.balanceWei = after.balanceWei;
    account.nonce = after.nonce;
    account.code = after.code;
    for (const slot of before?.keys() ?? []) {
      if (!after.storage.has(slot)) storeSlot(account, slot, ZERO);
    }
    for (const [slot, value] of after.storage) {
      if (before?.get(slot) === value) continue;
      this.#checkNamed(address, account, slot);
      storeSlot(account, slot, value);
    }
  }

  /** A holder's slot that the block changed without naming it was executed on the wrong value. */
  #checkNamed(address: Address, account: WorldAccount, slot: Hash): void {
    if (!account.held.has(slot) || this.#touchedSlots.get(address)?.has(slot) === true) return;
    throw new Error(`The block changed slot ${slot} of ${address} without having named it.`);
  }

  #freeze(address: Address, account: WorldAccount): AccountState {
    const storage = new Map(account.common);
    for (const slot of this.#touchedSlots.get(address) ?? []) {
      writeSlot(storage, slot, account.held.get(slot) ?? account.common.get(slot) ?? ZERO);
    }
    return { balanceWei: account.balanceWei, nonce: account.nonce, code: account.code, storage };
  }

  #nameSlot(address: Address, slot: Hash, initialValue: bigint): void {
    const account = this.#account(address);
    if (!account.held.has(slot) && !account.common.has(slot)) account.held.set(slot, word(initialValue));
    this.#touchedAccounts.add(address);
    const named = this.#touchedSlots.get(address) ?? new Set<Hash>();
    this.#touchedSlots.set(address, named.add(slot));
  }

  #slotOf(key: Hex, mapping: Hash): Hash {
    const name = `${key}${mapping}`;
    const slot = this.#slots.get(name) ?? this.#codec.mappingSlot(padWord(key), mapping);
    this.#slots.set(name, slot);
    return slot;
  }

  #account(address: Address): WorldAccount {
    const known = this.#accounts.get(address);
    if (known !== undefined) return known;
    const fresh = { balanceWei: 0n, nonce: 0, code: '0x' as const, common: new Map(), held: new Map() };
    this.#accounts.set(address, fresh);
    return fresh;
  }
}

function storeSlot(account: WorldAccount, slot: Hash, value: Hash): void {
  if (account.held.has(slot)) account.held.set(slot, value);
  else writeSlot(account.common, slot, value);
}

function writeSlot(storage: Map<Hash, Hash>, slot: Hash, value: Hash): void {
  if (value === ZERO) storage.delete(slot);
  else storage.set(slot, value);
}
