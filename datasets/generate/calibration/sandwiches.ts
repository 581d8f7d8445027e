import type { Address, BlockRecord, Hash, Log } from '../../../types.js';

/** Topics of Uniswap V2's `Swap(address,uint256,uint256,uint256,uint256,address)`. */
const SWAP_TOPIC: Hash = '0xd78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822';

interface Swap {
  readonly sender: Address;
  readonly pair: Address;
  /** Whether the first token of the pair was sold. */
  readonly sellsFirst: boolean;
}

/**
 * Sandwiches of a block: three transactions in a row that swap on one Uniswap V2 pair, the first and the last of one
 * sender and in opposite directions, the middle one of another sender and in the direction of the first.
 */
export function countSandwiches({ transactions }: BlockRecord): number {
  const swaps = transactions.map(({ transaction, logs }) => logs.flatMap((log) => readSwap(transaction.from, log)));
  return swaps.filter((front, index) => isSandwich(front, swaps[index + 1] ?? [], swaps[index + 2] ?? [])).length;
}

function isSandwich(front: readonly Swap[], victim: readonly Swap[], back: readonly Swap[]): boolean {
  return front.some(
    ({ sender, pair, sellsFirst }) =>
      victim.some((swap) => swap.pair === pair && swap.sender !== sender && swap.sellsFirst === sellsFirst) &&
      back.some((swap) => swap.pair === pair && swap.sender === sender && swap.sellsFirst !== sellsFirst),
  );
}

function readSwap(sender: Address, { address, topics, data }: Log): Swap[] {
  if (topics[0] !== SWAP_TOPIC) return [];
  const amountOfFirst = BigInt(data.slice(0, 66));
  return [{ sender, pair: address, sellsFirst: amountOfFirst > 0n }];
}
