import type { AccountFields, StateManagerInterface } from '@ethereumjs/common';
import {
  KECCAK256_NULL,
  KECCAK256_RLP,
  bytesToHex,
  createAccount,
  hexToBytes,
  type Account,
  type Address,
} from '@ethereumjs/util';
import { ZERO_WORD } from '../../types.js';
import type { AccountState, Address as AddressHex, Hash, PostState } from '../../types.js';
import { keccak256 } from './crypto.js';

const NO_BYTES = new Uint8Array(0);
const NO_ROOT = new Uint8Array(32);
/** Storage roots are not computed; EIP-7610 only asks whether there is storage. */
const SOME_STORAGE = new Uint8Array(32).fill(1);

/** An account as it stands. Values of `storage` have no leading zeros; a zero is the empty array. */
interface Entry {
  account: Account | undefined;
  code: Uint8Array;
  /** Slots that differ from the base state, or all slots where `detached`. */
  storage: Map<Hash, Uint8Array>;
  /** True once the storage was cleared: slots of the base state no longer show through. */
  detached: boolean;
}

/** The values at the start of a transaction of what it changed since, even where the change was reverted. */
export interface TransactionStart {
  readonly accounts: ReadonlyMap<AddressHex, Account | undefined>;
  readonly codes: ReadonlyMap<AddressHex, Uint8Array>;
  readonly slots: ReadonlyMap<AddressHex, ReadonlyMap<Hash, Uint8Array>>;
}

/**
 * The state of a block over its pre-state, with an undo log for checkpoints: a checkpoint costs nothing, a revert costs
 * what it undoes. Accounts are handed out as copies, because ethereumjs changes what it gets before it puts it back.
 */
export class SnapshotState implements StateManagerInterface {
  readonly #base: ReadonlyMap<AddressHex, AccountState>;
  readonly #entries = new Map<AddressHex, Entry>();
  readonly #undo: (() => void)[] = [];
  readonly #checkpoints: number[] = [];
  #startAccounts = new Map<AddressHex, Account | undefined>();
  #startCodes = new Map<AddressHex, Uint8Array>();
  #startSlots = new Map<AddressHex, Map<Hash, Uint8Array>>();
  /** Told of every account that ethereumjs asks for, and of every one whose code it asks for. */
  onAccountRead: ((address: AddressHex) => void) | null = null;
  onCodeRead: ((address: AddressHex) => void) | null = null;

