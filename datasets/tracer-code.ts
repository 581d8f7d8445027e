import type { Address, Hash } from '../types.js';
import { keccak256 } from './keccak.js';
import type { TracedAccount, TracedTransaction } from './tracer-accesses.js';

/**
 * Adds the accounts of a transaction that are not in the map and have code: the code before the transaction or, where it
 * got some, after it. Transaction by transaction, in their order, these are the code hashes of a `BlockRecord`.
 */
export function addCodeHashes(codeHashes: Map<Address, Hash>, traced: TracedTransaction): void {
  for (const state of [traced.before, traced.prestate, traced.after]) {
    for (const [address, account] of state) {
      const codeHash = codeHashes.has(address) ? null : codeHashOf(account);
      if (codeHash !== null) codeHashes.set(address, codeHash);
    }
  }
}

function codeHashOf({ code, codeHash }: TracedAccount): Hash | null {
  if (code === null || code === '0x') return null;
  return codeHash ?? keccak256(code);
}
