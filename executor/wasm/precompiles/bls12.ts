import { fixedPrice, toWord, type Precompile } from './call.js';
import { isZero } from './bytes.js';
import { FP_BYTES, FR_BYTES, G1_BYTES, G2_BYTES, type Curve } from './curve.js';
import { G1_DISCOUNTS, G2_DISCOUNTS } from './bls12-discounts.js';

/** EIP-2537. */
const G1_ADD_GAS = 375;
const G1_MUL_GAS = 12_000;
const G2_ADD_GAS = 600;
const G2_MUL_GAS = 22_500;
const PAIRING_GAS = 37_700;
const PAIR_GAS = 32_600;
const MAP_TO_G1_GAS = 5500;
const MAP_TO_G2_GAS = 23_800;

const FIELD_BYTES = 64;
const FIELD_PADDING_BYTES = 16;
const SCALAR_BYTES = 32;

/** One of the two groups: its sizes in memory and in the input, and what mcl does in it. */
interface Group {
  readonly memoryBytes: number;
  readonly inputBytes: number;
  readonly mulGas: number;
  readonly discounts: readonly number[];
  /** False if the input is no point of the curve; not every point is in the subgroup. */
  read(to: number, input: Uint8Array): boolean;
  isInSubgroup(point: number): boolean;
  add(z: number, x: number, y: number): void;

  sumOfProducts(z: number, points: number, scalars: number, count: number): void;
  write(point: number): Uint8Array;
}

interface Bls12 {
  readonly g1Add: Precompile;
  readonly g1Msm: Precompile;
  readonly g2Add: Precompile;
  readonly g2Msm: Precompile;
  readonly pairing: Precompile;
  readonly mapToG1: Precompile;
  readonly mapToG2: Precompile;
}

export function createBls12(curve: Curve): Bls12 {
  const [g1, g2] = [createG1(curve), createG2(curve)];
  return {
    g1Add: createAdd(curve, g1, G1_ADD_GAS),
    g1Msm: createMsm(curve, g1),
    g2Add: createAdd(curve, g2, G2_ADD_GAS),
    g2Msm: createMsm(curve, g2),
    pairing: createPairing(curve, g1, g2),
    mapToG1: createMapToG1(curve),
    mapToG2: createMapToG2(curve),
  };
}

function createG1(curve: Curve): Group {
  const { mcl } = curve;
  return {
    memoryBytes: G1_BYTES,
    inputBytes: 2 * FIELD_BYTES,
    mulGas: G1_MUL_GAS,
    discounts: G1_DISCOUNTS,
    read: (to, input) => {
      const [x, y] = [coordinate(input, 0), coordinate(input, 1)];
      return x !== null && y !== null && curve.readG1(to, x, y);
    },
    isInSubgroup: (point) => mcl._mclBnG1_isValidOrder(point) === 1,
    add: (z, x, y) => mcl._mclBnG1_add(z, x, y),
    sumOfProducts: (z, points, scalars, count) => mcl._mclBnG1_mulVec(z, points, scalars, count),
    write: (point) => curve.writeG1(point, FIELD_BYTES),
  };
}

function createG2(curve: Curve): Group {
  const { mcl } = curve;
  return {
    memoryBytes: G2_BYTES,
    inputBytes: 4 * FIELD_BYTES,
    mulGas: G2_MUL_GAS,
    discounts: G2_DISCOUNTS,
    read: (to, input) => {
      const parts = [0, 1, 2, 3].map((place) => coordinate(input, place)).filter((part) => part !== null);
      return parts.length === 4 && curve.readG2(to, parts);
    },
    isInSubgroup: (point) => mcl._mclBnG2_isValidOrder(point) === 1,
    add: (z, x, y) => mcl._mclBnG2_add(z, x, y),
    sumOfProducts: (z, points, scalars, count) => mcl._mclBnG2_mulVec(z, points, scalars, count),
    write: (point) => curve.writeG2(point, FIELD_BYTES),
  };
}

/** The 48 bytes of a coordinate, or null if its padding is not zero. */
function coordinate(input: Uint8Array, place: number): Uint8Array | null {
  const bytes = input.subarray(FIELD_BYTES * place, FIELD_BYTES * (place + 1));
  return isZero(bytes.subarray(0, FIELD_PADDING_BYTES)) ? bytes.subarray(FIELD_PADDING_BYTES) : null;
}

