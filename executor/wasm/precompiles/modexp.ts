import { EMPTY, type Precompile, type PrecompileRules } from './call.js';
import { readPadded, toBigInt, toBytes } from './bytes.js';
import type { ModularPower } from './modular-power.js';

const HEADER_BYTES = 96;
/** EIP-7823. */
const OSAKA_MAX_BYTES = 1024n;

interface Lengths {
  readonly base: bigint;
  readonly exponent: bigint;
  readonly modulus: bigint;
}

/** Input is the lengths of base, exponent and modulus, then these; what is missing is zero (EIP-198). */
export function createModexp(power: ModularPower): Precompile {
  return (input, gas, rules) => {
    const [base, exponent, modulus] = [0, 32, 64].map((start) => toBigInt(readPadded(input, start, 32)));
    const lengths = { base: base ?? 0n, exponent: exponent ?? 0n, modulus: modulus ?? 0n };
    if (rules.hasOsakaModexp && Object.values(lengths).some((length) => length > OSAKA_MAX_BYTES)) return null;
    const costGas = costOf(lengths, exponentHead(input, lengths), rules);
    if (costGas > BigInt(Math.floor(gas))) return null;
    // The price bounds the lengths that are used from here on.
    const output = lengths.modulus === 0n ? EMPTY : compute(input, lengths, power);
    return { output, gasUsed: Number(costGas) };
  };
}

/** The first 32 bytes of the exponent, or all of a shorter one. */
function exponentHead(input: Uint8Array, { base, exponent }: Lengths): bigint {
  const length = exponent < 32n ? Number(exponent) : 32;
  if (base > BigInt(input.length)) return 0n;
  return toBigInt(readPadded(input, HEADER_BYTES + Number(base), length));
}

/** EIP-2565, EIP-7883. */
function costOf({ base, exponent, modulus }: Lengths, head: bigint, { hasOsakaModexp }: PrecompileRules): bigint {
  const longest = base > modulus ? base : modulus;
  const words = (longest + 7n) / 8n;
  const headBits = head === 0n ? 0n : BigInt(head.toString(2).length - 1);
  const tailBytes = exponent > 32n ? exponent - 32n : 0n;
  const iterations = tailBytes * (hasOsakaModexp ? 16n : 8n) + headBits || 1n;
  if (!hasOsakaModexp) return atLeast(200n, (words * words * iterations) / 3n);
  return atLeast(500n, iterations * (longest > 32n ? 2n * words * words : 16n));
}

function atLeast(least: bigint, value: bigint): bigint {
  return value < least ? least : value;
}

function compute(input: Uint8Array, lengths: Lengths, power: ModularPower): Uint8Array {
  const [baseBytes, exponentBytes, modulusBytes] = [lengths.base, lengths.exponent, lengths.modulus].map(Number) as [
    number,
    number,
    number,
  ];
  const exponentStart = HEADER_BYTES + baseBytes;
  const modulusStart = exponentStart + exponentBytes;
  const modulus = toBigInt(readPadded(input, modulusStart, modulusBytes));
  if (modulus <= 1n) return new Uint8Array(modulusBytes);
  const base = toBigInt(readPadded(input, HEADER_BYTES, baseBytes)) % modulus;
  const exponent = readPadded(input, exponentStart, exponentBytes);
  return toBytes(power({ base, exponent, modulus }), modulusBytes);
}
