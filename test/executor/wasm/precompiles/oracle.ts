import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM, getActivePrecompiles, type EVM } from '@ethereumjs/evm';
import { bytesToHex } from '@ethereumjs/util';
import { expect } from 'vitest';
import { createCustomCrypto } from '../../../../executor/reference/crypto.js';
import { createPrecompiles, rulesOfFork, type PrecompileOutcome } from '../../../../executor/wasm/precompiles/index.js';

export type PrecompileFork = 'berlin' | 'cancun' | 'prague' | 'osaka';

const HARDFORKS = {
  berlin: Hardfork.Berlin,
  cancun: Hardfork.Cancun,
  prague: Hardfork.Prague,
  osaka: Hardfork.Osaka,
} as const;
const ENOUGH_GAS = 2 ** 52;

const precompiles = await createPrecompiles();
const customCrypto = createCustomCrypto();
const machines = new Map<PrecompileFork, EVM>();

/** Ours. */
export function run(fork: PrecompileFork, number: number, input: Uint8Array, gas = ENOUGH_GAS): PrecompileOutcome {
  return precompiles.run({ number, rules: rulesOfFork(fork), input, gas });
}

/** The same call by ethereumjs. */
export async function runReference(
  fork: PrecompileFork,
  number: number,
  input: Uint8Array,
  gas = ENOUGH_GAS,
): Promise<PrecompileOutcome> {
  const machine = await machineOf(fork);
  const precompile = getActivePrecompiles(machine.common).get(number.toString(16).padStart(40, '0'));
  if (precompile === undefined) throw new Error(`${fork} has no precompile ${number}`);
  const outcome = await precompile({ data: input, gasLimit: BigInt(gas), common: machine.common, _EVM: machine });
  if (outcome.exceptionError !== undefined) return null;
  return { output: outcome.returnValue, gasUsed: Number(outcome.executionGasUsed) };
}

async function machineOf(fork: PrecompileFork): Promise<EVM> {
  const known = machines.get(fork);
  if (known !== undefined) return known;
  const common = new Common({ chain: Mainnet, hardfork: HARDFORKS[fork], customCrypto });
  const machine = await createEVM({ common });
  machines.set(fork, machine);
  return machine;
}

/** Expects the outcome of ethereumjs with enough gas, and the same price: a unit less must fail. Returns the outcome. */
export async function expectSame(fork: PrecompileFork, number: number, input: Uint8Array): Promise<PrecompileOutcome> {
  const ours = run(fork, number, input);
  expect(describe(ours), bytesToHex(input.subarray(0, 512))).toEqual(describe(await runReference(fork, number, input)));
  if (ours !== null && ours.gasUsed > 0) {
    expect(describe(run(fork, number, input, ours.gasUsed))).toEqual(describe(ours));
    expect(run(fork, number, input, ours.gasUsed - 1)).toBeNull();
  }
  return ours;
}

function describe(outcome: PrecompileOutcome): unknown {
  return outcome === null ? 'failed' : { output: bytesToHex(outcome.output), gasUsed: outcome.gasUsed };
}

export function fromHex(digits: string): Uint8Array {
  return new Uint8Array(Buffer.from(digits, 'hex'));
}

/** Big-endian. */
export function toBytes(value: bigint, length: number): Uint8Array {
  return fromHex(value.toString(16).padStart(2 * length, '0'));
}

export function toBigInt(bytes: Uint8Array): bigint {
  return BigInt(`0x0${Buffer.from(bytes).toString('hex')}`);
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
