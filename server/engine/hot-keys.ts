import { nameOfKey } from '../../model/access-rows.js';
import type { ModelPrediction } from '../../model/predictor.js';
import { at } from '../../scheduler/rows.js';
import type { Address, BlockRecord, Hash, TransactionRecord } from '../../types.js';
import type { HotKey } from '../live.js';

interface KeyUse {
  readonly address: Address;
  readonly slot: Hash | null;
  transactions: number;
  writers: number;
  conflicts: number;
}

/** Pairs are told the hot key that joins them by the bits of an integer: not more than 32. */
const MOST_KEYS = 20;
/** A conflict on a key was predicted where so many transactions were expected to touch it, and one to change it. */
const LEAST_TOUCHES = 1.5;
const LEAST_CHANGES = 0.5;

/** The keys of a block that most pairs conflict on. Credits that nobody looks at commute: they conflict with nothing. */
export function hotKeysOf(record: BlockRecord, prediction: ModelPrediction): HotKey[] {
  const uses = new Map<string, KeyUse>();
  for (const transaction of record.transactions) {
    for (const [name, { address, slot, writes }] of contendedKeysOf(transaction, record.header.feeRecipient)) {
      const use = uses.get(name) ?? { address, slot, transactions: 0, writers: 0, conflicts: 0 };
      uses.set(name, use);
      use.conflicts += use.writers;
      use.transactions += 1;
      if (writes) use.writers += 1;
    }
  }
  const hottest = [...uses.values()].filter(({ conflicts }) => conflicts > 0).sort((a, b) => b.conflicts - a.conflicts);
  const expected = expectedUses(prediction);
  return hottest.slice(0, MOST_KEYS).map((use) => ({ ...use, predicted: isPredicted(expected.get(nameOfKey(use))) }));
}

export interface OwnUse {
  readonly address: Address;
  readonly slot: Hash | null;
  readonly writes: boolean;
}

/** What a transaction touches of what others may wait for, by `nameOfKey`. */
export function contendedKeysOf({ accesses }: TransactionRecord, feeRecipient: Address): Map<string, OwnUse> {
  const own = new Map<string, OwnUse>();
  for (const { address, field, slot, kind } of accesses) {
    if (field === 'code' || kind === 'add' || address === feeRecipient) continue;
    const name = nameOfKey({ address, slot });
    own.set(name, { address, slot, writes: kind === 'write' || own.get(name)?.writes === true });
  }
  return own;
}

interface ExpectedUse {
  touches: number;
  changes: number;
}

function isPredicted(use: ExpectedUse | undefined): boolean {
  return use !== undefined && use.touches >= LEAST_TOUCHES && use.changes >= LEAST_CHANGES;
}

function expectedUses({ accesses }: ModelPrediction): Map<string, ExpectedUse> {
  const uses = accesses.keys.map(() => ({ touches: 0, changes: 0 }));
  for (let entry = 0; entry < accesses.keyIndices.length; entry++) {
    const use = uses[at(accesses.keyIndices, entry)];
    if (use === undefined) continue;
    use.touches += at(accesses.readProbability, entry);
    use.changes += at(accesses.writeProbability, entry);
  }
  return new Map(accesses.keys.map((key, index) => [nameOfKey(key), uses[index] ?? { touches: 0, changes: 0 }]));
}