  readonly originalStorageCache = {
    get: (address: Address, key: Uint8Array): Promise<Uint8Array> => {
      const [owner, slot] = [address.toString(), bytesToHex(key)];
      return Promise.resolve(this.#startSlots.get(owner)?.get(slot) ?? this.#readSlot(owner, slot));
    },
    // Transactions begin at beginTransaction: ethereumjs clears this before the changes can be looked at.
    clear: (): void => undefined,
  };

  constructor(base: ReadonlyMap<AddressHex, AccountState>) {
    this.#base = base;
  }

  /** Forgets what the transaction before has changed. */
  beginTransaction(): void {
    this.#startAccounts = new Map();
    this.#startCodes = new Map();
    this.#startSlots = new Map();
    this.#undo.length = 0;
  }

  get transactionStart(): TransactionStart {
    return { accounts: this.#startAccounts, codes: this.#startCodes, slots: this.#startSlots };
  }

  // -------------------------------------------------------------------------------------------------------- accounts

  getAccount(address: Address): Promise<Account | undefined> {
    const owner = address.toString();
    this.onAccountRead?.(owner);
    return Promise.resolve(copyOf(this.accountAt(owner)));
  }

  /** The account itself, not to be changed. */
  accountAt(address: AddressHex): Account | undefined {
    return this.#entry(address).account;
  }

  putAccount(address: Address, account?: Account): Promise<void> {
    this.#setAccount(address.toString(), copyOf(account));
    return Promise.resolve();
  }

  deleteAccount(address: Address): Promise<void> {
    const owner = address.toString();
    this.#setAccount(owner, undefined);
    this.#setCode(owner, NO_BYTES);
    this.#clearStorage(owner);
    return Promise.resolve();
  }

  modifyAccountFields(address: Address, fields: AccountFields): Promise<void> {
    const owner = address.toString();
    const account = copyOf(this.accountAt(owner)) ?? createAccount({});
    this.#setAccount(owner, Object.assign(account, fields));
    return Promise.resolve();
  }

  #setAccount(address: AddressHex, account: Account | undefined): void {
    const entry = this.#entry(address);
    const before = entry.account;
    if (!this.#startAccounts.has(address)) this.#startAccounts.set(address, before);
    this.#undo.push(() => (entry.account = before));
    entry.account = account;
  }

  // -------------------------------------------------------------------------------------------------------- code

  getCode(address: Address): Promise<Uint8Array> {
    const owner = address.toString();
    this.onCodeRead?.(owner);
    return Promise.resolve(this.codeAt(owner));
  }

  codeAt(address: AddressHex): Uint8Array {
    return this.#entry(address).code;
  }

  async getCodeSize(address: Address): Promise<number> {
    return (await this.getCode(address)).length;
  }

  putCode(address: Address, code: Uint8Array): Promise<void> {
    const owner = address.toString();
    this.#setCode(owner, code);
    return this.modifyAccountFields(address, { codeHash: code.length === 0 ? KECCAK256_NULL : keccak256(code) });
  }

  #setCode(address: AddressHex, code: Uint8Array): void {
    const entry = this.#entry(address);
    const before = entry.code;
    if (!this.#startCodes.has(address)) this.#startCodes.set(address, before);
    this.#undo.push(() => (entry.code = before));
    entry.code = code;
  }

  // -------------------------------------------------------------------------------------------------------- storage

  getStorage(address: Address, key: Uint8Array): Promise<Uint8Array> {
    return Promise.resolve(this.#readSlot(address.toString(), bytesToHex(key)));
  }

  /** The value without leading zeros. */
  slotAt(address: AddressHex, slot: Hash): Uint8Array {
    return this.#readSlot(address, slot);
  }

  /** The value at the start of the transaction, as 32 bytes. */
  startSlotAt(address: AddressHex, slot: Hash): Hash {
    const before = this.#startSlots.get(address)?.get(slot);
    return toHash(before ?? this.#readSlot(address, slot));
  }

  putStorage(address: Address, key: Uint8Array, value: Uint8Array): Promise<void> {
    const [owner, slot] = [address.toString(), bytesToHex(key)];
    this.#rememberSlot(owner, slot);
    const { storage } = this.#entry(owner);
    const before = storage.get(slot);
    this.#undo.push(() => {
      if (before === undefined) storage.delete(slot);
      else storage.set(slot, before);
    });
    storage.set(slot, withoutLeadingZeros(value));
    return Promise.resolve();
  }

  clearStorage(address: Address): Promise<void> {
    this.#clearStorage(address.toString());
    return Promise.resolve();
  }

  #clearStorage(address: AddressHex): void {
    const entry = this.#entry(address);
    const { storage, detached } = entry;
    for (const slot of this.#slotsOf(address)) this.#rememberSlot(address, slot);
    this.#undo.push(() => Object.assign(entry, { storage, detached }));
    entry.storage = new Map();
    entry.detached = true;
  }

  #readSlot(address: AddressHex, slot: Hash): Uint8Array {
    const { storage, detached } = this.#entry(address);
    const changed = storage.get(slot);
    if (changed !== undefined) return changed;
    const value = detached ? undefined : this.#base.get(address)?.storage.get(slot);
    return value === undefined ? NO_BYTES : withoutLeadingZeros(hexToBytes(value));
  }

  #rememberSlot(address: AddressHex, slot: Hash): void {
    let slots = this.#startSlots.get(address);
    if (slots === undefined) this.#startSlots.set(address, (slots = new Map<Hash, Uint8Array>()));
    if (!slots.has(slot)) slots.set(slot, this.#readSlot(address, slot));
  }

  #slotsOf(address: AddressHex): Set<Hash> {
    const { storage, detached } = this.#entry(address);
    const base = detached ? undefined : this.#base.get(address)?.storage.keys();
    return new Set([...storage.keys(), ...(base ?? [])]);
  }

  // -------------------------------------------------------------------------------------------------------- journal

  checkpoint(): Promise<void> {
    this.#checkpoints.push(this.#undo.length);
    return Promise.resolve();
  }

  commit(): Promise<void> {
    this.#checkpoints.pop();
    return Promise.resolve();
  }

