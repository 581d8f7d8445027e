// Sequences of opcodes that compilers emit all the time, run as one. The interpreter reads a copy of the code in which the
// first opcode of such a sequence is replaced by a number that no opcode has; the others stay where they are, so that
// offsets do not change. Gas and stack bounds are those of the opcodes in the original, checked once per basic block.
// No sequence holds a JUMPDEST, so nothing can jump into one.

export const PUSH_JUMP: u32 = 0xb0;
export const PUSH_JUMPI: u32 = 0xb1;
export const ISZERO_JUMPI: u32 = 0xb2;
export const DUP1_ISZERO_JUMPI: u32 = 0xb3;
export const LT_JUMPI: u32 = 0xb4;
export const GT_JUMPI: u32 = 0xb5;
export const EQ_JUMPI: u32 = 0xb6;
export const LT_ISZERO_JUMPI: u32 = 0xb7;
export const GT_ISZERO_JUMPI: u32 = 0xb8;
/** DUP1 PUSH4 EQ, DUP1 PUSH4 GT, each with a jump: how a contract finds the function of a selector. */
export const SELECTOR_EQ_JUMPI: u32 = 0xb9;
export const SELECTOR_GT_JUMPI: u32 = 0xba;
/** 2^160 − 1, by shift and subtraction; the same with AND; AND with it as a literal. */
export const PUSH_MASK: u32 = 0xbb;
export const MASK: u32 = 0xbc;
export const LITERAL_MASK: u32 = 0xbd;
export const POP_POP: u32 = 0xbe;
export const POP_POP_POP: u32 = 0xbf;
export const POP_JUMP: u32 = 0xc0;
export const SWAP1_POP: u32 = 0xc1;
export const SWAP2_POP: u32 = 0xc2;
export const SWAP2_POP_POP: u32 = 0xc3;
export const SWAP3_POP: u32 = 0xc4;
export const PUSH1_ADD: u32 = 0xc5;
export const PUSH1_MLOAD: u32 = 0xc6;
export const PUSH1_MSTORE: u32 = 0xc7;
export const PUSH1_PUSH1: u32 = 0xc8;
export const DUP2_MSTORE: u32 = 0xc9;

const FIRST_UNUSED: u32 = 0xa5;
const LAST_UNUSED: u32 = 0xef;
const INVALID: u8 = 0xfe;

/** Bytes of the sequence found last. */
let size: usize = 0;
/** The code's jump targets, one bit a byte, and its length. */
let targets: usize = 0;
let codeLength: u32 = 0;

/** Writes the copy to run. `jumpTargets` is the bitmap of the code's analysis; zeros follow the code. */
export function fuse(to: usize, bytes: usize, length: u32, jumpTargets: usize): void {
  targets = jumpTargets;
  codeLength = length;
  memory.copy(to, bytes, length);
  let at: usize = 0;
  while (at < <usize>length) {
    const opcode: u32 = load<u8>(bytes + at);
    const fused = fusedAt(bytes + at, opcode);
    if (fused != 0) {
      store<u8>(to + at, <u8>fused);
      at += size;
      continue;
    }
    if (opcode >= FIRST_UNUSED && opcode <= LAST_UNUSED) store<u8>(to + at, INVALID);
    at += opcode >= 0x60 && opcode <= 0x7f ? <usize>opcode - 0x5e : 1;
  }
}

function found(fused: u32, bytes: usize): u32 {
  size = bytes;
  return fused;
}

// @ts-ignore: decorator
@inline
function opcodeAt(at: usize): u32 {
  return load<u8>(at);
}

/** PUSH2 of a jump target, then JUMPI. */
function jumpsAt(at: usize): bool {
  return opcodeAt(at) == 0x61 && opcodeAt(at + 3) == 0x57 && isTarget(at + 1);
}

function isTarget(at: usize): bool {
  const target: u32 = bswap<u16>(load<u16>(at));
  return target < codeLength && (load<u8>(targets + <usize>(target >> 3)) >> <u8>(target & 7)) & 1;
}

