import type { Fork } from '../../../types.js';

/** The rules by which a precompile's price and limits differ between Berlin and Osaka. */
export interface PrecompileRules {
  /** EIP-7883 and EIP-7823: modular exponentiation costs more and its operands have an upper bound. */
  readonly hasOsakaModexp: boolean;
}

/** The gas is charged before the work is done; null where the call fails, which takes all its gas. */
export type PrecompileOutcome = { readonly output: Uint8Array; readonly gasUsed: number } | null;

export type Precompile = (input: Uint8Array, gas: number, rules: PrecompileRules) => PrecompileOutcome;

export const EMPTY = new Uint8Array();

export function rulesOfFork(fork: Fork): PrecompileRules {
  return { hasOsakaModexp: fork === 'osaka' };
}

/** A precompile of one price. `compute` returns null for input that it rejects. */
export function fixedPrice(costGas: number, compute: (input: Uint8Array) => Uint8Array | null): Precompile {
  return (input, gas) => {
    const output = gas < costGas ? null : compute(input);
    return output === null ? null : { output, gasUsed: costGas };
  };
}

/** 32 bytes that hold 1 or 0. */
export function toWord(holds: boolean): Uint8Array {
  const word = new Uint8Array(32);
  word[31] = holds ? 1 : 0;
  return word;
}
