// One frame of EVM code. The opcode switch becomes one br_table. Static gas and stack bounds are checked per basic block
// (see code.ts): a case `continue`s within the block and `break`s to enter the next one.
import { BLOCK_OVERFLOW, blocksOf, codeBytes, codeLength, codeRecord, enterLongBlock } from './code';
import { accessCost, call, CHILD, close, create, FAILED, FAILURE, REVERT, SUCCESS } from './calls';
import { stopped } from './failure';
import { expand, expandRange, placed } from './frame-memory';
import {
  DUP1_ISZERO_JUMPI,
  DUP2_MSTORE,
  EQ_JUMPI,
  GT_ISZERO_JUMPI,
  GT_JUMPI,
  ISZERO_JUMPI,
  LITERAL_MASK,
  LT_ISZERO_JUMPI,
  LT_JUMPI,
  MASK,
  POP_JUMP,
  POP_POP,
  POP_POP_POP,
  PUSH1_ADD,
  PUSH1_MLOAD,
  PUSH1_MSTORE,
  PUSH1_PUSH1,
  PUSH_JUMP,
  PUSH_JUMPI,
  PUSH_MASK,
  SELECTOR_EQ_JUMPI,
  SELECTOR_GT_JUMPI,
  SWAP1_POP,
  SWAP2_POP,
  SWAP2_POP_POP,
  SWAP3_POP,
} from './fusion';
import {
  CANCUN,
  CLEAR_REFUND,
  CLEAR_REFUND_BERLIN,
  COLD_ACCOUNT,
  COLD_SLOT,
  COPY_WORD,
  EXP_BYTE,
  KECCAK_WORD,
  LOG_BYTE,
  LONDON,
  NEW_ACCOUNT,
  OSAKA,
  SELFDESTRUCT_REFUND_BERLIN,
  SHANGHAI,
  SSTORE_RESET,
  SSTORE_SENTRY,
  SSTORE_SET,
  WARM,
  wordsOf,
} from './gas';
import { keccak256 } from './keccak';
import { internAccount, internSlot } from './keys';
import {
  B_BASE_FEE,
  B_BLOB_BASE_FEE,
  B_CHAIN_ID,
  B_FEE_RECIPIENT,
  B_FORK,
  B_GAS_LIMIT,
  B_HASH_COUNT,
  B_HASHES,
  B_NUMBER,
  B_RANDOM,
  B_TIMESTAMP,
  C_HASH,
  F_ACCOUNT,
  F_ADDRESS,
  F_ANALYSIS,
  F_CALLER,
  F_CODE,
  F_CODE_LENGTH,
  F_GAS,
  F_INPUT,
  F_INPUT_LENGTH,
  F_MEMORY,
  F_MEMORY_LENGTH,
  F_PC,
  F_SOURCE,
  F_SP,
  F_STACK,
  F_STATIC,
  F_VALUE,
  FRAME_BYTES,
  T_BLOB_COUNT,
  T_BLOBS,
  T_SENDER,
  W_GAS_PRICE,
  X_EXTRA,
  X_ORIGINAL,
  X_VALUE,
} from './layout';
import { output, outputSize, precompileAt, setOutput } from './precompiles';
import {
  addRefund,
  appendLog,
  balanceOf,
  cellOf,
  codeOf,
  credit,
  isCreated,
  isEmptyAccount,
  loadedCell,
  markDestroyed,
  setSlot,
  setTransient,
  slotCost,
  touchAccount,
  touchSlot,
  zeroBalance,
} from './state';
import {
  add,
  addModulo,
  addU64,
  bitLength,
  byteAt,
  divide,
  lessThan,
  modulo,
  multiply,
  multiplyModulo,
  power,
  shiftLeft,
  shiftRight,
  shiftRightSigned,
  signedDivide,
  signedLessThan,
  signedModulo,
  signExtend,
  subtract,
} from './u256';
import {
  copyBytes,
  copyWord,
  fitsU64,
  isEqual,
  isZero,
  maskAddress,
  reverseWord,
  saturated,
  setU64,
  setZero,
  swapWords,
  zeroBytes,
} from './words';

let worker: usize = 0;
/** The running transaction's record, for ORIGIN and BLOBHASH. */
let transaction: usize = 0;

export function attachInterpreter(base: usize): void {
  worker = base;
}

export function setTransaction(record: usize): void {
  transaction = record;
}

// @ts-ignore: decorator
@inline
function enterBlock(frame: usize, code: usize, blocks: usize, pc: usize, stack: usize, sp: usize, gas: i64): i64 {
  const entry = load<u32>(blocks + ((pc - code) << 2));
  const height = <i32>((sp - stack) >> 5);
  if (entry == BLOCK_OVERFLOW) {
    const source: usize = load<u32>(frame, F_SOURCE);
    return enterLongBlock(source, source + (pc - code), source + load<u32>(frame, F_CODE_LENGTH), height, gas);
  }
  if (height < <i32>((entry >> 14) & 511) || height + <i32>(entry >> 23) > 1024) return -1;
  return gas - <i64>(entry & 0x3fff);
}

