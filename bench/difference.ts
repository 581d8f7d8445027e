import { isDeepStrictEqual } from 'node:util';
import type { LoadedBlock } from '../executor/wasm/index.js';
import type { AccountState, Address, BlockResult, BlockSnapshot, Hash } from '../types.js';

/** What tells of the last run of a loaded block. */
export type RunWitness = Pick<LoadedBlock, 'describe' | 'fingerprint'>;

/**
 * Compares the runs of a loaded block with what they must come to: in full until one is right, the later ones with that one by
 * their fingerprints.
 */
export class RunCheck {
  readonly #loaded: RunWitness;
  readonly #expected: BlockResult;
  readonly #snapshot: BlockSnapshot;
  #rightFingerprint: string | null = null;

  constructor(loaded: RunWitness, expected: BlockResult, snapshot: BlockSnapshot) {
    this.#loaded = loaded;
    this.#expected = expected;
    this.#snapshot = snapshot;
  }

  /** What is wrong with the last run; null where nothing is. */
  findProblem(): string | null {
    const fingerprint = this.#loaded.fingerprint();
    if (fingerprint === this.#rightFingerprint) return null;
    const difference = findDifference(this.#loaded.describe([]), this.#expected, this.#snapshot);
    if (difference !== null) return difference;
    if (this.#rightFingerprint !== null) return 'fingerprint';
    this.#rightFingerprint = fingerprint;
    return null;
  }
}

/** The first thing in which two results of a block differ, times aside; null where they are the same. */
export function findDifference(got: BlockResult, expected: BlockResult, snapshot: BlockSnapshot): string | null {
  if (got.receipts.length !== expected.receipts.length) {
    return `${got.receipts.length} receipts, expected ${expected.receipts.length}`;
  }
  const index = got.receipts.findIndex((receipt, place) => !isDeepStrictEqual(receipt, expected.receipts[place]));
  if (index >= 0) return `receipt ${index}`;
  if (got.gasUsed !== expected.gasUsed) return `gas used ${got.gasUsed}, expected ${expected.gasUsed}`;
  if (got.logsBloom !== expected.logsBloom) return 'logs bloom';
  if (got.receiptsRoot !== expected.receiptsRoot) return 'receipts root';
  return findStateDifference(got, expected, snapshot);
}

function findStateDifference(got: BlockResult, expected: BlockResult, { preState }: BlockSnapshot): string | null {
  const stateAfter = ({ postState }: BlockResult, address: Address): AccountState | null =>
    unlessNothing(postState.has(address) ? postState.get(address) : preState.get(address));
  for (const address of new Set([...got.postState.keys(), ...expected.postState.keys()])) {
    const difference = findAccountDifference(stateAfter(got, address), stateAfter(expected, address));
    if (difference !== null) return `account ${address}: ${difference}`;
  }
  return null;
}

/** Berlin and later know no empty accounts. */
function unlessNothing(state: AccountState | null | undefined): AccountState | null {
  if (state === null || state === undefined) return null;
  return state.balanceWei === 0n && state.nonce === 0 && state.code === '0x' ? null : state;
}

function findAccountDifference(got: AccountState | null, expected: AccountState | null): string | null {
  if (got === null || expected === null) return got === expected ? null : 'is there for one of the two only';
  if (got.balanceWei !== expected.balanceWei) return `balance ${got.balanceWei}, expected ${expected.balanceWei}`;
  if (got.nonce !== expected.nonce) return `nonce ${got.nonce}, expected ${expected.nonce}`;
  if (got.code !== expected.code) return 'code';
  const slot = findSlot(got.storage, expected.storage) ?? findSlot(expected.storage, got.storage);
  return slot === null ? null : `slot ${slot}`;
}

/** A slot of `some` that has another value in `others`, where absent ones are zero. */
function findSlot(some: ReadonlyMap<Hash, Hash>, others: ReadonlyMap<Hash, Hash>): Hash | null {
  for (const [slot, value] of some) {
    const other = others.get(slot);
    if (other !== value && BigInt(other ?? 0) !== BigInt(value)) return slot;
  }
  return null;
}
