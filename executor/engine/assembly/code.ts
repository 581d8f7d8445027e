// Contract code by hash, shared by all workers. Code 0 is the empty code.
// The analysis of a code is made when it is first run: valid jump targets (one bit per byte) and, for each basic block,
// its static gas, the stack that it needs and how far it grows the stack, so that those are checked once per block.
import { fail } from './failure';
import { fuse } from './fusion';
import { endsBlock, stackIn, stackOut, staticGas } from './gas';
import { keccak256 } from './keccak';
import {
  C_ANALYSIS,
  C_BYTES,
  C_DELEGATES,
  C_HASH,
  C_LENGTH,
  CODE_CAPACITY,
  CODE_PADDING,
  CODE_RECORD_SHIFT,
  CODE_TABLE_MASK,
  ENGINE_CODE_FULL,
  H_CODE_HEAP,
  H_CODE_HEAP_START,
  H_CODE_NEXT,
  H_CODE_RECORDS,
  H_CODE_TABLE,
  W_SCRATCH,
} from './layout';
import { allocateCode } from './memory';
import { copyWord, isEqual, maskAddress, reverseWord } from './words';

let table: usize = 0;
let records: usize = 0;
let hash: usize = 0;

export function attachCode(worker: usize): void {
  table = load<u32>(H_CODE_TABLE);
  records = load<u32>(H_CODE_RECORDS);
  hash = worker + W_SCRATCH;
  // The empty code's hash; every worker writes the same.
  keccak256(hash, hash, 0);
  reverseWord(records + C_HASH, hash);
}

// @ts-ignore: decorator
@inline
export function codeRecord(code: u32): usize {
  return records + ((<usize>code) << CODE_RECORD_SHIFT);
}

export function codeLength(code: u32): u32 {
  return load<u32>(codeRecord(code), C_LENGTH);
}

export function codeBytes(code: u32): usize {
  return load<u32>(codeRecord(code), C_BYTES);
}

/** Whether the code is a delegation; then `to` receives the address. */
export function delegationOf(code: u32, to: usize): bool {
  const record = codeRecord(code);
  if (load<u32>(record, C_DELEGATES) == 0) return false;
  // The address ends at byte 23 of the code: the 32 bytes that end there hold it in their last 20.
  reverseWord(to, <usize>load<u32>(record, C_BYTES) + 23 - 32);
  maskAddress(to);
  return true;
}

/** The number of the code with these bytes. */
export function internCode(bytes: usize, length: u32): u32 {
  if (length == 0) return 0;
  keccak256(hash, bytes, length);
  reverseWord(hash, hash);
  let at = load<u32>(hash) & CODE_TABLE_MASK;
  while (true) {
    const code = atomic.load<u32>(table + ((<usize>at) << 2));
    if (code == 0) return insert(at, bytes, length);
    if (isEqual(codeRecord(code) + C_HASH, hash)) return code;
    at = (at + 1) & CODE_TABLE_MASK;
  }
}

function insert(at: u32, bytes: usize, length: u32): u32 {
  const block = allocateCode(<usize>length + 2 * CODE_PADDING);
  const code = atomic.add<u32>(H_CODE_NEXT, 1);
  if (block == 0 || code >= CODE_CAPACITY) return fail(ENGINE_CODE_FULL);
  const record = codeRecord(code);
  const copy = block + CODE_PADDING;
  memory.fill(block, 0, CODE_PADDING);
  memory.copy(copy, bytes, length);
  memory.fill(copy + length, 0, CODE_PADDING);
  store<u32>(record, 0, C_ANALYSIS);
  copyWord(record + C_HASH, hash);
  store<u32>(record, <u32>copy, C_BYTES);
  store<u32>(record, length, C_LENGTH);
  store<u32>(record, u32(length == 23 && load<u16>(copy) == 0x01ef && load<u8>(copy, 2) == 0), C_DELEGATES);
  while (true) {
    const found = atomic.cmpxchg<u32>(table + ((<usize>at) << 2), 0, code);
    if (found == 0) return code;
    // Another worker was first; this record stays unused.
    if (isEqual(codeRecord(found) + C_HASH, hash)) return found;
    at = (at + 1) & CODE_TABLE_MASK;
  }
}

/** Forgets all code, whose numbers may then mean another. No value that names one may be left. */
export function forgetCode(): void {
  memory.fill(load<u32>(H_CODE_TABLE), 0, (<usize>CODE_TABLE_MASK + 1) << 2);
  store<u32>(H_CODE_NEXT, 1);
  store<u32>(H_CODE_HEAP, load<u32>(H_CODE_HEAP_START));
}

