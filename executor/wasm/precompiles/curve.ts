// The module itself, not the package's index, which has one curve in a process; every curve here has its own memory.
import createModule from 'mcl-wasm/dist/mcl_c.js';
import { isZero } from './bytes.js';

/** The functions of mcl (github.com/herumi/mcl, include/mcl/bn.h) that precompiles use; arguments are addresses. */
interface MclModule {
  /** A new view whenever the memory has grown. */
  readonly HEAP8: Int8Array;
  _malloc(bytes: number): number;
  _free(at: number): void;
  _mclBn_init(curve: number, compiledFor: number): number;
  _mclBn_setMapToMode(mode: number): number;
  _mclBn_verifyOrderG1(verify: number): void;
  _mclBn_verifyOrderG2(verify: number): void;
  _mclBnFp_setInt32(x: number, value: number): void;
  _mclBnFp_deserialize(x: number, from: number, bytes: number): number;
  _mclBnFp_serialize(to: number, maxBytes: number, x: number): number;
  _mclBnFp_isNegative(x: number): number;
  _mclBnFp_add(z: number, x: number, y: number): void;
  _mclBnFp_mul(z: number, x: number, y: number): void;
  _mclBnFp_neg(y: number, x: number): void;
  _mclBnFp_squareRoot(y: number, x: number): number;
  _mclBnFp_mapToG1(y: number, x: number): number;
  _mclBnFp2_mapToG2(y: number, x: number): number;
  _mclBnFr_deserialize(x: number, from: number, bytes: number): number;
  _mclBnFr_setBigEndianMod(x: number, from: number, bytes: number): number;
  _mclBnFr_isZero(x: number): number;
  _mclBnFr_div(z: number, x: number, y: number): void;
  _mclBnG1_getBasePoint(x: number): void;
  _mclBnG1_clear(x: number): void;
  _mclBnG1_isValid(x: number): number;
  _mclBnG1_isValidOrder(x: number): number;
  _mclBnG1_isZero(x: number): number;
  _mclBnG1_normalize(y: number, x: number): void;
  _mclBnG1_add(z: number, x: number, y: number): void;
  _mclBnG1_sub(z: number, x: number, y: number): void;
  _mclBnG1_neg(y: number, x: number): void;
  _mclBnG1_mul(z: number, x: number, y: number): void;
  _mclBnG1_mulVec(z: number, x: number, y: number, count: number): void;
  _mclBnG2_clear(x: number): void;
  _mclBnG2_isValid(x: number): number;
  _mclBnG2_isValidOrder(x: number): number;
  _mclBnG2_isZero(x: number): number;
  _mclBnG2_normalize(y: number, x: number): void;
  _mclBnG2_add(z: number, x: number, y: number): void;
  _mclBnG2_mulVec(z: number, x: number, y: number, count: number): void;
  _mclBn_millerLoopVec(z: number, x: number, y: number, count: number): void;
  _mclBn_finalExp(y: number, x: number): void;
  _mclBnGT_isOne(x: number): number;
}

export const CURVES = { bn254: 4, bls12: 5, p256: 107 } as const;

/** Sizes in memory: mcl is built for fields of up to 384 bits and scalars of up to 256. */
export const FP_BYTES = 48;
export const FR_BYTES = 32;
export const G1_BYTES = 3 * FP_BYTES;
export const G2_BYTES = 6 * FP_BYTES;
const GT_BYTES = 12 * FP_BYTES;
const COMPILED_FOR = 46;
/** RFC 9380, as EIP-2537 maps. */
const MAP_TO_MODE = 5;
const SCRATCH_BYTES = 64;

/** A curve of mcl in a memory of its own. Points are addresses there; functions return false for rejected input. */
export class Curve {
  readonly mcl: MclModule;
  readonly #scratch: number;
  readonly #target: number;

  private constructor(mcl: MclModule) {
    this.mcl = mcl;
    this.#scratch = mcl._malloc(SCRATCH_BYTES);
    this.#target = mcl._malloc(GT_BYTES);
  }

  static async load(name: keyof typeof CURVES): Promise<Curve> {
    const mcl = (await createModule({ cryptoGetRandomValues: unused })) as MclModule;
    if (mcl._mclBn_init(CURVES[name], COMPILED_FOR) !== 0) throw new Error(`mcl does not know the curve ${name}`);
    // Subgroups are checked where the rules ask for it, apart from the curve's equation.
    mcl._mclBn_verifyOrderG1(0);
    mcl._mclBn_verifyOrderG2(0);
    if (name === 'bls12') mcl._mclBn_setMapToMode(MAP_TO_MODE);
    return new Curve(mcl);
  }

  allocate(sizeBytes: number): number {
    const at = this.mcl._malloc(sizeBytes);
    if (at === 0) throw new Error(`mcl has no memory for ${sizeBytes} bytes more`);
    return at;
  }

