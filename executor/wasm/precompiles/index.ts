import { createBls12 } from './bls12.js';
import { createBn254Add, createBn254Mul, createBn254Pairing } from './bn254.js';
import { createBlake2f } from './blake2f.js';
import type { Precompile, PrecompileOutcome, PrecompileRules } from './call.js';
import { Curve } from './curve.js';
import { createEcrecover } from './ecrecover.js';
import { createKeccak256, createRipemd160 } from './hashes.js';
import { Kernels } from './kernels.js';
import { createModexp } from './modexp.js';
import { createModularPower } from './modular-power.js';
import { createP256verify } from './p256verify.js';
import { createPointEvaluation } from './point-evaluation.js';

export { rulesOfFork, type PrecompileOutcome, type PrecompileRules } from './call.js';

/** A call of a precompile by its number, which is its address. */
export interface PrecompileCall {
  readonly number: number;
  readonly rules: PrecompileRules;
  readonly input: Uint8Array;
  /** The gas that the call may use. */
  readonly gas: number;
}

/**
 * The precompiled contracts of Berlin to Osaka but for SHA-256 and identity, which the engine has itself. The caller knows which of
 * them its fork has. A call is synchronous; the output is not overwritten by later calls.
 */
export interface Precompiles {
  run(call: PrecompileCall): PrecompileOutcome;
}

/** Loads all of them: some hundred milliseconds, once in a thread. Throws EXECUTION_FAILED where precompiles.wasm is not built. */
export async function createPrecompiles(): Promise<Precompiles> {
  const table = await createTable();
  return {
    run: ({ number, rules, input, gas }) => {
      const precompile = table.get(number);
      if (precompile === undefined) throw new Error(`no precompile ${number}`);
      return precompile(input, gas, rules);
    },
  };
}

async function createTable(): Promise<ReadonlyMap<number, Precompile>> {
  const keccak256 = await createKeccak256();
  const [ecrecover, ripemd160] = await Promise.all([createEcrecover(keccak256), createRipemd160()]);
  const [bn254, bls12Curve, p256] = await Promise.all([Curve.load('bn254'), Curve.load('bls12'), Curve.load('p256')]);
  const kernels = new Kernels();
  const bls12 = createBls12(bls12Curve);
  return new Map([
    [0x01, ecrecover],
    [0x03, ripemd160],
    [0x05, createModexp(createModularPower(kernels))],
    [0x06, createBn254Add(bn254)],
    [0x07, createBn254Mul(bn254)],
    [0x08, createBn254Pairing(bn254)],
    [0x09, createBlake2f(kernels)],
    [0x0a, createPointEvaluation(bls12Curve)],
    [0x0b, bls12.g1Add],
    [0x0c, bls12.g1Msm],
    [0x0d, bls12.g2Add],
    [0x0e, bls12.g2Msm],
    [0x0f, bls12.pairing],
    [0x10, bls12.mapToG1],
    [0x11, bls12.mapToG2],
    [0x100, createP256verify(p256)],
  ]);
}
