import { fixedPrice, toWord, type Precompile } from './call.js';
import { readPadded } from './bytes.js';
import { FR_BYTES, G1_BYTES, G2_BYTES, type Curve } from './curve.js';

/** EIP-1108. */
const ADD_GAS = 150;
const MUL_GAS = 6000;
const PAIRING_GAS = 45_000;
const PAIR_GAS = 34_000;

const FIELD_BYTES = 32;
const POINT_BYTES = 2 * FIELD_BYTES;
const PAIR_BYTES = 6 * FIELD_BYTES;

/** EIP-196. */
export function createBn254Add(curve: Curve): Precompile {
  const [a, b] = [curve.allocate(G1_BYTES), curve.allocate(G1_BYTES)];
  return fixedPrice(ADD_GAS, (input) => {
    if (!readPoint(curve, a, input, 0) || !readPoint(curve, b, input, POINT_BYTES)) return null;
    curve.mcl._mclBnG1_add(a, a, b);
    return curve.writeG1(a, FIELD_BYTES);
  });
}

/** EIP-196. */
export function createBn254Mul(curve: Curve): Precompile {
  const [point, scalar] = [curve.allocate(G1_BYTES), curve.allocate(FR_BYTES)];
  return fixedPrice(MUL_GAS, (input) => {
    if (!readPoint(curve, point, input, 0)) return null;
    curve.readScalar(scalar, readPadded(input, POINT_BYTES, FIELD_BYTES));
    curve.mcl._mclBnG1_mul(point, point, scalar);
    return curve.writeG1(point, FIELD_BYTES);
  });
}

/** EIP-197: pairs of a point of G1 and one of G2, whose coordinates have their imaginary part first. */
export function createBn254Pairing(curve: Curve): Precompile {
  return (input, gas) => {
    const count = Math.floor(input.length / PAIR_BYTES);
    const gasUsed = PAIRING_GAS + PAIR_GAS * count;
    if (gas < gasUsed || input.length !== count * PAIR_BYTES) return null;
    const holds = checkPairs(curve, input, count);
    return holds === null ? null : { output: toWord(holds), gasUsed };
  };
}

function checkPairs(curve: Curve, input: Uint8Array, count: number): boolean | null {
  const g1s = curve.allocate(G1_BYTES * (count + 1));
  const g2s = curve.allocate(G2_BYTES * (count + 1));
  try {
    for (let pair = 0; pair < count; pair += 1) {
      const start = PAIR_BYTES * pair;
      if (!readPoint(curve, g1s + G1_BYTES * pair, input, start)) return null;
      if (!readTwistPoint(curve, g2s + G2_BYTES * pair, input.subarray(start + POINT_BYTES))) return null;
    }
    return curve.isProductOne(g1s, g2s, count);
  } finally {
    curve.mcl._free(g1s);
    curve.mcl._free(g2s);
  }
}

function readPoint(curve: Curve, to: number, input: Uint8Array, start: number): boolean {
  const [x, y] = [readPadded(input, start, FIELD_BYTES), readPadded(input, start + FIELD_BYTES, FIELD_BYTES)];
  return curve.readG1(to, x, y);
}

/** On the twist and in the subgroup. */
function readTwistPoint(curve: Curve, to: number, input: Uint8Array): boolean {
  const parts = [1, 0, 3, 2].map((place) => input.subarray(FIELD_BYTES * place, FIELD_BYTES * (place + 1)));
  return curve.readG2(to, parts) && curve.mcl._mclBnG2_isValidOrder(to) === 1;
}
