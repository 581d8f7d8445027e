import type { AccountState, Address, BlockResult, BlockSnapshot } from '../../../types.js';

/** All but times, and accounts that are absent on both sides of the block. */
export function comparable(blockResult: BlockResult, { preState }: BlockSnapshot): unknown {
  const { receipts, gasUsed, receiptsRoot, logsBloom, postState } = blockResult;
  const isNothing = (state: AccountState | null | undefined): boolean =>
    state === null || state === undefined || (state.balanceWei === 0n && state.nonce === 0 && state.code === '0x');
  const changed = [...postState].filter(([address, after]) => !isNothing(after) || !isNothing(preState.get(address)));
  const sorted = changed.sort(([a], [b]) => (a < b ? -1 : 1)).map(([address, after]) => [address, pictureOf(after)]);
  return { receipts, gasUsed, receiptsRoot, logsBloom, postState: new Map(sorted as [Address, unknown][]) };
}

function pictureOf(state: AccountState | null): unknown {
  if (state === null) return null;
  const slots = [...state.storage].filter(([, value]) => BigInt(value) !== 0n);
  return { ...state, storage: new Map(slots.sort(([a], [b]) => (a < b ? -1 : 1))) };
}