/** Leaves the lowest `count` bytes, of which there are at least 9. */
function clearAbove(word: usize, count: u32): void {
  let limb = count >> 3;
  const bits = (count & 7) << 3;
  const at = word + (<usize>limb << 3);
  store<u64>(at, load<u64>(at) & ((<u64>1 << <u64>bits) - 1));
  for (limb++; limb < 4; limb++) store<u64>(word + (<usize>limb << 3), 0);
}

/** Runs a frame and all that it calls: its gas becomes what is left, and the output what it returned. */
export function execute(root: usize): i32 {
  let frame = root;
  while (true) {
    const status = run(frame);
    if (status == CHILD) {
      frame += FRAME_BYTES;
      continue;
    }
    if (frame == root || stopped != 0) return status;
    const child = frame;
    frame -= FRAME_BYTES;
    close(frame, child, status);
  }
}

/** Runs a frame from where it stands to its end, or until it opens a child. */
function run(frame: usize): i32 {
  const code: usize = load<u32>(frame, F_CODE);
  const analysis: usize = load<u32>(frame, F_ANALYSIS);
  // Without one gas would mean nothing.
  if (analysis == 0) return FAILURE;
  const blocks = blocksOf(analysis, load<u32>(frame, F_CODE_LENGTH));
  const stack: usize = load<u32>(frame, F_STACK);
  const memoryStart: usize = load<u32>(frame, F_MEMORY);
  const account = load<u32>(frame, F_ACCOUNT);
  let memoryLength: u64 = load<u32>(frame, F_MEMORY_LENGTH);
  let pc: usize = load<u32>(frame, F_PC);
  let sp: usize = load<u32>(frame, F_SP);
  let gas = load<i64>(frame, F_GAS);
  while (true) {
    gas = enterBlock(frame, code, blocks, pc, stack, sp, gas);
    if (gas < 0) return FAILURE;
    let inBlock = true;
    while (inBlock) {
      const opcode: u32 = load<u8>(pc);
      pc++;
      switch (opcode) {
        case 0x00: // STOP
          store<i64>(frame, gas, F_GAS);
          setOutput(memoryStart, 0);
          return SUCCESS;
        case 0x01: // ADD
          sp -= 32;
          add(sp - 32, sp - 32, sp);
          continue;
        case 0x02: // MUL
          sp -= 32;
          multiply(sp - 32, sp, sp - 32);
          continue;
        case 0x03: // SUB
          sp -= 32;
          subtract(sp - 32, sp, sp - 32);
          continue;
        case 0x04: // DIV
          sp -= 32;
          divide(sp - 32, sp, sp - 32);
          continue;
        case 0x05: // SDIV
          sp -= 32;
          signedDivide(sp - 32, sp, sp - 32);
          continue;
        case 0x06: // MOD
          sp -= 32;
          modulo(sp - 32, sp, sp - 32);
          continue;
        case 0x07: // SMOD
          sp -= 32;
          signedModulo(sp - 32, sp, sp - 32);
          continue;
        case 0x08: // ADDMOD
          sp -= 64;
          addModulo(sp - 32, sp + 32, sp, sp - 32);
          continue;
        case 0x09: // MULMOD
          sp -= 64;
          multiplyModulo(sp - 32, sp + 32, sp, sp - 32);
          continue;
        case 0x0a: // EXP
          sp -= 32;
          gas -= EXP_BYTE * <i64>((bitLength(sp - 32) + 7) >> 3);
          if (gas < 0) return FAILURE;
          power(sp - 32, sp, sp - 32);
          continue;
        case 0x0b: // SIGNEXTEND
          sp -= 32;
          signExtend(sp - 32, sp, sp - 32);
          continue;
        case 0x10: // LT
          sp -= 32;
          setU64(sp - 32, u64(lessThan(sp, sp - 32)));
          continue;
        case 0x11: // GT
          sp -= 32;
          setU64(sp - 32, u64(lessThan(sp - 32, sp)));
          continue;
        case 0x12: // SLT
          sp -= 32;
          setU64(sp - 32, u64(signedLessThan(sp, sp - 32)));
          continue;
        case 0x13: // SGT
          sp -= 32;
          setU64(sp - 32, u64(signedLessThan(sp - 32, sp)));
          continue;
        case 0x14: // EQ
          sp -= 32;
          setU64(sp - 32, u64(isEqual(sp, sp - 32)));
          continue;
        case 0x15: // ISZERO
          setU64(sp - 32, u64(isZero(sp - 32)));
          continue;
        case 0x16: // AND
          sp -= 32;
          v128.store(sp - 32, v128.and(v128.load(sp - 32), v128.load(sp)));
          v128.store(sp - 16, v128.and(v128.load(sp - 16), v128.load(sp + 16)));
          continue;
        case 0x17: // OR
          sp -= 32;
          v128.store(sp - 32, v128.or(v128.load(sp - 32), v128.load(sp)));
          v128.store(sp - 16, v128.or(v128.load(sp - 16), v128.load(sp + 16)));
          continue;
        case 0x18: // XOR
          sp -= 32;
          v128.store(sp - 32, v128.xor(v128.load(sp - 32), v128.load(sp)));
          v128.store(sp - 16, v128.xor(v128.load(sp - 16), v128.load(sp + 16)));
          continue;
        case 0x19: // NOT
          v128.store(sp - 32, v128.not(v128.load(sp - 32)));
          v128.store(sp - 16, v128.not(v128.load(sp - 16)));
          continue;
        case 0x1a: // BYTE
          sp -= 32;
          byteAt(sp - 32, sp, sp - 32);
          continue;
        case 0x1b: // SHL
          sp -= 32;
          shiftLeft(sp - 32, sp - 32, <u32>min<u64>(saturated(sp), 256));
          continue;
        case 0x1c: // SHR
          sp -= 32;
          shiftRight(sp - 32, sp - 32, <u32>min<u64>(saturated(sp), 256));
          continue;
        case 0x1d: // SAR
          sp -= 32;
          shiftRightSigned(sp - 32, sp - 32, <u32>min<u64>(saturated(sp), 256));
          continue;
        case 0x1e: // CLZ (EIP-7939)
          if (load<u32>(B_FORK) < OSAKA) return FAILURE;
          setU64(sp - 32, <u64>(256 - bitLength(sp - 32)));
          continue;
        case 0x20: { // KECCAK256
          sp -= 32;
          gas = expandRange(frame, sp, sp - 32, gas);
          const length = load<u32>(sp - 32);
          gas -= KECCAK_WORD * wordsOf(length);
          if (gas < 0) return FAILURE;
          memoryLength = load<u32>(frame, F_MEMORY_LENGTH);
          keccak256(sp - 32, placed(frame, sp, length), length);
          reverseWord(sp - 32, sp - 32);
          continue;
        }
        case 0x30: // ADDRESS
          copyWord(sp, frame + F_ADDRESS);
          sp += 32;
          continue;
        case 0x31: { // BALANCE
          maskAddress(sp - 32);
          const key = internAccount(sp - 32);
          gas -= accessCost(sp - 32, key);
          if (gas < 0) return FAILURE;
          copyWord(sp - 32, balanceOf(key));
          if (stopped != 0) return FAILURE;
          continue;
        }
        case 0x32: // ORIGIN
          copyWord(sp, transaction + T_SENDER);
          sp += 32;
          continue;
        case 0x33: // CALLER
          copyWord(sp, frame + F_CALLER);
          sp += 32;
          continue;
        case 0x34: // CALLVALUE
          copyWord(sp, frame + F_VALUE);
          sp += 32;
          continue;
        case 0x35: // CALLDATALOAD
          loadInput(frame, sp - 32);
          continue;
        case 0x36: // CALLDATASIZE
          setU64(sp, load<u32>(frame, F_INPUT_LENGTH));
          sp += 32;
          continue;
        case 0x37: // CALLDATACOPY
          sp -= 96;
          gas = copyIn(frame, sp + 64, load<u32>(frame, F_INPUT), load<u32>(frame, F_INPUT_LENGTH), gas);
          if (gas < 0) return FAILURE;
          memoryLength = load<u32>(frame, F_MEMORY_LENGTH);
          continue;
        case 0x38: // CODESIZE
          setU64(sp, load<u32>(frame, F_CODE_LENGTH));
          sp += 32;
          continue;
        case 0x39: // CODECOPY
          sp -= 96;
          gas = copyIn(frame, sp + 64, load<u32>(frame, F_SOURCE), load<u32>(frame, F_CODE_LENGTH), gas);
          if (gas < 0) return FAILURE;
          memoryLength = load<u32>(frame, F_MEMORY_LENGTH);
          continue;
        case 0x3a: // GASPRICE
          copyWord(sp, worker + W_GAS_PRICE);
          sp += 32;
          continue;
        case 0x3b: { // EXTCODESIZE
          maskAddress(sp - 32);
          const key = internAccount(sp - 32);
          gas -= accessCost(sp - 32, key);
          if (gas < 0) return FAILURE;
          setU64(sp - 32, codeLength(codeOf(key)));
          if (stopped != 0) return FAILURE;
          continue;
        }
        case 0x3c: { // EXTCODECOPY
          sp -= 128;
          maskAddress(sp + 96);
          const key = internAccount(sp + 96);
          gas -= accessCost(sp + 96, key);
          if (gas < 0) return FAILURE;
          const other = codeOf(key);
          if (stopped != 0) return FAILURE;
          gas = copyIn(frame, sp + 64, codeBytes(other), codeLength(other), gas);
          if (gas < 0) return FAILURE;
          memoryLength = load<u32>(frame, F_MEMORY_LENGTH);
          continue;
        }
        case 0x3d: // RETURNDATASIZE
          setU64(sp, outputSize());
          sp += 32;
          continue;
        case 0x3e: { // RETURNDATACOPY
          sp -= 96;
          if (!fitsU64(sp + 32) || !fitsU64(sp)) return FAILURE;
          const end = load<u64>(sp + 32) + load<u64>(sp);
          if (end < load<u64>(sp) || end > <u64>outputSize()) return FAILURE;
          gas = copyIn(frame, sp + 64, output(), outputSize(), gas);
          if (gas < 0) return FAILURE;
          memoryLength = load<u32>(frame, F_MEMORY_LENGTH);
          continue;
        }
        case 0x3f: { // EXTCODEHASH
          maskAddress(sp - 32);
          const key = internAccount(sp - 32);
          gas -= accessCost(sp - 32, key);
          if (gas < 0) return FAILURE;
          if (isEmptyAccount(key)) setZero(sp - 32);
          else copyWord(sp - 32, codeRecord(codeOf(key)) + C_HASH);
          if (stopped != 0) return FAILURE;
          continue;
        }
        case 0x40: // BLOCKHASH
          blockHash(sp - 32);
          continue;
        case 0x41: // COINBASE
          copyWord(sp, B_FEE_RECIPIENT);
          sp += 32;
          continue;
        case 0x42: // TIMESTAMP
          setU64(sp, load<u64>(B_TIMESTAMP));
          sp += 32;
          continue;
        case 0x43: // NUMBER
          setU64(sp, load<u64>(B_NUMBER));
          sp += 32;
          continue;
        case 0x44: // PREVRANDAO, DIFFICULTY
          copyWord(sp, B_RANDOM);
          sp += 32;
          continue;
        case 0x45: // GASLIMIT
          setU64(sp, load<u64>(B_GAS_LIMIT));
          sp += 32;
          continue;
        case 0x46: // CHAINID
          setU64(sp, load<u64>(B_CHAIN_ID));
          sp += 32;
          continue;
        case 0x47: // SELFBALANCE
          copyWord(sp, balanceOf(account));
          if (stopped != 0) return FAILURE;
          sp += 32;
          continue;
        case 0x48: // BASEFEE (EIP-3198)
          if (load<u32>(B_FORK) < LONDON) return FAILURE;
          copyWord(sp, B_BASE_FEE);
          sp += 32;
          continue;
        case 0x49: { // BLOBHASH (EIP-4844)
          if (load<u32>(B_FORK) < CANCUN) return FAILURE;
          const index = saturated(sp - 32);
          if (index >= <u64>load<u32>(transaction, T_BLOB_COUNT)) setZero(sp - 32);
          else copyWord(sp - 32, <usize>load<u32>(transaction, T_BLOBS) + (<usize>index << 5));
          continue;
        }
        case 0x4a: // BLOBBASEFEE (EIP-7516)
          if (load<u32>(B_FORK) < CANCUN) return FAILURE;
          copyWord(sp, B_BLOB_BASE_FEE);
          sp += 32;
          continue;
        case 0x50: // POP
          sp -= 32;
          continue;
        case 0x51: { // MLOAD
          const offset = load<u64>(sp - 32);
          if (!fitsU64(sp - 32) || offset > u32.MAX_VALUE) return FAILURE;
          if (offset + 32 > memoryLength) {
            gas = expand(frame, offset + 32, gas);
            if (gas < 0) return FAILURE;
            memoryLength = load<u32>(frame, F_MEMORY_LENGTH);
          }
          reverseWord(sp - 32, memoryStart + <usize>offset);
          continue;
        }
        case 0x52: { // MSTORE
          sp -= 64;
          const offset = load<u64>(sp + 32);
          if (!fitsU64(sp + 32) || offset > u32.MAX_VALUE) return FAILURE;
          if (offset + 32 > memoryLength) {
            gas = expand(frame, offset + 32, gas);
            if (gas < 0) return FAILURE;
            memoryLength = load<u32>(frame, F_MEMORY_LENGTH);
          }
          reverseWord(memoryStart + <usize>offset, sp);
          continue;
        }
        case 0x53: { // MSTORE8
          sp -= 64;
          const offset = load<u64>(sp + 32);
          if (!fitsU64(sp + 32) || offset > u32.MAX_VALUE) return FAILURE;
          gas = expand(frame, offset + 1, gas);
          if (gas < 0) return FAILURE;
          memoryLength = load<u32>(frame, F_MEMORY_LENGTH);
          store<u8>(memoryStart + <usize>offset, load<u8>(sp));
          continue;
        }
        case 0x54: { // SLOAD
          const key = internSlot(account, sp - 32);
          gas -= slotCost(cellOf(key));
          if (gas < 0) return FAILURE;
          copyWord(sp - 32, loadedCell(key) + X_VALUE);
          if (stopped != 0) return FAILURE;
          continue;
        }
        case 0x55: // SSTORE
          sp -= 64;
          gas = storeSlot(frame, sp + 32, sp, gas);
          if (gas < 0) return FAILURE;
          break;
        case 0x56: { // JUMP
          sp -= 32;
          const target = jumpTarget(frame, analysis, sp);
          if (target == 0) return FAILURE;
          pc = code + target;
          break;
        }
        case 0x57: { // JUMPI
          sp -= 64;
          if (isZero(sp)) break;
          const target = jumpTarget(frame, analysis, sp + 32);
          if (target == 0) return FAILURE;
          pc = code + target;
          break;
        }
        case 0x58: // PC
          setU64(sp, pc - code - 1);
          sp += 32;
          continue;
        case 0x59: // MSIZE
          setU64(sp, load<u32>(frame, F_MEMORY_LENGTH));
          sp += 32;
          continue;
        case 0x5a: // GAS
          setU64(sp, gas);
          sp += 32;
          break;
        case 0x5b: // JUMPDEST
          break;
        case 0x5c: // TLOAD (EIP-1153)
          if (load<u32>(B_FORK) < CANCUN) return FAILURE;
          copyWord(sp - 32, cellOf(internSlot(account, sp - 32)) + X_EXTRA);
          continue;
        case 0x5d: // TSTORE
          if (load<u32>(B_FORK) < CANCUN || load<u32>(frame, F_STATIC) != 0) return FAILURE;
          sp -= 64;
          setTransient(cellOf(internSlot(account, sp + 32)), sp);
          continue;
        case 0x5e: // MCOPY (EIP-5656)
          if (load<u32>(B_FORK) < CANCUN) return FAILURE;
          sp -= 96;
          gas = copyWithin(frame, sp + 64, gas);
          if (gas < 0) return FAILURE;
          memoryLength = load<u32>(frame, F_MEMORY_LENGTH);
          continue;
        case 0x5f: // PUSH0 (EIP-3855)
          if (load<u32>(B_FORK) < SHANGHAI) return FAILURE;
          setZero(sp);
          sp += 32;
          continue;
        case 0x60: // PUSH1
          setU64(sp, load<u8>(pc));
          sp += 32;
          pc++;
          continue;
        case 0x61: // PUSH2
          setU64(sp, bswap<u16>(load<u16>(pc)));
          sp += 32;
          pc += 2;
          continue;
        case 0x62:
        case 0x63:
        case 0x64:
        case 0x65:
        case 0x66:
        case 0x67: { // PUSH3 to PUSH8
          const count = opcode - 0x5f;
          setU64(sp, bswap<u64>(load<u64>(pc)) >> (64 - (count << 3)));
          sp += 32;
          pc += count;
          continue;
        }
        case 0x68:
        case 0x69:
        case 0x6a:
        case 0x6b:
        case 0x6c:
        case 0x6d:
        case 0x6e:
        case 0x6f:
        case 0x70:
        case 0x71:
        case 0x72:
        case 0x74:
        case 0x75:
        case 0x76:
        case 0x77:
        case 0x78:
        case 0x79:
        case 0x7a:
        case 0x7b:
        case 0x7c:
        case 0x7d:
        case 0x7e: { // PUSH9 to PUSH31 but for PUSH20
          const count = opcode - 0x5f;
          reverseWord(sp, pc + count - 32);
          clearAbove(sp, count);
          sp += 32;
          pc += count;
          continue;
        }
        case 0x73: // PUSH20
          reverseWord(sp, pc - 12);
          maskAddress(sp);
          sp += 32;
          pc += 20;
          continue;
        case 0x7f: // PUSH32
          reverseWord(sp, pc);
          sp += 32;
          pc += 32;
          continue;
        case 0x80: // DUP1
          copyWord(sp, sp - 32);
          sp += 32;
          continue;
        case 0x81: // DUP2
          copyWord(sp, sp - 64);
          sp += 32;
          continue;
        case 0x82: // DUP3
          copyWord(sp, sp - 96);
          sp += 32;
          continue;
        case 0x83: // DUP4
          copyWord(sp, sp - 128);
          sp += 32;
          continue;
        case 0x84: // DUP5
          copyWord(sp, sp - 160);
          sp += 32;
          continue;
        case 0x85: // DUP6
          copyWord(sp, sp - 192);
          sp += 32;
          continue;
        case 0x86: // DUP7
          copyWord(sp, sp - 224);
          sp += 32;
          continue;
        case 0x87: // DUP8
          copyWord(sp, sp - 256);
          sp += 32;
          continue;
        case 0x88: // DUP9
          copyWord(sp, sp - 288);
          sp += 32;
          continue;
        case 0x89: // DUP10
          copyWord(sp, sp - 320);
          sp += 32;
          continue;
        case 0x8a: // DUP11
          copyWord(sp, sp - 352);
          sp += 32;
          continue;
        case 0x8b: // DUP12
          copyWord(sp, sp - 384);
          sp += 32;
          continue;
        case 0x8c: // DUP13
          copyWord(sp, sp - 416);
          sp += 32;
          continue;
        case 0x8d: // DUP14
          copyWord(sp, sp - 448);
          sp += 32;
          continue;
        case 0x8e: // DUP15
          copyWord(sp, sp - 480);
          sp += 32;
          continue;
        case 0x8f: // DUP16
          copyWord(sp, sp - 512);
          sp += 32;
          continue;
        case 0x90: // SWAP1
          swapWords(sp - 32, sp - 64);
          continue;
        case 0x91: // SWAP2
          swapWords(sp - 32, sp - 96);
          continue;
        case 0x92: // SWAP3
          swapWords(sp - 32, sp - 128);
          continue;
        case 0x93: // SWAP4
          swapWords(sp - 32, sp - 160);
          continue;
        case 0x94: // SWAP5
          swapWords(sp - 32, sp - 192);
          continue;
        case 0x95: // SWAP6
          swapWords(sp - 32, sp - 224);
          continue;
        case 0x96: // SWAP7
          swapWords(sp - 32, sp - 256);
          continue;
        case 0x97: // SWAP8
          swapWords(sp - 32, sp - 288);
          continue;
        case 0x98: // SWAP9
          swapWords(sp - 32, sp - 320);
          continue;
        case 0x99: // SWAP10
          swapWords(sp - 32, sp - 352);
          continue;
        case 0x9a: // SWAP11
          swapWords(sp - 32, sp - 384);
          continue;
        case 0x9b: // SWAP12
          swapWords(sp - 32, sp - 416);
          continue;
        case 0x9c: // SWAP13
          swapWords(sp - 32, sp - 448);
          continue;
        case 0x9d: // SWAP14
          swapWords(sp - 32, sp - 480);
          continue;
        case 0x9e: // SWAP15
          swapWords(sp - 32, sp - 512);
          continue;
        case 0x9f: // SWAP16
          swapWords(sp - 32, sp - 544);
          continue;
        case 0xa0:
        case 0xa1:
        case 0xa2:
        case 0xa3:
        case 0xa4: { // LOG0 to LOG4
          if (load<u32>(frame, F_STATIC) != 0) return FAILURE;
          const count = opcode - 0xa0;
          sp -= 64;
          gas = expandRange(frame, sp + 32, sp, gas);
          if (gas < 0) return FAILURE;
          const length = load<u32>(sp);
          gas -= LOG_BYTE * <i64>length;
          if (gas < 0) return FAILURE;
          memoryLength = load<u32>(frame, F_MEMORY_LENGTH);
          appendLog(frame + F_ADDRESS, sp - 32, count, placed(frame, sp + 32, length), length);
          sp -= count << 5;
          continue;
        }
        case PUSH_JUMP:
          pc = staticTarget(code, pc);
          break;
        case PUSH_JUMPI:
          sp -= 32;
          pc = isZero(sp) ? pc + 3 : staticTarget(code, pc);
          break;
        case ISZERO_JUMPI:
          sp -= 32;
          pc = isZero(sp) ? staticTarget(code, pc + 1) : pc + 4;
          break;
        case DUP1_ISZERO_JUMPI:
          pc = isZero(sp - 32) ? staticTarget(code, pc + 2) : pc + 5;
          break;
        case LT_JUMPI:
          sp -= 64;
          pc = lessThan(sp + 32, sp) ? staticTarget(code, pc + 1) : pc + 4;
          break;
        case GT_JUMPI:
          sp -= 64;
          pc = lessThan(sp, sp + 32) ? staticTarget(code, pc + 1) : pc + 4;
          break;
        case EQ_JUMPI:
          sp -= 64;
          pc = isEqual(sp, sp + 32) ? staticTarget(code, pc + 1) : pc + 4;
          break;
        case LT_ISZERO_JUMPI:
          sp -= 64;
          pc = lessThan(sp + 32, sp) ? pc + 5 : staticTarget(code, pc + 2);
          break;
        case GT_ISZERO_JUMPI:
          sp -= 64;
          pc = lessThan(sp, sp + 32) ? pc + 5 : staticTarget(code, pc + 2);
          break;
        case SELECTOR_EQ_JUMPI:
          pc = fitsU64(sp - 32) && load<u64>(sp - 32) == selectorAt(pc) ? staticTarget(code, pc + 7) : pc + 10;
          break;
        case SELECTOR_GT_JUMPI:
          pc = fitsU64(sp - 32) && load<u64>(sp - 32) < selectorAt(pc) ? staticTarget(code, pc + 7) : pc + 10;
          break;
        case PUSH_MASK:
          store<u64>(sp, u64.MAX_VALUE);
          store<u64>(sp, u64.MAX_VALUE, 8);
          store<u64>(sp, 0xffffffff, 16);
          store<u64>(sp, 0, 24);
          sp += 32;
          pc += 7;
          continue;
        case MASK:
          maskAddress(sp - 32);
          pc += 8;
          continue;
        case LITERAL_MASK:
          maskAddress(sp - 32);
          pc += 21;
          continue;
        case POP_POP:
          sp -= 64;
          pc += 1;
          continue;
        case POP_POP_POP:
          sp -= 96;
          pc += 2;
          continue;
        case POP_JUMP: {
          sp -= 64;
          const target = jumpTarget(frame, analysis, sp);
          if (target == 0) return FAILURE;
          pc = code + target;
          break;
        }
        case SWAP1_POP:
          sp -= 32;
          copyWord(sp - 32, sp);
          pc += 1;
          continue;
        case SWAP2_POP:
          sp -= 32;
          copyWord(sp - 64, sp);
          pc += 1;
          continue;
        case SWAP2_POP_POP:
          sp -= 64;
          copyWord(sp - 32, sp + 32);
          pc += 2;
          continue;
        case SWAP3_POP:
          sp -= 32;
          copyWord(sp - 96, sp);
          pc += 1;
          continue;
        case PUSH1_ADD:
          addU64(sp - 32, load<u8>(pc));
          pc += 2;
          continue;
        case PUSH1_MLOAD: {
          const offset: u64 = load<u8>(pc);
          if (offset + 32 > memoryLength) {
            gas = expand(frame, offset + 32, gas);
            if (gas < 0) return FAILURE;
            memoryLength = load<u32>(frame, F_MEMORY_LENGTH);
          }
          reverseWord(sp, memoryStart + <usize>offset);
          sp += 32;
          pc += 2;
          continue;
        }
        case PUSH1_MSTORE: {
          const offset: u64 = load<u8>(pc);
          if (offset + 32 > memoryLength) {
            gas = expand(frame, offset + 32, gas);
            if (gas < 0) return FAILURE;
            memoryLength = load<u32>(frame, F_MEMORY_LENGTH);
          }
          sp -= 32;
          reverseWord(memoryStart + <usize>offset, sp);
          pc += 2;
          continue;
        }
        case PUSH1_PUSH1:
          setU64(sp, load<u8>(pc));
          setU64(sp + 32, load<u8>(pc, 2));
          sp += 64;
          pc += 3;
          continue;
        case DUP2_MSTORE: {
          sp -= 32;
          const offset = load<u64>(sp - 32);
          if (!fitsU64(sp - 32) || offset > u32.MAX_VALUE) return FAILURE;
          if (offset + 32 > memoryLength) {
            gas = expand(frame, offset + 32, gas);
            if (gas < 0) return FAILURE;
            memoryLength = load<u32>(frame, F_MEMORY_LENGTH);
          }
          reverseWord(memoryStart + <usize>offset, sp);
          pc += 1;
          continue;
        }
        case 0xf0:
        case 0xf5: // CREATE, CREATE2
          gas = create(frame, opcode, sp, gas);
          if (gas == FAILED) return FAILURE;
          sp -= opcode == 0xf0 ? 64 : 96;
          if (gas < 0) return suspend(frame, pc, sp);
          memoryLength = load<u32>(frame, F_MEMORY_LENGTH);
          break;
        case 0xf1:
        case 0xf2:
        case 0xf4:
        case 0xfa: // CALL, CALLCODE, DELEGATECALL, STATICCALL
          gas = call(frame, opcode, sp, gas);
          if (gas == FAILED) return FAILURE;
          sp -= opcode <= 0xf2 ? 192 : 160;
          if (gas < 0) return suspend(frame, pc, sp);
          memoryLength = load<u32>(frame, F_MEMORY_LENGTH);
          break;
        case 0xf3:
        case 0xfd: { // RETURN, REVERT
          sp -= 64;
          gas = expandRange(frame, sp + 32, sp, gas);
          if (gas < 0) return FAILURE;
          const length = load<u32>(sp);
          setOutput(placed(frame, sp + 32, length), length);
          store<i64>(frame, gas, F_GAS);
          return opcode == 0xf3 ? SUCCESS : REVERT;
        }
        case 0xff: // SELFDESTRUCT
          gas = selfDestruct(frame, sp - 32, gas);
          if (gas < 0) return FAILURE;
          store<i64>(frame, gas, F_GAS);
          setOutput(memoryStart, 0);
          return SUCCESS;
        default:
          return FAILURE;
      }
      inBlock = false;
    }
  }
}

