import type { Access, Address, BlockRecord, Hash, TransactionRecord } from '../../types.js';
import type { KeySpace } from '../tables/key-space.js';
import type { Contracts } from './contracts.js';

/** Slots where proxies keep their implementation: EIP-1967, its predecessor of OpenZeppelin, EIP-1822. */
const IMPLEMENTATION_SLOTS: ReadonlySet<Hash> = new Set<Hash>([
  '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc',
  '0x7050c9e0f4ca769c69bd3a8ef740bc37934f8e2c036e5a723fd8ee048ed3f8c3',
  '0xc5f16f0fcc639fa48a6947836d9850f504798523bf8c9a3a87d5876cf622bcf7',
]);

/**
 * Learns which contracts run the code of others: from delegate calls where they were observed, else from a slot of
 * `IMPLEMENTATION_SLOTS` that holds the address of a contract of the same block.
 */
export function learnImplementations(
  { space, contracts }: { readonly space: KeySpace; readonly contracts: Contracts },
  { codeHashes }: BlockRecord,
  { callFrames, accesses }: TransactionRecord,
): void {
  const learn = (proxy: Address, implementation: Address): void => {
    contracts.learnImplementation(space.words.addAddress(proxy), space.words.addAddress(implementation));
  };
  const seen = new Set<Address>();
  for (const { kind, to, codeAddress } of callFrames) {
    if (kind !== 'delegatecall' || codeAddress === null || seen.has(to)) continue;
    seen.add(to);
    if (isLikelyProxy(callFrames, to)) learn(to, codeAddress);
  }
  if (callFrames.length > 0) return;
  for (const access of accesses) {
    const implementation = implementationIn(access);
    if (implementation !== null && codeHashes.has(implementation)) learn(access.address, implementation);
  }
}

/** A proxy hands all that it is called with on to one other contract; a contract that uses libraries delegates now and then. */
function isLikelyProxy(callFrames: TransactionRecord['callFrames'], address: Address): boolean {
  const calls = callFrames.filter(({ kind, to }) => to === address && (kind === 'call' || kind === 'staticcall'));
  const delegates = callFrames.filter(({ kind, to }) => to === address && kind === 'delegatecall');
  const selectors = new Set(calls.map(({ selector }) => selector));
  const codes = new Set(delegates.map(({ codeAddress }) => codeAddress));
  return (
    codes.size === 1 && delegates.length >= calls.length && delegates.every(({ selector }) => selectors.has(selector))
  );
}

function implementationIn({ slot, kind, value }: Access): Address | null {
  if (slot === null || value === null || kind !== 'read' || !IMPLEMENTATION_SLOTS.has(slot)) return null;
  return /^0x0{24}/.test(value) && !/^0x0{48}/.test(value) ? `0x${value.slice(26)}` : null;
}
