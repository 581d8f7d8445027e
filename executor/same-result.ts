import { isDeepStrictEqual } from 'node:util';
import type { AccountState, Address, BlockResult, BlockSnapshot, Hash, PostState } from '../types.js';

/**
 * Whether two executions of a block came to the same in all but time: receipts with their logs, gas, receipts root, bloom, and
 * the state after it, whatever each lists as changed.
 */
export function isSameResult(a: BlockResult, b: BlockResult, { preState }: BlockSnapshot): boolean {
  if (a.gasUsed !== b.gasUsed || a.receiptsRoot !== b.receiptsRoot || a.logsBloom !== b.logsBloom) return false;
  if (!isDeepStrictEqual(a.receipts, b.receipts)) return false;
  const stateOf = (post: PostState, address: Address): AccountState | null => {
    const state = post.get(address);
    return (state === undefined ? preState.get(address) : state) ?? null;
  };
  return [...a.postState.keys(), ...b.postState.keys()].every((address) =>
    isSameAccount(stateOf(a.postState, address), stateOf(b.postState, address)),
  );
}

/** An account that holds nothing is as good as none. */
function isSameAccount(a: AccountState | null, b: AccountState | null): boolean {
  if (a === null || b === null) return isNothing(a) && isNothing(b);
  if (a.balanceWei !== b.balanceWei || a.nonce !== b.nonce || a.code !== b.code) return false;
  return a.storage === b.storage || (holds(a.storage, b.storage) && holds(b.storage, a.storage));
}

function isNothing(state: AccountState | null): boolean {
  return state === null || (state.balanceWei === 0n && state.nonce === 0 && state.code === '0x');
}

/** Whether `storage` has all that `slots` have; slots that are absent are zero. */
function holds(storage: ReadonlyMap<Hash, Hash>, slots: ReadonlyMap<Hash, Hash>): boolean {
  for (const [slot, value] of slots) {
    const other = storage.get(slot);
    if (other !== value && BigInt(other ?? 0) !== BigInt(value)) return false;
  }
  return true;
}