/** What begins here, or 0. */
function fusedAt(at: usize, opcode: u32): u32 {
  switch (opcode) {
    case 0x10:
      if (jumpsAt(at + 1)) return found(LT_JUMPI, 5);
      return opcodeAt(at + 1) == 0x15 && jumpsAt(at + 2) ? found(LT_ISZERO_JUMPI, 6) : 0;
    case 0x11:
      if (jumpsAt(at + 1)) return found(GT_JUMPI, 5);
      return opcodeAt(at + 1) == 0x15 && jumpsAt(at + 2) ? found(GT_ISZERO_JUMPI, 6) : 0;
    case 0x14:
      return jumpsAt(at + 1) ? found(EQ_JUMPI, 5) : 0;
    case 0x15:
      return jumpsAt(at + 1) ? found(ISZERO_JUMPI, 5) : 0;
    case 0x50:
      if (opcodeAt(at + 1) == 0x56) return found(POP_JUMP, 2);
      if (opcodeAt(at + 1) != 0x50) return 0;
      return opcodeAt(at + 2) == 0x50 ? found(POP_POP_POP, 3) : found(POP_POP, 2);
    case 0x60:
      return fusedPush1(at);
    case 0x61:
      if (jumpsAt(at)) return found(PUSH_JUMPI, 4);
      return opcodeAt(at + 3) == 0x56 && isTarget(at + 1) ? found(PUSH_JUMP, 4) : 0;
    case 0x73:
      return isLiteralMask(at) ? found(LITERAL_MASK, 22) : 0;
    case 0x80:
      return fusedDup1(at);
    case 0x81:
      return opcodeAt(at + 1) == 0x52 ? found(DUP2_MSTORE, 2) : 0;
    case 0x90:
      return opcodeAt(at + 1) == 0x50 ? found(SWAP1_POP, 2) : 0;
    case 0x91:
      if (opcodeAt(at + 1) != 0x50) return 0;
      return opcodeAt(at + 2) == 0x50 ? found(SWAP2_POP_POP, 3) : found(SWAP2_POP, 2);
    case 0x92:
      return opcodeAt(at + 1) == 0x50 ? found(SWAP3_POP, 2) : 0;
    default:
      return 0;
  }
}

function fusedPush1(at: usize): u32 {
  // PUSH1 1 PUSH1 1 PUSH1 160 SHL SUB
  if (bswap<u64>(load<u64>(at)) == 0x6001600160a01b03) {
    return opcodeAt(at + 8) == 0x16 ? found(MASK, 9) : found(PUSH_MASK, 8);
  }
  switch (opcodeAt(at + 2)) {
    case 0x01:
      return found(PUSH1_ADD, 3);
    case 0x51:
      return found(PUSH1_MLOAD, 3);
    case 0x52:
      return found(PUSH1_MSTORE, 3);
    case 0x60:
      // The second may begin a mask.
      return bswap<u64>(load<u64>(at, 2)) == 0x6001600160a01b03 ? 0 : found(PUSH1_PUSH1, 4);
    default:
      return 0;
  }
}

function fusedDup1(at: usize): u32 {
  if (opcodeAt(at + 1) == 0x15 && jumpsAt(at + 2)) return found(DUP1_ISZERO_JUMPI, 6);
  if (opcodeAt(at + 1) != 0x63 || !jumpsAt(at + 7)) return 0;
  if (opcodeAt(at + 6) == 0x14) return found(SELECTOR_EQ_JUMPI, 11);
  return opcodeAt(at + 6) == 0x11 ? found(SELECTOR_GT_JUMPI, 11) : 0;
}

function isLiteralMask(at: usize): bool {
  return (
    opcodeAt(at + 21) == 0x16 &&
    load<u64>(at, 1) == u64.MAX_VALUE &&
    load<u64>(at, 9) == u64.MAX_VALUE &&
    load<u32>(at, 17) == u32.MAX_VALUE
  );
}