function suspend(frame: usize, pc: usize, sp: usize): i32 {
  store<u32>(frame, <u32>pc, F_PC);
  store<u32>(frame, <u32>sp, F_SP);
  return CHILD;
}

/** The byte after the JUMPDEST at the offset that the word names, or 0 where there is none. */
// @ts-ignore: decorator
@inline
function jumpTarget(frame: usize, analysis: usize, word: usize): usize {
  const target = load<u64>(word);
  if (!fitsU64(word) || target >= <u64>load<u32>(frame, F_CODE_LENGTH)) return 0;
  const bits: u32 = load<u8>(analysis + (<usize>target >> 3));
  return (bits >> (<u32>target & 7)) & 1 ? <usize>target + 1 : 0;
}

/** Behind the JUMPDEST that a PUSH2 names, whose two bytes lie at `at`: the analysis has found it valid. */
// @ts-ignore: decorator
@inline
function staticTarget(code: usize, at: usize): usize {
  return code + <usize>bswap<u16>(load<u16>(at)) + 1;
}

/** The four bytes of the PUSH4 behind a DUP1. */
// @ts-ignore: decorator
@inline
function selectorAt(pc: usize): u64 {
  return <u64>bswap<u32>(load<u32>(pc, 1));
}

/** Replaces an offset by the 32 bytes of input there, zeros after the end. */
function loadInput(frame: usize, word: usize): void {
  const length: u64 = load<u32>(frame, F_INPUT_LENGTH);
  const offset = saturated(word);
  if (offset >= length) return setZero(word);
  const from = <usize>load<u32>(frame, F_INPUT) + <usize>offset;
  if (offset + 32 <= length) return reverseWord(word, from);
  setZero(word);
  copyBytes(word, from, <usize>(length - offset));
  reverseWord(word, word);
}

