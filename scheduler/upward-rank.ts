import { at, type CompressedRows } from './rows.js';

/**
 * By transaction: its cost and that of the most costly chain that waits for it, in the unit of the costs (the upward rank of
 * HEFT, Topcuoglu et al., TPDS 2002). `blockers` names earlier transactions only. Time in proportion to blockers.
 */
export function upwardRanks(costs: Float64Array, { offsets, indices }: CompressedRows): Float64Array {
  const ranks = new Float64Array(costs.length);
  for (let index = costs.length - 1; index >= 0; index--) {
    const rank = at(ranks, index) + at(costs, index);
    ranks[index] = rank;
    for (let place = at(offsets, index); place < at(offsets, index + 1); place++) {
      const blocker = at(indices, place);
      if (rank > at(ranks, blocker)) ranks[blocker] = rank;
    }
  }
  return ranks;
}

/** Positions in the order of descending values; equal values keep their order. */
export function rankDescending(values: Float64Array): Uint32Array {
  const order = Uint32Array.from(values.keys());
  return ranksOf(order.sort((a, b) => at(values, b) - at(values, a) || a - b));
}

/** The position of each transaction in an order that names every one once. */
export function ranksOf(order: Uint32Array): Uint32Array {
  const ranks = new Uint32Array(order.length);
  for (let rank = 0; rank < order.length; rank++) ranks[at(order, rank)] = rank;
  return ranks;
}
