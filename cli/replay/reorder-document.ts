/**
 * `reorder` of a replayed block: what a builder's order gains, and what it costs. Costs are those of the prediction, in ns where
 * history holds times and in gas less 15,000 otherwise, but for those of `actual`, which are of the block's cost model.
 */
export interface ReplayReorder {
  /** How far tips may differ of transactions that changed places, as a fraction of the higher one. */
  readonly feeTolerance: number;
  /** Most positions that a transaction may move; null for any. */
  readonly mostPositions: number | null;
  /** That the order was made for. */
  readonly workers: number;
  /** By new position: the given one. */
  readonly order: readonly number[];
  readonly predicted: ReorderedMakespan & { readonly leastMakespanCost: number };
  /** The same two orders with the accesses that the transactions really had in the given one; null where those are not known. */
  readonly actual: ReorderedMakespan | null;
  readonly moved: number;
  readonly positionsMoved: number;
  readonly largestDisplacement: number;
  readonly feeInversionsBefore: number;
  readonly feeInversionsAfter: number;
  /** Given positions of transactions that the block could not hold elsewhere: nobody passes them. */
  readonly pinned: readonly number[];
  /** New orders that were executed to find one that the block can hold. */
  readonly attempts: number;
  /** Whether none was found, so that the given order stands. */
  readonly fellBack: boolean;
  /** Of finding the order, attempts included. */
  readonly reorderNs: number;
  /** Null where the WASM engine did not execute the block: the new order is a matter of prediction only. */
  readonly execution: ReorderExecution | null;
}

export interface ReorderedMakespan {
  readonly makespanBeforeCost: number;
  readonly makespanAfterCost: number;
}

/** Both orders on the WASM engine. What a header states is of the given order; it does not apply to another one. */
export interface ReorderExecution {
  /** Of the parallel runs. */
  readonly threads: number;
  /** Whether parallel runs of each order came to what its sequential run came to. */
  readonly verified: boolean;
  readonly given: OrderExecution;
  readonly reordered: OrderExecution;
  /** Transactions that succeed in one order and fail in the other. */
  readonly outcomesChanged: number;
}

export interface OrderExecution {
  /** Medians over the repetitions. */
  readonly sequentialNs: number;
  readonly parallelNs: number;
  readonly gasUsed: number;
  /** What the builder gets: gas used × tip, in wei, decimal. */
  readonly feesWei: string;
}

/**
 * `shards` of a replayed block, by its predicted accesses throughout: simulated, and verified, as if they were the true ones. Costs
 * are those of the prediction, in ns where history holds times and in gas less 15,000 otherwise.
 */
export interface ReplayShards {
  readonly shards: number;
  readonly balanceBound: number;
  readonly crossShard: number;
  readonly crossShardShare: number;
  /** By shard: the cost of the transactions that need no other. */
  readonly localCost: readonly number[];
  /** Most over mean. */
  readonly imbalance: number;
  readonly isWithinBound: boolean;
  /** Of the work of the block: the most costly set of transactions that shared keys connect. */
  readonly largestComponentShare: number;
  /** Expected keys that live in one shard, and those that every shard has a copy of; keys of one transaction alone are left out. */
  readonly ownedKeys: number;
  readonly copiedKeys: number;
  readonly makespanCost: number;
  /** Over one worker. */
  readonly speedup: number;
  /** One for each shard with local transactions, and one for each cross-shard transaction. */
  readonly recordsCommitted: number;
  /** Whether conflicting transactions ran in block order. */
  readonly verified: boolean;
}
