// Bump allocators on shared memory. Each refuses (answers 0) before its bound; nothing is freed but by reset.
import {
  CODE_CAPACITY,
  CODE_RECORD_SHIFT,
  CODE_TABLE_MASK,
  DIRTY_BYTES,
  H_CODE_HEAP,
  H_CODE_HEAP_END,
  H_CODE_HEAP_START,
  H_CODE_NEXT,
  H_CODE_RECORDS,
  H_CODE_TABLE,
  H_DIRTY,
  H_DIRTY_COUNT,
  H_HEAP,
  H_HEAP_END,
  H_HEAP_MARK,
  H_HEAP_START,
  H_KEY_CAPACITY,
  H_KEY_NEXT,
  H_KEY_RECORDS,
  H_KEY_TABLE,
  H_KEY_TABLE_MASK,
  H_MEMORY_BYTES,
  H_STATE_EPOCH,
  H_WORKERS,
  H_WORKER_BASE,
  H_WORKER_BYTES,
  HEADER,
  HEADER_END,
  RECORD_BYTES,
  RUN_ACTIVE,
  RUN_CLOSED,
  W_INDEX,
} from './layout';

const PAGE: u64 = 0x10000;

function pageUp(bytes: u64): u64 {
  return (bytes + PAGE - 1) & ~(PAGE - 1);
}

/** Makes the memory reach up to `end`; false where its maximum forbids it. */
function reach(end: u64): bool {
  if (end > 0xffff0000) return false;
  const have = (<u64>memory.size()) << 16;
  if (end <= have) return true;
  if (memory.grow(<i32>((pageUp(end) - have) >> 16)) >= 0) return true;
  // Another worker may have grown it meanwhile.
  return end <= (<u64>memory.size()) << 16;
}

/**
 * Lays out an all-zero memory: once, before any worker attaches.
 * `keys` is a power of two; `limit` bounds the whole memory in bytes. False where it does not fit.
 */
export function layOut(workers: u32, keys: u32, codeBytes: u32, memoryBytes: u32, limit: u32): bool {
  const workerBytes = pageUp(<u64>W_INDEX + ((<u64>keys) << 3) + <u64>memoryBytes + 256);
  let at: u64 = <u64>HEADER_END;
  const keyTable = at;
  at += (<u64>keys) << 4;
  const keyRecords = at;
  at += <u64>keys * <u64>RECORD_BYTES;
  const dirty = at;
  at += <u64>keys * <u64>DIRTY_BYTES;
  const codeTable = at;
  at += (<u64>CODE_TABLE_MASK + 1) << 2;
  const codeRecords = at;
  at += (<u64>CODE_CAPACITY) << (<u64>CODE_RECORD_SHIFT);
  const codeHeap = at;
  at = pageUp(at + <u64>codeBytes);
  const codeHeapEnd = at;
  const workerBase = at;
  at += workerBytes * <u64>workers;
  if (at + PAGE > <u64>limit || !reach(at + PAGE)) return false;
  memory.fill(HEADER, 0, HEADER_END - HEADER);
  store<u32>(H_WORKERS, workers);
  store<u32>(H_WORKER_BASE, <u32>workerBase);
  store<u32>(H_WORKER_BYTES, <u32>workerBytes);
  store<u32>(H_MEMORY_BYTES, memoryBytes);
  store<u32>(H_KEY_CAPACITY, keys);
  store<u32>(H_KEY_NEXT, 1);
  store<u32>(H_KEY_TABLE, <u32>keyTable);
  store<u32>(H_KEY_TABLE_MASK, keys * 2 - 1);
  store<u32>(H_KEY_RECORDS, <u32>keyRecords);
  store<u32>(H_CODE_NEXT, 1);
  store<u32>(H_CODE_TABLE, <u32>codeTable);
  store<u32>(H_CODE_RECORDS, <u32>codeRecords);
  store<u32>(H_CODE_HEAP, <u32>codeHeap);
  store<u32>(H_CODE_HEAP_START, <u32>codeHeap);
  store<u32>(H_CODE_HEAP_END, <u32>codeHeapEnd);
  store<u32>(H_DIRTY, <u32>dirty);
  store<u32>(H_DIRTY_COUNT, 0);
  store<u32>(H_HEAP_START, <u32>at);
  store<u32>(H_HEAP, <u32>at);
  store<u32>(H_HEAP_MARK, <u32>at);
  store<u32>(H_HEAP_END, limit);
  store<u32>(H_STATE_EPOCH, 1);
  store<u64>(RUN_ACTIVE, RUN_CLOSED);
  return true;
}

/** `bytes` of the block heap at a multiple of 16, or 0. Contents are whatever an earlier block left. */
export function allocate(bytes: usize): usize {
  return advance(H_HEAP, bytes, load<u32>(H_HEAP_END));
}

/** Moves on only where there is room: a bound that is passed again and again would wrap around to the header. */
function advance(next: usize, bytes: usize, bound: u32): usize {
  const size = (<u64>bytes + 15) & ~15;
  while (true) {
    const at = atomic.load<u32>(next);
    const end = <u64>at + size;
    if (end > <u64>bound || !reach(end)) return 0;
    if (atomic.cmpxchg<u32>(next, at, <u32>end) == at) return <usize>at;
  }
}

/** `bytes` that live as long as the code table, at a multiple of 16, or 0. */
export function allocateCode(bytes: usize): usize {
  return advance(H_CODE_HEAP, bytes, load<u32>(H_CODE_HEAP_END));
}

export function resetHeap(): void {
  atomic.store<u32>(H_HEAP, load<u32>(H_HEAP_START));
}

/** What the heap holds now outlives the runs of the block. */
export function markHeap(): void {
  store<u32>(H_HEAP_MARK, atomic.load<u32>(H_HEAP));
}

export function heapToMark(): void {
  atomic.store<u32>(H_HEAP, load<u32>(H_HEAP_MARK));
}

// ------------------------------------------------------------------------------------------------------- arenas

const ARENA: usize = 1 << 18;

/** This worker's part of the block heap. */
let arenaAt: usize = 0;
let arenaEnd: usize = 0;

export function dropArena(): void {
  arenaAt = arenaEnd = 0;
}

/** `bytes` of the block heap at a multiple of 16, or 0, as a rule without asking other workers. */
// @ts-ignore: decorator
@inline
export function take(bytes: usize): usize {
  const at = arenaAt;
  const size = (bytes + 15) & ~15;
  if (size > arenaEnd - at) return refill(size);
  arenaAt = at + size;
  return at;
}

function refill(size: usize): usize {
  if (size > ARENA >> 2) return allocate(size);
  const at = allocate(ARENA);
  if (at == 0) return 0;
  arenaAt = at + size;
  arenaEnd = at + ARENA;
  return at;
}