  /** A big-endian coordinate; false at the field's modulus and beyond. */
  readFp(to: number, bytes: Uint8Array): boolean {
    return this.mcl._mclBnFp_deserialize(to, this.#putReversed(bytes), bytes.length) !== 0;
  }

  /** A big-endian scalar modulo the group's order. */
  readScalar(to: number, bytes: Uint8Array): void {
    this.mcl._mclBnFr_setBigEndianMod(to, this.#put(bytes), bytes.length);
  }

  /** A big-endian scalar; false at the group's order and beyond. */
  readCanonicalScalar(to: number, bytes: Uint8Array): boolean {
    return this.mcl._mclBnFr_deserialize(to, this.#putReversed(bytes), bytes.length) !== 0;
  }

  /** x and y; both zero stand for infinity. False if they are no point of the curve. */
  readG1(to: number, x: Uint8Array, y: Uint8Array): boolean {
    const { mcl } = this;
    mcl._mclBnG1_clear(to);
    if (isZero(x) && isZero(y)) return true;
    if (!this.readFp(to, x) || !this.readFp(to + FP_BYTES, y)) return false;
    mcl._mclBnFp_setInt32(to + 2 * FP_BYTES, 1);
    return mcl._mclBnG1_isValid(to) === 1;
  }

  /** x and y as real and imaginary parts: x0, x1, y0, y1; all zero stand for infinity. */
  readG2(to: number, parts: readonly Uint8Array[]): boolean {
    const { mcl } = this;
    mcl._mclBnG2_clear(to);
    if (parts.every(isZero)) return true;
    if (!parts.every((part, place) => this.readFp(to + FP_BYTES * place, part))) return false;
    mcl._mclBnFp_setInt32(to + 4 * FP_BYTES, 1);
    return mcl._mclBnG2_isValid(to) === 1;
  }

  /** Writes a coordinate big-endian, at the end of `to`. */
  writeFp(from: number, to: Uint8Array): void {
    const length = this.mcl._mclBnFp_serialize(this.#scratch, SCRATCH_BYTES, from);
    const { HEAP8 } = this.mcl;
    for (let place = 0; place < length; place += 1) {
      to[to.length - 1 - place] = HEAP8[this.#scratch + place] ?? 0;
    }
  }

  /** Coordinates each in `fieldBytes` bytes; infinity is all zero. */
  writeG1(from: number, fieldBytes: number): Uint8Array {
    const output = new Uint8Array(2 * fieldBytes);
    if (this.mcl._mclBnG1_isZero(from) === 1) return output;
    this.mcl._mclBnG1_normalize(from, from);
    this.#writeParts(from, output, fieldBytes);
    return output;
  }

  writeG2(from: number, fieldBytes: number): Uint8Array {
    const output = new Uint8Array(4 * fieldBytes);
    if (this.mcl._mclBnG2_isZero(from) === 1) return output;
    this.mcl._mclBnG2_normalize(from, from);
    this.#writeParts(from, output, fieldBytes);
    return output;
  }

  /** Whether the product of pairings is one; a pairing with infinity is. */
  isProductOne(g1s: number, g2s: number, count: number): boolean {
    const finite = this.#moveFiniteFirst(g1s, g2s, count);
    if (finite === 0) return true;
    this.mcl._mclBn_millerLoopVec(this.#target, g1s, g2s, finite);
    this.mcl._mclBn_finalExp(this.#target, this.#target);
    return this.mcl._mclBnGT_isOne(this.#target) === 1;
  }

  /** How many pairs have no infinity; they become the first. */
  #moveFiniteFirst(g1s: number, g2s: number, count: number): number {
    let finite = 0;
    for (let pair = 0; pair < count; pair += 1) {
      const g1 = g1s + G1_BYTES * pair;
      const g2 = g2s + G2_BYTES * pair;
      if (this.mcl._mclBnG1_isZero(g1) === 1 || this.mcl._mclBnG2_isZero(g2) === 1) continue;
      const { HEAP8 } = this.mcl;
      HEAP8.copyWithin(g1s + G1_BYTES * finite, g1, g1 + G1_BYTES);
      HEAP8.copyWithin(g2s + G2_BYTES * finite, g2, g2 + G2_BYTES);
      finite += 1;
    }
    return finite;
  }

  #writeParts(from: number, output: Uint8Array, fieldBytes: number): void {
    for (let place = 0; place * fieldBytes < output.length; place += 1) {
      this.writeFp(from + FP_BYTES * place, output.subarray(place * fieldBytes, (place + 1) * fieldBytes));
    }
  }

  #put(bytes: Uint8Array): number {
    this.mcl.HEAP8.set(bytes, this.#scratch);
    return this.#scratch;
  }

  #putReversed(bytes: Uint8Array): number {
    const { HEAP8 } = this.mcl;
    const last = this.#scratch + bytes.length - 1;
    for (let place = 0; place < bytes.length; place += 1) HEAP8[last - place] = bytes[place] ?? 0;
    return this.#scratch;
  }
}

function unused(): never {
  throw new Error('precompiles need no random numbers');
}