// ------------------------------------------------------------------------------------------------------- analysis
// Layout: bitmap of jump targets, (length + 64) / 8 bytes, then one u32 per byte of code, set where a block starts, then the
// copy of the code that is run (fusion.ts), between zeros.
// A block that starts at a JUMPDEST has its entry at the byte after it, since JUMPDEST itself enters it.
// Entry: gas (14 bits), needed stack (9 bits), growth of the stack (9 bits); all ones where one does not fit.

const GAS_LIMIT: u32 = (1 << 14) - 1;
const STACK_LIMIT: i32 = (1 << 9) - 1;
export const BLOCK_OVERFLOW: u32 = u32.MAX_VALUE;

export function analysisBytes(length: u32): usize {
  return mapBytes(length) + ((<usize>length + 8) << 2) + <usize>length + 2 * CODE_PADDING;
}

/** Where the copy of the code that is run begins. */
export function runnableOf(analysis: usize, length: u32): usize {
  return blocksOf(analysis, length) + ((<usize>length + 8) << 2) + CODE_PADDING;
}

// @ts-ignore: decorator
@inline
function mapBytes(length: u32): usize {
  return ((<usize>length + 127) >> 7) << 4;
}

/** Where the entries of the blocks begin. */
// @ts-ignore: decorator
@inline
export function blocksOf(analysis: usize, length: u32): usize {
  return analysis + mapBytes(length);
}

/** The code's analysis, made at the first call. */
export function analysisOf(code: u32): usize {
  const record = codeRecord(code);
  const known = atomic.load<u32>(record + C_ANALYSIS);
  if (known != 0) return known;
  const length = load<u32>(record, C_LENGTH);
  const analysis = allocateCode(analysisBytes(length));
  if (analysis == 0) return fail(ENGINE_CODE_FULL);
  analyse(analysis, load<u32>(record, C_BYTES), length);
  // Where two workers did it at once, both results are good.
  atomic.store<u32>(record + C_ANALYSIS, <u32>analysis);
  return analysis;
}

/** Writes the analysis of `length` bytes of code, which zeros must follow. */
export function analyse(analysis: usize, bytes: usize, length: u32): void {
  memory.fill(analysis, 0, mapBytes(length));
  const blocks = blocksOf(analysis, length);
  let at: u32 = 0;
  let block: u32 = 0;
  let gas: u32 = 0;
  let depth: i32 = 0;
  let needed: i32 = 0;
  let growth: i32 = 0;
  while (at < length) {
    const opcode: u32 = load<u8>(bytes + at);
    if (opcode == 0x5b) {
      store<u32>(blocks + (<usize>block << 2), packed(gas, needed, growth));
      const bit = analysis + (<usize>at >> 3);
      store<u8>(bit, load<u8>(bit) | <u8>1 << <u8>(at & 7));
      block = at + 1;
      gas = depth = needed = growth = 0;
    }
    gas += staticGas(opcode);
    const pops = stackIn(opcode);
    needed = max(needed, pops - depth);
    depth += stackOut(opcode) - pops;
    growth = max(growth, depth);
    at += opcode >= 0x60 && opcode <= 0x7f ? opcode - 0x5e : 1;
    if (endsBlock(opcode)) {
      store<u32>(blocks + (<usize>block << 2), packed(gas, needed, growth));
      block = at;
      gas = depth = needed = growth = 0;
    }
  }
  if (block <= length) store<u32>(blocks + (<usize>block << 2), packed(gas, needed, growth));
  const runnable = runnableOf(analysis, length);
  memory.fill(runnable - CODE_PADDING, 0, CODE_PADDING);
  memory.fill(runnable + length, 0, CODE_PADDING);
  fuse(runnable, bytes, length, analysis);
}

function packed(gas: u32, needed: i32, growth: i32): u32 {
  if (gas >= GAS_LIMIT || needed >= STACK_LIMIT || growth >= STACK_LIMIT) return BLOCK_OVERFLOW;
  return gas | (<u32>needed << 14) | (<u32>growth << 23);
}

/**
 * What is left of `gas` after the static gas of a block too long for a packed entry, or −1 where gas or stack do not
 * suffice. `at` points to the byte after the block's JUMPDEST, or to its first byte.
 */
export function enterLongBlock(bytes: usize, at: usize, end: usize, height: i32, gas: i64): i64 {
  if (at > bytes && load<u8>(at - 1) == 0x5b) gas -= 1;
  while (at < end) {
    const opcode: u32 = load<u8>(at);
    if (opcode == 0x5b) break;
    gas -= <i64>staticGas(opcode);
    const pops = stackIn(opcode);
    if (height < pops || gas < 0) return -1;
    height += stackOut(opcode) - pops;
    if (height > 1024) return -1;
    if (endsBlock(opcode)) break;
    at += opcode >= 0x60 && opcode <= 0x7f ? <usize>opcode - 0x5e : 1;
  }
  return gas;
}