/** Points need not be in the subgroup. */
function createAdd(curve: Curve, group: Group, costGas: number): Precompile {
  const [a, b] = [curve.allocate(group.memoryBytes), curve.allocate(group.memoryBytes)];
  return fixedPrice(costGas, (input) => {
    if (input.length !== 2 * group.inputBytes) return null;
    if (!group.read(a, input.subarray(0, group.inputBytes))) return null;
    if (!group.read(b, input.subarray(group.inputBytes))) return null;
    group.add(a, a, b);
    return group.write(a);
  });
}

/** The sum of products of points and scalars. */
function createMsm(curve: Curve, group: Group): Precompile {
  const itemBytes = group.inputBytes + SCALAR_BYTES;
  return (input, gas) => {
    const count = Math.floor(input.length / itemBytes);
    const gasUsed = msmGas(group, count);
    if (count === 0 || gas < gasUsed || input.length !== count * itemBytes) return null;
    const output = sumOfProducts(curve, group, { input, count, itemBytes });
    return output === null ? null : { output, gasUsed };
  };
}

function msmGas({ mulGas, discounts }: Group, count: number): number {
  const perMille = discounts[Math.min(count, discounts.length) - 1] ?? 0;
  return Math.floor((count * mulGas * perMille) / 1000);
}

interface Items {
  readonly input: Uint8Array;
  readonly count: number;
  readonly itemBytes: number;
}

function sumOfProducts(curve: Curve, group: Group, { input, count, itemBytes }: Items): Uint8Array | null {
  const points = curve.allocate(group.memoryBytes * (count + 1));
  const scalars = curve.allocate(FR_BYTES * count);
  try {
    for (let item = 0; item < count; item += 1) {
      const content = input.subarray(itemBytes * item, itemBytes * (item + 1));
      const point = points + group.memoryBytes * item;
      if (!group.read(point, content.subarray(0, group.inputBytes)) || !group.isInSubgroup(point)) return null;
      curve.readScalar(scalars + FR_BYTES * item, content.subarray(group.inputBytes));
    }
    const sum = points + group.memoryBytes * count;
    group.sumOfProducts(sum, points, scalars, count);
    return group.write(sum);
  } finally {
    curve.mcl._free(points);
    curve.mcl._free(scalars);
  }
}

function createPairing(curve: Curve, g1: Group, g2: Group): Precompile {
  const pairBytes = g1.inputBytes + g2.inputBytes;
  return (input, gas) => {
    const count = Math.floor(input.length / pairBytes);
    const gasUsed = PAIRING_GAS + PAIR_GAS * count;
    if (count === 0 || gas < gasUsed || input.length !== count * pairBytes) return null;
    const g1s = curve.allocate(G1_BYTES * count);
    const g2s = curve.allocate(G2_BYTES * count);
    try {
      for (let pair = 0; pair < count; pair += 1) {
        const content = input.subarray(pairBytes * pair, pairBytes * (pair + 1));
        const [p, q] = [g1s + G1_BYTES * pair, g2s + G2_BYTES * pair];
        if (!g1.read(p, content.subarray(0, g1.inputBytes)) || !g1.isInSubgroup(p)) return null;
        if (!g2.read(q, content.subarray(g1.inputBytes)) || !g2.isInSubgroup(q)) return null;
      }
      return { output: toWord(curve.isProductOne(g1s, g2s, count)), gasUsed };
    } finally {
      curve.mcl._free(g1s);
      curve.mcl._free(g2s);
    }
  };
}

function createMapToG1(curve: Curve): Precompile {
  const [element, point] = [curve.allocate(FP_BYTES), curve.allocate(G1_BYTES)];
  return fixedPrice(MAP_TO_G1_GAS, (input) => {
    const value = input.length === FIELD_BYTES ? coordinate(input, 0) : null;
    if (value === null || !curve.readFp(element, value)) return null;
    curve.mcl._mclBnFp_mapToG1(point, element);
    return curve.writeG1(point, FIELD_BYTES);
  });
}

function createMapToG2(curve: Curve): Precompile {
  const [element, point] = [curve.allocate(2 * FP_BYTES), curve.allocate(G2_BYTES)];
  return fixedPrice(MAP_TO_G2_GAS, (input) => {
    if (input.length !== 2 * FIELD_BYTES) return null;
    const [real, imaginary] = [coordinate(input, 0), coordinate(input, 1)];
    if (real === null || imaginary === null) return null;
    if (!curve.readFp(element, real) || !curve.readFp(element + FP_BYTES, imaginary)) return null;
    curve.mcl._mclBnFp2_mapToG2(point, element);
    return curve.writeG2(point, FIELD_BYTES);
  });
}
