import { paramsBlock } from '@ethereumjs/block';
import { createCustomCommon, Mainnet } from '@ethereumjs/common';
import { FORKS, type BlockSnapshot, type Fork } from '../../types.js';
import { hardforkOf } from '../reference/vm.js';

/** The first fork of each rule set that the engine knows, in its numbering. */
const RULES: readonly Fork[] = ['berlin', 'london', 'paris', 'shanghai', 'cancun', 'prague', 'osaka'];

/** The engine's number of a fork; −1 for those before Berlin. */
export function rulesOf(fork: Fork): number {
  return RULES.findLastIndex((first) => isAtLeast(fork, first));
}

export function isAtLeast(fork: Fork, first: Fork): boolean {
  return FORKS.indexOf(fork) >= FORKS.indexOf(first);
}

/** Blobs that one transaction may carry: EIP-4844, EIP-7691, EIP-7594. */
export function blobLimitOf(fork: Fork): number {
  return fork === 'prague' ? 9 : 6;
}

/** EIP-4844: the price of a unit of blob gas; its parameters change by fork (EIP-7691, EIP-7892). */
export function blobBaseFeeWeiOf(snapshot: BlockSnapshot): bigint {
  if (!isAtLeast(snapshot.fork, 'cancun')) return 0n;
  const options = { hardfork: hardforkOf(snapshot), params: paramsBlock };
  const common = createCustomCommon({ chainId: snapshot.chainId }, Mainnet, options);
  const excess = BigInt(snapshot.header.excessBlobGas ?? 0);
  return fakeExponential(common.param('minBlobGas'), excess, common.param('blobGasPriceUpdateFraction'));
}

/** factor · e^(numerator / denominator) by Taylor's series, as EIP-4844 defines it. */
function fakeExponential(factor: bigint, numerator: bigint, denominator: bigint): bigint {
  let sum = 0n;
  let term = factor * denominator;
  for (let i = 1n; term > 0n; i += 1n) {
    sum += term;
    term = (term * numerator) / (denominator * i);
  }
  return sum / denominator;
}
