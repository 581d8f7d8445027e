import fc from 'fast-check';

const MODULUS = 2n ** 256n;

/** Powers of two and their neighbours, and their negatives: where carries, borrows and signs change. */
const BOUNDARIES: readonly bigint[] = [0, 1, 2, 7, 8, 31, 32, 63, 64, 65, 127, 128, 129, 191, 192, 254, 255, 256]
  .flatMap((bits) => [2n ** BigInt(bits) - 1n, 2n ** BigInt(bits), 2n ** BigInt(bits) + 1n])
  .flatMap((value) => [unsigned(value), unsigned(-value)]);

/** Digits on which estimates of long division are wrong. */
const DIGIT = fc.oneof(
  fc.constantFrom(0n, 1n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 31n + 1n, 2n ** 32n - 2n, 2n ** 32n - 1n),
  fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }),
);

const OF_DIGITS = fc
  .array(DIGIT, { minLength: 1, maxLength: 8 })
  .map((digits) => digits.reduce((value, digit) => (value << 32n) | digit, 0n));

/** A 256-bit number. */
export const WORD: fc.Arbitrary<bigint> = fc.oneof(
  fc.constantFrom(...BOUNDARIES),
  fc.bigInt({ min: 0n, max: 300n }),
  OF_DIGITS,
  fc.bigInt({ min: 0n, max: MODULUS - 1n }),
);

/** Three words; often the first is near a multiple of the second, or the second is the first. */
export const OPERANDS: fc.Arbitrary<readonly [bigint, bigint, bigint]> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(WORD, WORD, WORD) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(WORD, WORD, WORD, fc.bigInt({ min: -2n, max: 2n }))
      .map(([quotient, divisor, other, offset]) => [unsigned(quotient * divisor + offset), divisor, other] as const),
  },
  { weight: 1, arbitrary: fc.tuple(WORD, WORD).map(([a, b]) => [a, a, b] as const) },
);

/** What an opcode makes of its operands, top of the stack first. */
export interface Definition {
  readonly name: string;
  readonly opcode: number;
  readonly operands: number;
  readonly result: (a: bigint, b: bigint, c: bigint) => bigint;
}

/** The opcodes of arithmetic and logic as the Yellow Paper and EIP-145 define them. */
export const DEFINITIONS: readonly Definition[] = [
  define('ADD', 0x01, 2, (a, b) => a + b),
  define('MUL', 0x02, 2, (a, b) => a * b),
  define('SUB', 0x03, 2, (a, b) => a - b),
  define('DIV', 0x04, 2, (a, b) => (b === 0n ? 0n : a / b)),
  define('SDIV', 0x05, 2, (a, b) => (b === 0n ? 0n : signed(a) / signed(b))),
  define('MOD', 0x06, 2, (a, b) => (b === 0n ? 0n : a % b)),
  define('SMOD', 0x07, 2, (a, b) => (b === 0n ? 0n : signed(a) % signed(b))),
  define('ADDMOD', 0x08, 3, (a, b, c) => (c === 0n ? 0n : (a + b) % c)),
  define('MULMOD', 0x09, 3, (a, b, c) => (c === 0n ? 0n : (a * b) % c)),
  define('EXP', 0x0a, 2, power),
  define('SIGNEXTEND', 0x0b, 2, (a, b) => (a > 30n ? b : BigInt.asIntN(8 * (Number(a) + 1), b))),
  define('LT', 0x10, 2, (a, b) => truth(a < b)),
  define('GT', 0x11, 2, (a, b) => truth(a > b)),
  define('SLT', 0x12, 2, (a, b) => truth(signed(a) < signed(b))),
  define('SGT', 0x13, 2, (a, b) => truth(signed(a) > signed(b))),
  define('EQ', 0x14, 2, (a, b) => truth(a === b)),
  define('ISZERO', 0x15, 1, (a) => truth(a === 0n)),
  define('AND', 0x16, 2, (a, b) => a & b),
  define('OR', 0x17, 2, (a, b) => a | b),
  define('XOR', 0x18, 2, (a, b) => a ^ b),
  define('NOT', 0x19, 1, (a) => ~a),
  define('BYTE', 0x1a, 2, (a, b) => (a > 31n ? 0n : (b >> (8n * (31n - a))) & 255n)),
  define('SHL', 0x1b, 2, (a, b) => (a > 255n ? 0n : b << a)),
  define('SHR', 0x1c, 2, (a, b) => (a > 255n ? 0n : b >> a)),
  define('SAR', 0x1d, 2, (a, b) => signed(b) >> (a > 255n ? 255n : a)),
  define('CLZ', 0x1e, 1, (a) => 256n - BigInt(a === 0n ? 0 : a.toString(2).length)),
];

function define(name: string, opcode: number, operands: number, result: Definition['result']): Definition {
  return { name, opcode, operands, result: (a, b, c) => unsigned(result(a, b, c)) };
}

export function unsigned(value: bigint): bigint {
  return BigInt.asUintN(256, value);
}

function signed(value: bigint): bigint {
  return BigInt.asIntN(256, value);
}

function truth(condition: boolean): bigint {
  return condition ? 1n : 0n;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n, square = unsigned(square * square)) {
    if (rest & 1n) result = unsigned(result * square);
  }
  return result;
}