  revert(): Promise<void> {
    const height = this.#checkpoints.pop() ?? 0;
    while (this.#undo.length > height) this.#undo.pop()?.();
    return Promise.resolve();
  }

  /** Receipts before Byzantium hold a state root; the pre-state is partial, so there is none to give. */
  getStateRoot(): Promise<Uint8Array> {
    return Promise.resolve(NO_ROOT);
  }

  setStateRoot(): Promise<void> {
    return Promise.resolve();
  }

  hasStateRoot(): Promise<boolean> {
    return Promise.resolve(true);
  }

  clearCaches(): void {
    // Nothing here is a cache.
  }

  shallowCopy(): StateManagerInterface {
    return new SnapshotState(this.#base);
  }

  // -------------------------------------------------------------------------------------------------------- result

  /** Every account that differs from the base state, whole. */
  postState(): PostState {
    const post = new Map<AddressHex, AccountState | null>();
    for (const [address, entry] of this.#entries) {
      const [before, after] = [this.#base.get(address), this.#stateOf(address, entry)];
      if (!sameState(before, after)) post.set(address, after ?? null);
    }
    return post;
  }

  #stateOf(address: AddressHex, entry: Entry): AccountState | undefined {
    if (entry.account === undefined) return undefined;
    const base = this.#base.get(address);
    const { balance, nonce } = entry.account;
    return {
      balanceWei: balance,
      nonce: Number(nonce),
      code: bytesToHex(entry.code),
      storage: base !== undefined && entry.storage.size === 0 && !entry.detached ? base.storage : this.#merge(address),
    };
  }

  #merge(address: AddressHex): Map<Hash, Hash> {
    const { storage, detached } = this.#entry(address);
    const merged = new Map(detached ? [] : this.#base.get(address)?.storage);
    for (const [slot, value] of storage) {
      if (value.length === 0) merged.delete(slot);
      else merged.set(slot, toHash(value));
    }
    return merged;
  }

  #entry(address: AddressHex): Entry {
    let entry = this.#entries.get(address);
    if (entry === undefined) this.#entries.set(address, (entry = entryOf(this.#base.get(address))));
    return entry;
  }
}

function entryOf(state: AccountState | undefined): Entry {
  const code = state === undefined || state.code === '0x' ? NO_BYTES : hexToBytes(state.code);
  return { account: state && accountOf(state, code), code, storage: new Map(), detached: false };
}

/**
 * An account with an entry exists, even an empty one: before EIP-161 its existence decided what calling it costs, and
 * tracers leave out accounts that do not exist.
 */
function accountOf(state: AccountState, code: Uint8Array): Account {
  return createAccount({
    nonce: BigInt(state.nonce),
    balance: state.balanceWei,
    storageRoot: hasStorage(state) ? SOME_STORAGE : KECCAK256_RLP,
    codeHash: code.length === 0 ? KECCAK256_NULL : keccak256(code),
  });
}

function hasStorage({ storage }: AccountState): boolean {
  for (const value of storage.values()) if (!/^0x0*$/.test(value)) return true;
  return false;
}

/** Copies the fields: createAccount would convert each of them. */
function copyOf(account: Account | undefined): Account | undefined {
  if (account === undefined) return undefined;
  return Object.assign(Object.create(Object.getPrototypeOf(account) as object) as Account, account);
}

function withoutLeadingZeros(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  if (start === 0) return bytes;
  return start === -1 ? NO_BYTES : bytes.subarray(start);
}

/** 32 bytes, from at most as many. A flat string, since records keep it. */
export function toHash(value: Uint8Array): Hash {
  if (value.length === 0) return ZERO_WORD;
  const word = Buffer.alloc(32);
  word.set(value, 32 - value.length);
  return `0x${word.toString('hex')}`;
}

function sameState(a: AccountState | undefined, b: AccountState | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.balanceWei !== b.balanceWei || a.nonce !== b.nonce || a.code !== b.code) return false;
  return a.storage === b.storage || sameStorage(a.storage, b.storage);
}

function sameStorage(a: ReadonlyMap<Hash, Hash>, b: ReadonlyMap<Hash, Hash>): boolean {
  return containsAll(a, b) && containsAll(b, a);
}

/** Slots that are absent are zero. */
function containsAll(a: ReadonlyMap<Hash, Hash>, b: ReadonlyMap<Hash, Hash>): boolean {
  for (const [slot, value] of b) if (a.get(slot) !== value && BigInt(a.get(slot) ?? 0) !== BigInt(value)) return false;
  return true;
}
