// Gas constants and the static properties of opcodes (gas, stack), Berlin to Osaka. Sources: the EIPs named.

export const BERLIN: u32 = 0;
export const LONDON: u32 = 1;
export const PARIS: u32 = 2;
export const SHANGHAI: u32 = 3;
export const CANCUN: u32 = 4;
export const PRAGUE: u32 = 5;
export const OSAKA: u32 = 6;

/** EIP-2929. */
export const COLD_ACCOUNT: i64 = 2600;
export const COLD_SLOT: i64 = 2100;
export const WARM: i64 = 100;
export const SSTORE_SET: i64 = 20000;
/** 5,000 less what EIP-2929 charges for a cold slot. */
export const SSTORE_RESET: i64 = 2900;
/** EIP-2200: with less gas left, SSTORE fails. */
export const SSTORE_SENTRY: i64 = 2300;
/** EIP-3529 from London on. */
export const CLEAR_REFUND: i64 = 4800;
export const CLEAR_REFUND_BERLIN: i64 = 15000;
export const SELFDESTRUCT_REFUND_BERLIN: i64 = 24000;
export const CALL_VALUE: i64 = 9000;
export const CALL_STIPEND: i64 = 2300;
export const NEW_ACCOUNT: i64 = 25000;
export const CODE_DEPOSIT: i64 = 200;
export const COPY_WORD: i64 = 3;
export const KECCAK_WORD: i64 = 6;
export const EXP_BYTE: i64 = 50;
export const LOG_BYTE: i64 = 8;
/** EIP-3860. */
export const INITCODE_WORD: i64 = 2;
export const MAX_CODE: u64 = 24576;
export const MAX_INITCODE: u64 = 49152;

export const TX: i64 = 21000;
export const TX_CREATE: i64 = 32000;
export const TX_ZERO_BYTE: i64 = 4;
export const TX_LIST_ADDRESS: i64 = 2400;
export const TX_LIST_SLOT: i64 = 1900;
/** EIP-7702. */
export const TX_AUTHORIZATION: i64 = 25000;
export const AUTHORIZATION_REFUND: i64 = 12500;
/** EIP-7623: per token, a zero byte being one token and another byte four. */
export const FLOOR_TOKEN: i64 = 10;
/** EIP-7825. */
export const TX_GAS_CAP: u64 = 1 << 24;
/** EIP-4844. */
export const BLOB_GAS: u64 = 131072;

// @ts-ignore: decorator
@inline
export function wordsOf(bytes: u64): i64 {
  return <i64>((bytes + 31) >> 5);
}

/** Gas of an EVM memory of so many words. */
// @ts-ignore: decorator
@inline
export function memoryGas(words: i64): i64 {
  return words * 3 + ((words * words) >> 9);
}

// Static properties by opcode: gas, words popped, words pushed. Undefined opcodes are zeros.
const PROPERTIES: usize = memory.data<u16>([
  0, 0, 0, 3, 2, 1, 5, 2, 1, 3, 2, 1, 5, 2, 1, 5, 2, 1, 5, 2, 1, 5, 2, 1, // 0x00
  8, 3, 1, 8, 3, 1, 10, 2, 1, 5, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 0x08
  3, 2, 1, 3, 2, 1, 3, 2, 1, 3, 2, 1, 3, 2, 1, 3, 1, 1, 3, 2, 1, 3, 2, 1, // 0x10
  3, 2, 1, 3, 1, 1, 3, 2, 1, 3, 2, 1, 3, 2, 1, 3, 2, 1, 5, 1, 1, 0, 0, 0, // 0x18
  30, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 0x20
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 0x28
  2, 0, 1, 0, 1, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 3, 1, 1, 2, 0, 1, 3, 3, 0, // 0x30
  2, 0, 1, 3, 3, 0, 2, 0, 1, 0, 1, 1, 0, 4, 0, 2, 0, 1, 3, 3, 0, 0, 1, 1, // 0x38
  20, 1, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 5, 0, 1, // 0x40
  2, 0, 1, 3, 1, 1, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 0x48
  2, 1, 0, 3, 1, 1, 3, 2, 0, 3, 2, 0, 0, 1, 1, 0, 2, 0, 8, 1, 0, 10, 2, 0, // 0x50
  2, 0, 1, 2, 0, 1, 2, 0, 1, 1, 0, 0, 100, 1, 1, 100, 2, 0, 3, 3, 0, 2, 0, 1, // 0x58
  3, 0, 1, 3, 0, 1, 3, 0, 1, 3, 0, 1, 3, 0, 1, 3, 0, 1, 3, 0, 1, 3, 0, 1, // 0x60
  3, 0, 1, 3, 0, 1, 3, 0, 1, 3, 0, 1, 3, 0, 1, 3, 0, 1, 3, 0, 1, 3, 0, 1, // 0x68
  3, 0, 1, 3, 0, 1, 3, 0, 1, 3, 0, 1, 3, 0, 1, 3, 0, 1, 3, 0, 1, 3, 0, 1, // 0x70
  3, 0, 1, 3, 0, 1, 3, 0, 1, 3, 0, 1, 3, 0, 1, 3, 0, 1, 3, 0, 1, 3, 0, 1, // 0x78
  3, 1, 2, 3, 2, 3, 3, 3, 4, 3, 4, 5, 3, 5, 6, 3, 6, 7, 3, 7, 8, 3, 8, 9, // 0x80
  3, 9, 10, 3, 10, 11, 3, 11, 12, 3, 12, 13, 3, 13, 14, 3, 14, 15, 3, 15, 16, 3, 16, 17, // 0x88
  3, 2, 2, 3, 3, 3, 3, 4, 4, 3, 5, 5, 3, 6, 6, 3, 7, 7, 3, 8, 8, 3, 9, 9, // 0x90
  3, 10, 10, 3, 11, 11, 3, 12, 12, 3, 13, 13, 3, 14, 14, 3, 15, 15, 3, 16, 16, 3, 17, 17, // 0x98
  375, 2, 0, 750, 3, 0, 1125, 4, 0, 1500, 5, 0, 1875, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 0xa0
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 0xa8
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 0xb0
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 0xb8
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 0xc0
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 0xc8
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 0xd0
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 0xd8
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 0xe0
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // 0xe8
  32000, 3, 1, 0, 7, 1, 0, 7, 1, 0, 2, 0, 0, 6, 1, 32000, 4, 1, 0, 0, 0, 0, 0, 0, // 0xf0
  0, 0, 0, 0, 0, 0, 0, 6, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 5000, 1, 0, // 0xf8
]);

export function staticGas(opcode: u32): u32 {
  return load<u16>(PROPERTIES + (<usize>opcode) * 6);
}

export function stackIn(opcode: u32): i32 {
  return load<u16>(PROPERTIES + (<usize>opcode) * 6, 2);
}

export function stackOut(opcode: u32): i32 {
  return load<u16>(PROPERTIES + (<usize>opcode) * 6, 4);
}

/** Whether the opcode ends a basic block: it jumps, stops, or must know the exact gas left. */
export function endsBlock(opcode: u32): bool {
  switch (opcode) {
    case 0x00:
    case 0x55:
    case 0x56:
    case 0x57:
    case 0x5a:
    case 0xf0:
    case 0xf1:
    case 0xf2:
    case 0xf3:
    case 0xf4:
    case 0xf5:
    case 0xfa:
    case 0xfd:
    case 0xfe:
    case 0xff:
      return true;
    default:
      return false;
  }
}
