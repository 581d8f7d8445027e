import { at, rowOf } from '../rows.js';
import { isFree, listOwned, type OwnedKeys } from './owned-keys.js';

/** Transactions that belong together. */
export interface Cluster {
  readonly transactions: readonly number[];
  readonly cost: number;
}

/**
 * Joins transactions that share owned keys, as long as a cluster costs no more than `mostCost`; with Infinity these are the
 * connected components. Keys of few transactions join first, so that what is cut are the keys that everybody uses.
 * Transactions without owned keys are in no cluster. The most costly clusters come first.
 */
export function clusterByKeys(owned: OwnedKeys, mostCost: number): Cluster[] {
  const { costs, users } = owned;
  const forest = new Forest(costs, mostCost);
  const keys = listOwned(owned).sort((a, b) => rowOf(users, a).length - rowOf(users, b).length || a - b);
  for (const key of keys) {
    const [first, ...others] = rowOf(users, key);
    if (first === undefined) continue;
    for (const other of others) forest.join(first, other);
  }
  const members = new Map<number, number[]>();
  for (const index of costs.keys()) {
    if (isFree(owned, index)) continue;
    const root = forest.rootOf(index);
    const known = members.get(root);
    if (known === undefined) members.set(root, [index]);
    else known.push(index);
  }
  return [...members]
    .map(([root, transactions]) => ({ transactions, cost: forest.costOf(root) }))
    .sort((a, b) => b.cost - a.cost);
}

/** Disjoint sets with a limit of their cost. */
class Forest {
  readonly #parents: Uint32Array;
  readonly #costs: Float64Array;
  readonly #mostCost: number;

  constructor(costs: Float64Array, mostCost: number) {
    this.#parents = Uint32Array.from(costs.keys());
    this.#costs = costs.slice();
    this.#mostCost = mostCost;
  }

  rootOf(index: number): number {
    let root = index;
    while (at(this.#parents, root) !== root) {
      const above = at(this.#parents, at(this.#parents, root));
      this.#parents[root] = above;
      root = above;
    }
    return root;
  }

  costOf(root: number): number {
    return at(this.#costs, root);
  }

  join(a: number, b: number): void {
    const [one, other] = [this.rootOf(a), this.rootOf(b)];
    const cost = this.costOf(one) + this.costOf(other);
    if (one === other || cost > this.#mostCost) return;
    const [root, child] = one < other ? [one, other] : [other, one];
    this.#parents[child] = root;
    this.#costs[root] = cost;
  }
}
