// Precompiled contracts: identity and SHA-256 here, the others through the host.
import { fail } from './failure';
import { CANCUN, OSAKA, PRAGUE, wordsOf } from './gas';
import { precompile } from './host';
import { B_FORK, ENGINE_RETURN_FULL, RETURN_BYTES, W_OUTPUT_LENGTH, W_RETURN } from './layout';
import { sha256 } from './sha256';
import { copyBytes, fitsU64 } from './words';

let worker: usize = 0;
/** The output of the last call or creation: there is only ever one that can still be read. */
let outputLength: u32 = 0;

export function attachPrecompiles(base: usize): void {
  worker = base;
}

// @ts-ignore: decorator
@inline
export function output(): usize {
  return worker + W_RETURN;
}

// @ts-ignore: decorator
@inline
export function outputSize(): u32 {
  return outputLength;
}

export function clearOutput(): void {
  outputLength = 0;
}

export function setOutput(from: usize, length: usize): void {
  if (length > RETURN_BYTES) {
    fail(ENGINE_RETURN_FULL);
    length = 0;
  }
  copyBytes(output(), from, length);
  outputLength = <u32>length;
}

/** The number of the precompile at this address, or 0. */
// @ts-ignore: decorator
@inline
export function precompileAt(address: usize): u32 {
  if (!fitsU64(address)) return 0;
  const number = load<u64>(address);
  return number - 1 < 0x100 && isActive(<u32>number) ? <u32>number : 0;
}

function isActive(number: u32): bool {
  const fork = load<u32>(B_FORK);
  if (number == 0x100) return fork >= OSAKA;
  return number <= (fork >= PRAGUE ? <u32>0x11 : fork >= CANCUN ? <u32>0x0a : <u32>9);
}

/** The gas left, or −1; the output becomes the last call's. */
export function runPrecompile(number: u32, from: usize, length: u32, gas: i64): i64 {
  outputLength = 0;
  if (number == 4) {
    gas -= 15 + 3 * wordsOf(length);
    if (gas >= 0) setOutput(from, length);
    return gas < 0 ? -1 : gas;
  }
  if (number == 2) {
    gas -= 60 + 12 * wordsOf(length);
    if (gas < 0) return -1;
    sha256(output(), from, length);
    outputLength = 32;
    return gas;
  }
  // Past 2^53 the host could not count; no precompile costs so much.
  const given = min<i64>(gas, 1 << 52);
  store<u32>(worker, 0, W_OUTPUT_LENGTH);
  const used = precompile(number, from, length, <f64>given, output(), worker + W_OUTPUT_LENGTH);
  if (used < 0 || used > <f64>given) return -1;
  outputLength = load<u32>(worker, W_OUTPUT_LENGTH);
  return gas - <i64>used;
}
