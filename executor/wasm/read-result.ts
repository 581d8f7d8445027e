import type { AccountState, Address, BlockSnapshot, Hash, Hex, Log, PostState, Receipt } from '../../types.js';
import { logAt, receiptAt, viewHeap, type Heap, type PlacedReceipt } from './heap.js';
import { HexText } from './hex-text.js';
import type { EngineInstance } from './instance.js';
import * as layout from './layout.js';
import type { Placed } from './run.js';
import { StateMemory } from './state-memory.js';

const ADDRESS_BYTES = 20;
const WORD_BYTES = 32;

/** The receipts of a block that has run. */
export function readReceipts(
  engine: EngineInstance,
  placed: Placed,
  { transactions }: BlockSnapshot,
): { readonly receipts: Receipt[]; readonly gasUsed: number } {
  const [heap, text] = [viewHeap(engine), new HexText()];
  let cumulativeGasUsed = 0;
  const receipts = transactions.map(({ index, type }): Receipt => {
    const receipt = receiptAt(heap, placed, index);
    const { succeeded, gasUsed } = receipt;
    cumulativeGasUsed += gasUsed;
    return { type, succeeded, gasUsed, cumulativeGasUsed, logs: readLogs(heap, receipt, text) };
  });
  return { receipts, gasUsed: cumulativeGasUsed };
}

export function readBloom({ bytes }: EngineInstance): Hex {
  return hexOf(bytes, layout.B_BLOOM, layout.BLOOM_BYTES);
}

function hexOf(bytes: Uint8Array, at: number, length: number): Hex {
  return `0x${Buffer.from(bytes.buffer, at, length).toString('hex')}`;
}

function readLogs(heap: Heap, { logs, logCount }: PlacedReceipt, text: HexText): Log[] {
  if (logCount === 0) return [];
  let at = logs;
  for (let count = logCount; count > 0; count -= 1) at = putLog(heap, at, text);
  text.finish();
  const read: Log[] = [];
  for (at = logs; read.length < logCount;) {
    const { topicCount, dataBytes, end } = logAt(heap, at);
    const address = text.take(ADDRESS_BYTES);
    const topics: Hash[] = [];
    while (topics.length < topicCount) topics.push(text.take(WORD_BYTES));
    read.push({ address, topics, data: text.take(dataBytes) });
    at = end;
  }
  return read;
}

/** Answers where the next log begins. */
function putLog(heap: Heap, at: number, text: HexText): number {
  const { address, topics, topicCount, data, dataBytes, end } = logAt(heap, at);
  text.put(heap.bytes, address, ADDRESS_BYTES);
  for (let topic = 0; topic < topicCount; topic += 1) text.put(heap.bytes, topics + WORD_BYTES * topic, WORD_BYTES);
  text.put(heap.bytes, data, dataBytes);
  return end;
}

// -------------------------------------------------------------------------------------------------------- state

/** Every account that differs from the pre-state, whole. */
export function readPostState(engine: EngineInstance, { preState }: BlockSnapshot): PostState {
  const memory = new StateMemory(engine);
  const post = new Map<Address, AccountState | null>();
  for (const changes of changesByAccount(memory)) {
    const address = memory.addressOf(changes.account);
    const before = preState.get(address);
    const after = stateAfter(memory, before, changes);
    if (after !== null || (before !== undefined && !isEmpty(before))) post.set(address, after);
  }
  return post;
}

/** What the block changed of one account: keys of the engine. */
interface Changes {
  readonly account: number;
  readonly slots: number[];
  hasNewCode: boolean;
}

/** Accounts of which something has another value than before the block. */
function changesByAccount(memory: StateMemory): Iterable<Changes> {
  const byAccount = new Map<number, Changes>();
  for (let place = 0; place < memory.dirtyCount; place += 1) {
    if (!memory.isChanged(place)) continue;
    const key = memory.dirtyKey(place);
    const account = memory.accountOf(key);
    let changes = byAccount.get(account);
    if (changes === undefined) {
      changes = { account, slots: [], hasNewCode: false };
      byAccount.set(account, changes);
    }
    if (memory.isSlot(key)) changes.slots.push(key);
    else if (memory.isCode(key)) changes.hasNewCode = true;
  }
  return byAccount.values();
}

/** Null where the account is empty, which from EIP-161 on is not to be there. */
function stateAfter(
  memory: StateMemory,
  before: AccountState | undefined,
  { account, slots, hasNewCode }: Changes,
): AccountState | null {
  const state = {
    balanceWei: memory.balanceOf(account),
    nonce: nonceAfter(memory, before, account),
    code: hasNewCode ? memory.codeOf(account) : (before?.code ?? '0x'),
    storage: storageAfter(memory, before, slots),
  };
  return isEmpty(state) ? null : state;
}

/** One that stays is answered as it was given, because no number holds the highest. */
function nonceAfter(memory: StateMemory, before: AccountState | undefined, account: number): number {
  const nonce = memory.nonceOf(account);
  return before !== undefined && BigInt(before.nonce) === nonce ? before.nonce : Number(nonce);
}

/** A block's storage is offered to the engine whole: where it is cleared, each of its slots has changed. */
function storageAfter(
  memory: StateMemory,
  before: AccountState | undefined,
  slots: readonly number[],
): ReadonlyMap<Hash, Hash> {
  if (slots.length === 0) return before?.storage ?? new Map<Hash, Hash>();
  const storage = new Map(before?.storage);
  for (const key of slots) {
    const [slot, value] = memory.slotAndValue(key);
    if (value === null) storage.delete(slot);
    else storage.set(slot, value);
  }
  return storage;
}

function isEmpty({ balanceWei, nonce, code }: AccountState): boolean {
  return balanceWei === 0n && nonce === 0 && code === '0x';
}
