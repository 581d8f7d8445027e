import { createHash } from 'node:crypto';
import { fixedPrice, type Precompile } from './call.js';
import { isZero } from './bytes.js';
import { FP_BYTES, FR_BYTES, G1_BYTES, G2_BYTES, type Curve } from './curve.js';

/** EIP-4844. */
const POINT_EVALUATION_GAS = 50_000;
const INPUT_BYTES = 192;
const VERSIONED_HASH_VERSION = 1;
const G1_B = 4;

/** 4,096 field elements in a blob, and the modulus of the scalars of BLS12-381. */
const OUTPUT = fromHex(
  '000000000000000000000000000000000000000000000000000000000000100073eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001',
);

/** The secret of the KZG ceremony times the generator of G2, all that a verification needs of the set-up: x0, x1, y0, y1. */
export const SECRET_G2 = [
  '185cbfee53492714734429b7b38608e23926c911cceceac9a36851477ba4c60b087041de621000edc98edada20c1def2',
  '15bfd7dd8cdeb128843bc287230af38926187075cbfbefa81009a2ce615ac53d2914e5870cb452d2afaaab24f3499f72',
  '014353bdb96b626dd7d5ee8599d1fca2131569490e28de18e82451a496a9c9794ce26d105941f383ee689bfbbb832a99',
  '1666c54b0a32529503432fcae0181b4bef79de09fc63671fda5ed1ba9bfa07899495346f3d7ac9cd23048ef30d0a154f',
] as const;
const GENERATOR_G1 = [
  '17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb',
  '08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1',
] as const;
const GENERATOR_G2 = [
  '024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8',
  '13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e',
  '0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801',
  '0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be',
] as const;

/** Addresses of the values of a verification. */
interface Workspace {
  readonly commitment: number;
  readonly proof: number;
  readonly z: number;
  readonly y: number;
  /** Two points of G1, then the generator and the secret in G2. */
  readonly pairs: number;
  readonly g2s: number;
  readonly generator: number;
}

/** Input is the versioned hash, z, y, the commitment and the proof that its polynomial is y at z. */
export function createPointEvaluation(curve: Curve): Precompile {
  const workspace = createWorkspace(curve);
  return fixedPrice(POINT_EVALUATION_GAS, (input) => {
    if (input.length !== INPUT_BYTES || !isVersionedHash(input.subarray(0, 32), input.subarray(96, 144))) return null;
    return readInput(curve, workspace, input) && verify(curve, workspace) ? OUTPUT : null;
  });
}

function createWorkspace(curve: Curve): Workspace {
  const g2s = curve.allocate(2 * G2_BYTES);
  for (const [place, point] of [GENERATOR_G2, SECRET_G2].entries()) {
    if (!curve.readG2(g2s + G2_BYTES * place, point.map(fromHex))) throw new Error('not a point of the curve');
  }
  const generator = curve.allocate(G1_BYTES);
  const [x, y] = GENERATOR_G1;
  if (!curve.readG1(generator, fromHex(x), fromHex(y))) throw new Error('not a point of the curve');
  return {
    commitment: curve.allocate(G1_BYTES),
    proof: curve.allocate(G1_BYTES),
    z: curve.allocate(FR_BYTES),
    y: curve.allocate(FR_BYTES),
    pairs: curve.allocate(2 * G1_BYTES),
    g2s,
    generator,
  };
}

function isVersionedHash(hash: Uint8Array, commitment: Uint8Array): boolean {
  const digest = createHash('sha256').update(commitment).digest();
  digest[0] = VERSIONED_HASH_VERSION;
  return digest.equals(hash);
}

function readInput(curve: Curve, { commitment, proof, z, y }: Workspace, input: Uint8Array): boolean {
  return (
    curve.readCanonicalScalar(z, input.subarray(32, 64)) &&
    curve.readCanonicalScalar(y, input.subarray(64, 96)) &&
    readCompressed(curve, commitment, input.subarray(96, 144)) &&
    readCompressed(curve, proof, input.subarray(144))
  );
}

/** The first three bits say: compressed, infinity, the larger of the two y. */
function readCompressed(curve: Curve, to: number, bytes: Uint8Array): boolean {
  const { mcl } = curve;
  const flags = (bytes[0] ?? 0) >> 5;
  const x = bytes.slice();
  x[0] = (bytes[0] ?? 0) & 0x1f;
  mcl._mclBnG1_clear(to);
  if ((flags & 2) !== 0) return flags === 6 && isZero(x);
  if ((flags & 4) === 0 || !curve.readFp(to, x)) return false;
  const y = to + FP_BYTES;
  const factor = to + 2 * FP_BYTES;
  mcl._mclBnFp_mul(y, to, to);
  mcl._mclBnFp_mul(y, y, to);
  mcl._mclBnFp_setInt32(factor, G1_B);
  mcl._mclBnFp_add(y, y, factor);
  if (mcl._mclBnFp_squareRoot(y, y) !== 0) return false;
  if (mcl._mclBnFp_isNegative(y) !== (flags & 1)) mcl._mclBnFp_neg(y, y);
  mcl._mclBnFp_setInt32(factor, 1);
  return mcl._mclBnG1_isValid(to) === 1 && mcl._mclBnG1_isValidOrder(to) === 1;
}

/** e(commitment − y + z · proof, 1) · e(−proof, secret) = 1. */
function verify(curve: Curve, { commitment, proof, z, y, pairs, g2s, generator }: Workspace): boolean {
  const { mcl } = curve;
  const second = pairs + G1_BYTES;
  mcl._mclBnG1_mul(pairs, generator, y);
  mcl._mclBnG1_sub(pairs, commitment, pairs);
  mcl._mclBnG1_mul(second, proof, z);
  mcl._mclBnG1_add(pairs, pairs, second);
  mcl._mclBnG1_neg(second, proof);
  return curve.isProductOne(pairs, g2s, 2);
}

function fromHex(digits: string): Uint8Array {
  return new Uint8Array(Buffer.from(digits, 'hex'));
}
