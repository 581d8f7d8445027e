import { existsSync, readFileSync } from 'node:fs';
import { LanecastError } from '../../../errors.js';

/** What precompiles.wasm exports; numbers are addresses and counts. See executor/engine/assembly/kernels. */
interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  compressionState(): number;
  compress(rounds: number): void;
  montgomeryOperands(): number;
  montgomeryPower(bytes: number, exponent: number, length: number): void;
  exponentStart(): number;
}

/** The operands of `powerOdd`: modulus odd, base reduced, exponent big-endian. */
export interface Power {
  readonly base: bigint;
  readonly exponent: Uint8Array;
  readonly modulus: bigint;
}

/** Of the state of BLAKE2b's compression: h, m, t and the flag of the final block. */
const COMPRESSION_BYTES = 208;
const CHAIN_BYTES = 64;
/** Moduli of more bytes than this are not for `powerOdd`. */
export const MAX_KERNEL_BYTES = 32;
const MAX_LIMBS = MAX_KERNEL_BYTES / 8;
const PAGE_BYTES = 65_536;

/** The arithmetic of precompiles that is our own, in WebAssembly. */
export class Kernels {
  readonly #exports: KernelExports;
  readonly #state: number;
  readonly #operands: number;
  readonly #exponent: number;

  constructor() {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(readModule()), {});
    this.#exports = instance.exports as unknown as KernelExports;
    this.#state = this.#exports.compressionState();
    this.#operands = this.#exports.montgomeryOperands();
    this.#exponent = this.#exports.exponentStart();
  }

  /** The compression function of BLAKE2b; `state` holds h, m and t as EIP-152 lays them out. */
  compress(state: Uint8Array, rounds: number, isFinal: boolean): Uint8Array {
    const bytes = this.#bytes();
    bytes.set(state, this.#state);
    bytes[this.#state + COMPRESSION_BYTES] = isFinal ? 1 : 0;
    this.#exports.compress(rounds);
    return bytes.slice(this.#state, this.#state + CHAIN_BYTES);
  }

  /** base^exponent modulo an odd number of at most MAX_KERNEL_BYTES bytes. */
  powerOdd({ base, exponent, modulus }: Power): bigint {
    this.#reserve(exponent.length);
    const limbs = Math.ceil(modulus.toString(16).length / 16);
    const sizeBytes = 8 * limbs;
    const shift = BigInt(8 * sizeBytes);
    const view = new BigUint64Array(this.#exports.memory.buffer, this.#operands, 3 * MAX_LIMBS);
    write(view, 0, modulus, limbs);
    write(view, MAX_LIMBS, (base << shift) % modulus, limbs);
    write(view, 2 * MAX_LIMBS, (1n << shift) % modulus, limbs);
    this.#bytes().set(exponent, this.#exponent);
    this.#exports.montgomeryPower(sizeBytes, this.#exponent, exponent.length);
    return read(view, MAX_LIMBS, limbs);
  }

  #bytes(): Uint8Array {
    return new Uint8Array(this.#exports.memory.buffer);
  }

  #reserve(exponentBytes: number): void {
    const missing = this.#exponent + exponentBytes - this.#exports.memory.buffer.byteLength;
    if (missing > 0) this.#exports.memory.grow(Math.ceil(missing / PAGE_BYTES));
  }
}

function write(view: BigUint64Array, start: number, value: bigint, limbs: number): void {
  for (let limb = 0; limb < limbs; limb += 1) view[start + limb] = BigInt.asUintN(64, value >> BigInt(64 * limb));
}

function read(view: BigUint64Array, start: number, limbs: number): bigint {
  let value = 0n;
  for (let limb = limbs - 1; limb >= 0; limb -= 1) value = (value << 64n) | (view[start + limb] ?? 0n);
  return value;
}

/** Beside the build, seen from the build (dist/executor/wasm/precompiles/) and from the sources. */
function readModule(): Uint8Array<ArrayBuffer> {
  const paths = ['../../../precompiles.wasm', '../../../dist/precompiles.wasm'];
  const place = paths.map((path) => new URL(path, import.meta.url)).find((url) => existsSync(url));
  if (place === undefined) {
    const problem = 'The precompiles are not built: precompiles.wasm is missing. Run `npm run build`.';
    throw new LanecastError('EXECUTION_FAILED', problem);
  }
  return new Uint8Array(readFileSync(place));
}
