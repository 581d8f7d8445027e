import { createHash } from 'node:crypto';
import type { CustomCrypto } from '@ethereumjs/common';
import { bytesToHex, concatBytes, equalsBytes, hexToBytes } from '@ethereumjs/util';
import type { Machine } from '../reference/vm.js';

/** A call of a precompile by its number. */
export interface PrecompileCall {
  readonly number: number;
  readonly input: Uint8Array;
  readonly gas: number;
}

/** Null where it fails. */
export type PrecompileOutcome = { readonly output: Uint8Array; readonly gasUsed: number } | null;

const POINT_EVALUATION = 10;
const POINT_EVALUATION_GAS = 50_000;
const POINT_EVALUATION_INPUT_BYTES = 192;
const VERSIONED_HASH_VERSION = 1;
/** 4,096 field elements in a blob, and the modulus of BLS12-381 (EIP-4844). */
const POINT_EVALUATION_OUTPUT = hexToBytes(
  '0x000000000000000000000000000000000000000000000000000000000000100073eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001',
);

/** Runs a precompile as ethereumjs has it; point evaluation apart, which it has asynchronous only. */
export function runPrecompile({ evm, common }: Machine, call: PrecompileCall): PrecompileOutcome {
  if (call.number === POINT_EVALUATION) return evaluatePoint(call, common.customCrypto);
  const run = evm.getPrecompile(`0x${call.number.toString(16).padStart(40, '0')}`);
  if (run === undefined) throw new Error(`no precompile ${call.number}`);
  const gasLimit = BigInt(Math.floor(call.gas));
  const outcome = run({ data: call.input, gasLimit, common, _EVM: evm });
  if (outcome instanceof Promise) throw new Error(`precompile ${call.number} is asynchronous`);
  if (outcome.exceptionError !== undefined) return null;
  return { output: outcome.returnValue, gasUsed: Number(outcome.executionGasUsed) };
}

/** EIP-4844: versioned hash, z, y, commitment, proof. */
function evaluatePoint({ input, gas }: PrecompileCall, { kzg }: CustomCrypto): PrecompileOutcome {
  if (gas < POINT_EVALUATION_GAS || input.length !== POINT_EVALUATION_INPUT_BYTES || kzg === undefined) return null;
  const commitment = input.subarray(96, 144);
  const digest = createHash('sha256').update(commitment).digest();
  const versionedHash = concatBytes(Uint8Array.of(VERSIONED_HASH_VERSION), digest.subarray(1));
  if (!equalsBytes(versionedHash, input.subarray(0, 32))) return null;
  const [z, y, proof] = [input.subarray(32, 64), input.subarray(64, 96), input.subarray(144)].map((part) =>
    bytesToHex(part),
  );
  try {
    if (!kzg.verifyProof(bytesToHex(commitment), z ?? '0x', y ?? '0x', proof ?? '0x')) return null;
  } catch {
    // Points that are not on the curve, numbers beyond the modulus.
    return null;
  }
  return { output: POINT_EVALUATION_OUTPUT, gasUsed: POINT_EVALUATION_GAS };
}