/** `top`: target offset, below it source offset and length. Copies with zeros after the source's end: the gas left. */
function copyIn(frame: usize, top: usize, source: usize, available: u32, gas: i64): i64 {
  gas = expandRange(frame, top, top - 64, gas);
  if (gas < 0) return -1;
  const length = load<u32>(top - 64);
  if (length == 0) return gas;
  gas -= COPY_WORD * wordsOf(length);
  if (gas < 0) return -1;
  const to = placed(frame, top, length);
  const offset = saturated(top - 32);
  const count: u32 = offset >= <u64>available ? 0 : <u32>min<u64>(<u64>available - offset, length);
  if (count != 0) copyBytes(to, source + <usize>offset, count);
  if (count < length) zeroBytes(to + count, length - count);
  return gas;
}

function copyWithin(frame: usize, top: usize, gas: i64): i64 {
  const larger = lessThan(top, top - 32) ? top - 32 : top;
  gas = expandRange(frame, larger, top - 64, gas);
  if (gas < 0) return -1;
  const length = load<u32>(top - 64);
  gas -= COPY_WORD * wordsOf(length);
  if (gas < 0) return -1;
  if (length != 0) copyBytes(placed(frame, top, length), placed(frame, top - 32, length), length);
  return gas;
}

/** EIP-2200 with the costs of EIP-2929 and EIP-3529. */
function storeSlot(frame: usize, slot: usize, value: usize, gas: i64): i64 {
  if (load<u32>(frame, F_STATIC) != 0 || gas <= SSTORE_SENTRY) return -1;
  const key = internSlot(load<u32>(frame, F_ACCOUNT), slot);
  const cell = loadedCell(key);
  if (stopped != 0) return -1;
  if (touchSlot(cell)) gas -= COLD_SLOT;
  const current = cell + X_VALUE;
  const original = cell + X_ORIGINAL;
  if (isEqual(current, value)) {
    gas -= WARM;
    return gas < 0 ? -1 : gas;
  }
  const cleared = load<u32>(B_FORK) >= LONDON ? CLEAR_REFUND : CLEAR_REFUND_BERLIN;
  if (isEqual(original, current)) {
    if (isZero(original)) {
      gas -= SSTORE_SET;
    } else {
      gas -= SSTORE_RESET;
      if (isZero(value)) addRefund(cleared);
    }
  } else {
    gas -= WARM;
    if (!isZero(original)) {
      if (isZero(current)) addRefund(-cleared);
      if (isZero(value)) addRefund(cleared);
    }
    if (isEqual(original, value)) addRefund(isZero(original) ? SSTORE_SET - WARM : SSTORE_RESET - WARM);
  }
  if (gas < 0) return -1;
  setSlot(cell, value);
  return gas;
}

