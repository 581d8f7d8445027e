import type { BlockHints, PredictedConflicts } from './predictor.js';
import { at, rowCount, rowOf, type CompressedRows } from './rows.js';
import type { WorkAccess, WorkItem, Workload } from './workload.js';

/** Hints of a block, or what has their rows: costs may be of any type of array. */
export type PredictedUses = Omit<BlockHints, 'costs'> & { readonly costs: ArrayLike<number> };

/** Accesses and pairs at least as likely as this are taken for certain. */
const LEAST_PROBABILITY = 0.25;

/** The likely accesses of a block as if they were known; what a transaction changes it reads, and reads are at its start. */
export function workloadOfPrediction(uses: PredictedUses, leastProbability = LEAST_PROBABILITY): Workload {
  const transactions = Array.from({ length: uses.offsets.length - 1 }, (_, index): WorkItem => {
    const accesses: WorkAccess[] = [];
    for (let entry = at(uses.offsets, index); entry < at(uses.offsets, index + 1); entry++) {
      const [read, write, add] = [uses.read, uses.write, uses.add].map(
        (probability) => at(probability, entry) >= leastProbability,
      );
      const key = at(uses.keys, entry);
      const changes = write === true || (read === true && add === true);
      if (read === true || changes) accesses.push({ key, kind: 'read', position: 0 });
      if (changes) accesses.push({ key, kind: 'write', position: 1 });
      else if (add === true) accesses.push({ key, kind: 'add', position: 1 });
    }
    return { cost: at(uses.costs, index), accesses: accesses.sort((a, b) => a.position - b.position) };
  });
  const workload = { transactions, keyCount: uses.keyCount };
  return uses.conflicts === null ? workload : withPairs(workload, likelyPairs(uses.conflicts, leastProbability));
}

function likelyPairs({ offsets, earlier, probability }: PredictedConflicts, leastProbability: number): CompressedRows {
  const kept = new Uint32Array(offsets.length);
  const indices: number[] = [];
  for (let row = 0; row + 1 < offsets.length; row++) {
    for (let pair = at(offsets, row); pair < at(offsets, row + 1); pair++) {
      if (at(probability, pair) >= leastProbability) indices.push(at(earlier, pair));
    }
    kept[row + 1] = indices.length;
  }
  return { offsets: kept, indices: Uint32Array.from(indices) };
}

/** The same with keys numbered by first use: predictions number keys for many blocks, of which one uses few. */
export function withDenseKeys({ transactions }: Workload): Workload {
  const numbers = new Map<number, number>();
  const numberOf = (key: number): number => {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, numbers.size);
    return numbers.size - 1;
  };
  const renumbered = transactions.map(({ cost, accesses }) => ({
    cost,
    accesses: accesses.map((access) => ({ ...access, key: numberOf(access.key) })),
  }));
  return { transactions: renumbered, keyCount: numbers.size };
}

/**
 * The same without accesses that can make nobody wait: to keys that one transaction alone names, or that nobody changes. A run of
 * it takes as long where an access by itself costs nothing.
 */
export function withoutUncontended({ transactions, keyCount }: Workload): Workload {
  const [lastUser, isShared] = [new Int32Array(keyCount).fill(-1), new Uint8Array(keyCount)];
  const isChanged = new Uint8Array(keyCount);
  for (const [index, { accesses }] of transactions.entries()) {
    for (const { key, kind } of accesses) {
      if (at(lastUser, key) >= 0 && at(lastUser, key) !== index) isShared[key] = 1;
      lastUser[key] = index;
      if (kind !== 'read') isChanged[key] = 1;
    }
  }
  const isContended = ({ key }: WorkAccess): boolean => at(isShared, key) === 1 && at(isChanged, key) === 1;
  return {
    transactions: transactions.map((item) => ({ ...item, accesses: item.accesses.filter(isContended) })),
    keyCount,
  };
}

/**
 * A workload of which only conflicting pairs are known: row j holds the earlier transactions that j conflicts with, all of
 * them and not just the latest, because another order brings others together.
 */
export function workloadOfPairs(costs: ArrayLike<number>, pairs: CompressedRows): Workload {
  const transactions = Array.from({ length: rowCount(pairs) }, (_, index) => ({
    cost: at(costs, index),
    accesses: [],
  }));
  return withPairs({ transactions, keyCount: 0 }, pairs);
}

/** Adds to a workload pairs that conflict whichever comes first: each has a key of its own, which both change. */
export function withPairs({ transactions, keyCount }: Workload, pairs: CompressedRows): Workload {
  const groups: number[][] = [];
  for (let later = 0; later < rowCount(pairs); later++) {
    for (const earlier of rowOf(pairs, later)) groups.push([earlier, later]);
  }
  return withChangedKeys({ transactions, keyCount }, groups);
}

/** Adds to a workload that the transactions of a sender change its nonce. */
export function withSenders(workload: Workload, senders: readonly string[]): Workload {
  const groups = new Map<string, number[]>();
  for (const [index, sender] of senders.entries()) {
    const group = groups.get(sender);
    if (group === undefined) groups.set(sender, [index]);
    else group.push(index);
  }
  return withChangedKeys(
    workload,
    [...groups.values()].filter(({ length }) => length > 1),
  );
}

/** Each group gets a new key that all its members change. */
function withChangedKeys({ transactions, keyCount }: Workload, groups: readonly (readonly number[])[]): Workload {
  const added = transactions.map((): number[] => []);
  for (const [group, members] of groups.entries()) {
    for (const member of members) added[member]?.push(keyCount + group);
  }
  return {
    transactions: transactions.map(({ cost, accesses }, index) => {
      const keys = added[index] ?? [];
      const reads = keys.map((key): WorkAccess => ({ key, kind: 'read', position: 0 }));
      const writes = keys.map((key): WorkAccess => ({ key, kind: 'write', position: 1 }));
      return { cost, accesses: [...reads, ...accesses, ...writes] };
    }),
    keyCount: keyCount + groups.length,
  };
}
