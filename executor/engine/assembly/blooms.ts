// Logs blooms: computed once per block, after its transactions, since most of their price is hashing.
import {
  B_BLOOM,
  BLOOM_BYTES,
  BLOOM_CACHE_MASK,
  ENGINE_HEAP_FULL,
  L_ADDRESS,
  L_LENGTH,
  L_TOPICS,
  LOG_HEAD,
  P_BLOOM,
  P_LOG_COUNT,
  P_LOGS,
  RECEIPT_BYTES,
  W_BLOOM,
  W_BLOOM_CACHE,
  W_SCRATCH,
} from './layout';
import { fail } from './failure';
import { keccak256 } from './keccak';
import { take } from './memory';
import { clear, copyWord, isEqual } from './words';

const ADDRESS: u32 = 1;
const TOPIC: u32 = 2;
/** Of a cache entry: the bytes hashed, what they are, and the three bits. */
const CACHE_SHIFT: usize = 6;
const CACHE_KIND: usize = 32;
const CACHE_BITS: usize = 36;

let worker: usize = 0;

export function attachBlooms(base: usize): void {
  worker = base;
}

export function clearBlooms(): void {
  clear(worker + W_BLOOM, BLOOM_BYTES);
}

/** Computes the blooms of receipts one after another. */
export function computeBlooms(receipts: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const receipt = receipts + <usize>i * RECEIPT_BYTES;
    if (load<u32>(receipt, P_LOG_COUNT) != 0) computeBloom(receipt);
  }
}

function computeBloom(receipt: usize): void {
  const bloom = take(BLOOM_BYTES);
  if (bloom == 0) {
    fail(ENGINE_HEAP_FULL);
    return;
  }
  clear(bloom, BLOOM_BYTES);
  let log: usize = load<u32>(receipt, P_LOGS);
  for (let count = load<u32>(receipt, P_LOG_COUNT); count > 0; count--) {
    const topics = load<u32>(log, L_TOPICS);
    addItem(bloom, log + L_ADDRESS, ADDRESS);
    for (let i: u32 = 0; i < topics; i++) addItem(bloom, log + LOG_HEAD + ((<usize>i) << 5), TOPIC);
    log += LOG_HEAD + ((<usize>topics) << 5) + ((<usize>load<u32>(log, L_LENGTH) + 15) & ~15);
  }
  store<u32>(receipt, <u32>bloom, P_BLOOM);
  joinInto(worker + W_BLOOM, bloom);
}

function joinInto(to: usize, from: usize): void {
  for (let at: usize = 0; at < BLOOM_BYTES; at += 16) {
    v128.store(to + at, v128.or(v128.load(to + at), v128.load(from + at)));
  }
}

/** Adds what this worker has computed to the block's bloom. */
export function joinBlooms(): void {
  for (let at: usize = 0; at < BLOOM_BYTES; at += 8) {
    const bits = load<u64>(worker + W_BLOOM + at);
    if (bits != 0) atomic.or<u64>(B_BLOOM + at, bits);
  }
}

/** `word` has 32 bytes, the address in its last 20. */
function addItem(bloom: usize, word: usize, kind: u32): void {
  const index = (load<u32>(word, 28) ^ load<u32>(word, 12)) * 0x9e3779b1;
  const entry = worker + W_BLOOM_CACHE + ((<usize>(index >> 24) & BLOOM_CACHE_MASK) << CACHE_SHIFT);
  if (load<u32>(entry, CACHE_KIND) != kind || !isEqual(entry, word)) hashItem(entry, word, kind);
  for (let i: usize = 0; i < 6; i += 2) {
    const bit: u32 = load<u16>(entry + CACHE_BITS + i);
    const at = bloom + BLOOM_BYTES - 1 - <usize>(bit >> 3);
    store<u8>(at, load<u8>(at) | (<u8>1 << <u8>(bit & 7)));
  }
}

function hashItem(entry: usize, word: usize, kind: u32): void {
  const hash = worker + W_SCRATCH;
  if (kind == ADDRESS) keccak256(hash, word + 12, 20);
  else keccak256(hash, word, 32);
  copyWord(entry, word);
  store<u32>(entry, kind, CACHE_KIND);
  for (let i: usize = 0; i < 6; i += 2) {
    store<u16>(entry + CACHE_BITS + i, bswap<u16>(load<u16>(hash + i)) & 2047);
  }
}
