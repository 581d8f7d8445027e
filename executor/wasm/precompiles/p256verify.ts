import { EMPTY, fixedPrice, toWord, type Precompile } from './call.js';
import { isZero, toBigInt } from './bytes.js';
import { FR_BYTES, G1_BYTES, type Curve } from './curve.js';

/** EIP-7951. */
const P256VERIFY_GAS = 6900;
const INPUT_BYTES = 160;
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** 1 for a valid signature of secp256r1, nothing for all else: input is the hash, r, s and the key's x and y. */
export function createP256verify(curve: Curve): Precompile {
  const { mcl } = curve;
  const points = curve.allocate(3 * G1_BYTES);
  const [key, sum] = [points + G1_BYTES, points + 2 * G1_BYTES];
  const scalars = curve.allocate(3 * FR_BYTES);
  const [hashed, r, s] = [scalars, scalars + FR_BYTES, scalars + 2 * FR_BYTES];
  const readSignature = (input: Uint8Array): boolean =>
    curve.readCanonicalScalar(r, input.subarray(32, 64)) &&
    curve.readCanonicalScalar(s, input.subarray(64, 96)) &&
    mcl._mclBnFr_isZero(r) === 0 &&
    mcl._mclBnFr_isZero(s) === 0;
  const verify = (input: Uint8Array): boolean => {
    if (input.length !== INPUT_BYTES || isZero(input.subarray(96)) || !readSignature(input)) return false;
    if (!curve.readG1(key, input.subarray(96, 128), input.subarray(128))) return false;
    curve.readScalar(hashed, input.subarray(0, 32));
    mcl._mclBnG1_getBasePoint(points);
    mcl._mclBnFr_div(hashed, hashed, s);
    mcl._mclBnFr_div(r, r, s);
    // hash / s · generator + r / s · key, whose x is r modulo the order.
    mcl._mclBnG1_mulVec(sum, points, scalars, 2);
    if (mcl._mclBnG1_isZero(sum) === 1) return false;
    const x = toBigInt(curve.writeG1(sum, 32).subarray(0, 32));
    return x % ORDER === toBigInt(input.subarray(32, 64));
  };
  return fixedPrice(P256VERIFY_GAS, (input) => (verify(input) ? toWord(true) : EMPTY));
}
