import type { PendingBlock, PredictedKey } from '../../scheduler/predictor.js';
import type { Access, BlockRecord, Transaction, TransactionRecord } from '../../types.js';
import { AccessRowsBuilder, nameOfKey, READS, WRITES, type KeyUse } from '../access-rows.js';
import type { PartialPredictor } from '../evaluation/contender.js';
import { functionOf } from '../functions.js';
import { withConflicts, type AccessPrediction } from './through-accesses.js';

interface SeenUse {
  readonly key: PredictedKey;
  readonly use: KeyUse;
}

/**
 * A transaction touches and writes what the last one with the same recipient and selector did, its sender's account in
 * place of that one's. For a selector that was not seen: nothing, or what the last transaction to the same recipient did.
 */
export class LastSeenKeys implements PartialPredictor {
  readonly #fallsBack: boolean;
  readonly #byFunction = new Map<string, readonly SeenUse[]>();
  readonly #byContract = new Map<string, readonly SeenUse[]>();

  constructor(options: { readonly unseenFunction: 'nothing' | 'same-contract' }) {
    this.#fallsBack = options.unseenFunction === 'same-contract';
  }

  predict({ transactions }: PendingBlock): AccessPrediction {
    const builder = new AccessRowsBuilder();
    for (const transaction of transactions) {
      builder.use({ address: transaction.from, slot: null }, WRITES);
      for (const { key, use } of this.#lastSeen(transaction)) builder.use(key, use);
      builder.endTransaction();
    }
    return withConflicts(builder.build());
  }

  learn({ transactions }: BlockRecord): void {
    for (const record of transactions) {
      const { to } = record.transaction;
      const name = functionOf(record.transaction);
      if (to === null || name === null) continue;
      const uses = usesOf(record);
      this.#byFunction.set(name, uses);
      if (this.#fallsBack) this.#byContract.set(to, uses);
    }
  }

  #lastSeen(transaction: Transaction): readonly SeenUse[] {
    const name = functionOf(transaction);
    if (name === null || transaction.to === null) return [];
    return this.#byFunction.get(name) ?? this.#byContract.get(transaction.to) ?? [];
  }
}

function usesOf({ transaction, accesses }: TransactionRecord): SeenUse[] {
  const uses = new Map<string, SeenUse>();
  for (const access of accesses) {
    if (access.field === 'code' || isOwnAccount(access, transaction)) continue;
    const key = { address: access.address, slot: access.slot };
    const name = nameOfKey(key);
    if (access.kind !== 'read') uses.set(name, { key, use: WRITES });
    else if (!uses.has(name)) uses.set(name, { key, use: READS });
  }
  return [...uses.values()];
}

function isOwnAccount({ address, field }: Access, { from }: Transaction): boolean {
  return field === 'account' && address === from;
}
