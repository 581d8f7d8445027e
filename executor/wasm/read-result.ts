import { bytesToHex } from '@ethereumjs/util';
import type {
  AccountState,
  Address,
  BlockSnapshot,
  Hash,
  Hex,
  Log,
  PostState,
  Receipt,
  Transaction,
} from '../../types.js';
import type { EngineInstance } from './instance.js';
import * as layout from './layout.js';

export function toAddress(word: bigint): Address {
  return `0x${word.toString(16).padStart(40, '0')}`;
}

export function toSlot(word: bigint): Hash {
  return `0x${word.toString(16).padStart(64, '0')}`;
}

/** The receipts of a block that has run. */
export function readReceipts(
  engine: EngineInstance,
  receipts: number,
  transactions: readonly Transaction[],
): { readonly receipts: Receipt[]; readonly gasUsed: number } {
  let cumulativeGasUsed = 0;
  const read = transactions.map(({ index, type }): Receipt => {
    const at = receipts + layout.RECEIPT_BYTES * index;
    const gasUsed = Number(engine.u64(at + layout.P_GAS_USED));
    cumulativeGasUsed += gasUsed;
    const succeeded = engine.u32(at + layout.P_STATUS) === 1;
    return { type, succeeded, gasUsed, cumulativeGasUsed, logs: readLogs(engine, at) };
  });
  return { receipts: read, gasUsed: cumulativeGasUsed };
}

/** 256 bytes. */
export function readBloom(engine: EngineInstance, at: number): Uint8Array {
  return at === 0 ? new Uint8Array(layout.BLOOM_BYTES) : engine.bytes.slice(at, at + layout.BLOOM_BYTES);
}

function readLogs(engine: EngineInstance, receipt: number): Log[] {
  const logs: Log[] = [];
  let at = engine.u32(receipt + layout.P_LOGS);
  for (let count = engine.u32(receipt + layout.P_LOG_COUNT); count > 0; count -= 1) {
    const [topics, length] = [engine.u32(at + layout.L_TOPICS), engine.u32(at + layout.L_LENGTH)];
    const data = at + layout.LOG_HEAD + 32 * topics;
    const hex = (from: number, to: number): Hex => bytesToHex(engine.bytes.slice(from, to));
    logs.push({
      address: hex(at + layout.L_ADDRESS + 12, at + layout.LOG_HEAD),
      topics: Array.from({ length: topics }, (_, place) =>
        hex(data - 32 * (topics - place), data - 32 * (topics - place - 1)),
      ),
      data: hex(data, data + length),
    });
    at = data + ((length + 15) & ~15);
  }
  return logs;
}

/** What the block changed of one account: keys of the engine. */
interface Changes {
  readonly account: number;
  readonly slots: number[];
}

/** Every account that differs from the pre-state, whole. */
export function readPostState(engine: EngineInstance, { preState }: BlockSnapshot): PostState {
  const post = new Map<Address, AccountState | null>();
  for (const [address, changes] of changesByAccount(engine)) {
    const before = preState.get(address);
    const after = stateAfter(engine, before, changes);
    if (!isSame(before, after)) post.set(address, after);
  }
  return post;
}

function recordAt(engine: EngineInstance, key: number): number {
  return engine.exports.recordOf(key) >>> 0;
}

function changesByAccount(engine: EngineInstance): Map<Address, Changes> {
  const byAccount = new Map<Address, Changes>();
  const dirty = engine.u32(layout.H_DIRTY);
  for (let place = 0; place < engine.u32(layout.H_DIRTY_COUNT); place += 1) {
    const key = engine.u32(dirty + layout.DIRTY_BYTES * place + layout.D_KEY);
    const record = recordAt(engine, key);
    const kind = engine.u32(record + layout.R_KIND);
    const account =
      kind === layout.KIND_ACCOUNT ? key : kind === layout.KIND_SLOT ? engine.u32(record + layout.R_OWNER) : key - 1;
    const address = toAddress(engine.word(recordAt(engine, account) + layout.R_WORD));
    const changes = byAccount.get(address) ?? { account, slots: [] };
    if (kind === layout.KIND_SLOT) changes.slots.push(record);
    byAccount.set(address, changes);
  }
  return byAccount;
}

/** Null where the account is empty, which from EIP-161 on is not to be there. */
function stateAfter(engine: EngineInstance, before: AccountState | undefined, changes: Changes): AccountState | null {
  // Keys that were never touched hold nothing of this state; what the block changed was.
  const record = recordAt(engine, changes.account);
  const isKnown = (at: number): boolean => engine.u32(at + layout.R_EPOCH) === engine.u32(layout.H_STATE_EPOCH);
  const codeRecord = recordAt(engine, changes.account + 1);
  const cleared = isKnown(record) && (engine.u32(record + layout.R_FLAGS) & layout.RECORD_CLEARED) !== 0;
  const state = {
    balanceWei: isKnown(record) ? engine.word(record + layout.R_VALUE) : 0n,
    nonce: isKnown(record) ? Number(engine.u64(record + layout.R_NONCE)) : 0,
    code: isKnown(codeRecord) ? readCode(engine, codeRecord) : '0x',
    storage: storageAfter(engine, before, { slots: changes.slots, cleared }),
  } as const;
  return state.balanceWei === 0n && state.nonce === 0 && state.code === '0x' ? null : state;
}

function readCode(engine: EngineInstance, codeRecord: number): Hex {
  const code = engine.u32(codeRecord + layout.R_VALUE);
  if (code === 0) return '0x';
  const start = engine.exports.codeBytes(code) >>> 0;
  return bytesToHex(engine.bytes.slice(start, start + engine.exports.codeLength(code)));
}

interface StorageChanges {
  readonly slots: readonly number[];
  readonly cleared: boolean;
}

function storageAfter(
  engine: EngineInstance,
  before: AccountState | undefined,
  { slots, cleared }: StorageChanges,
): ReadonlyMap<Hash, Hash> {
  if (slots.length === 0 && !cleared) return before?.storage ?? new Map<Hash, Hash>();
  const storage = new Map(cleared ? [] : before?.storage);
  for (const record of slots) {
    const [slot, value] = [toSlot(engine.word(record + layout.R_WORD)), engine.word(record + layout.R_VALUE)];
    if (value === 0n) storage.delete(slot);
    else storage.set(slot, toSlot(value));
  }
  return storage;
}

function isSame(before: AccountState | undefined, after: AccountState | null): boolean {
  if (before === undefined || after === null) return (before === undefined || isEmpty(before)) && after === null;
  if (before.balanceWei !== after.balanceWei || before.nonce !== after.nonce || before.code !== after.code)
    return false;
  return contains(before.storage, after.storage) && contains(after.storage, before.storage);
}

function isEmpty({ balanceWei, nonce, code }: AccountState): boolean {
  return balanceWei === 0n && nonce === 0 && code === '0x';
}

/** Slots that are absent are zero. */
function contains(a: ReadonlyMap<Hash, Hash>, b: ReadonlyMap<Hash, Hash>): boolean {
  for (const [slot, value] of b) if (a.get(slot) !== value && BigInt(a.get(slot) ?? 0) !== BigInt(value)) return false;
  return true;
}