/** Replaces a block number by that block's hash, or zero where it is not one of the last 256. */
function blockHash(word: usize): void {
  const number = saturated(word);
  const current = load<u64>(B_NUMBER);
  if (number >= current || current - number > B_HASH_COUNT) return setZero(word);
  copyWord(word, B_HASHES + ((<usize>number & 255) << 5));
}

/** EIP-6780 from Cancun on: the account goes only if this transaction created it. */
function selfDestruct(frame: usize, heir: usize, gas: i64): i64 {
  if (load<u32>(frame, F_STATIC) != 0) return -1;
  maskAddress(heir);
  const self = load<u32>(frame, F_ACCOUNT);
  const target = internAccount(heir);
  if (precompileAt(heir) == 0 && touchAccount(target) != WARM) gas -= COLD_ACCOUNT;
  const balance = balanceOf(self);
  const pays = !isZero(balance);
  if (pays && isEmptyAccount(target)) gas -= NEW_ACCOUNT;
  if (gas < 0 || stopped != 0) return -1;
  const fork = load<u32>(B_FORK);
  const goes = fork < CANCUN || isCreated(self);
  if (target != self) {
    credit(target, balance);
    zeroBalance(self);
  } else if (goes) {
    zeroBalance(self);
  }
  if (goes && markDestroyed(self) && fork < LONDON) addRefund(SELFDESTRUCT_REFUND_BERLIN);
  return gas;
}
