import type { ObservedBlock } from '../../model/forecast/load-forecaster.js';
import { countConflicts } from '../../scheduler/conflicts.js';
import { criticalPath } from '../../scheduler/critical-path.js';
import { createWorkload } from '../../scheduler/workload.js';
import type { Address, BlockRecord, Hash } from '../../types.js';

/** How transactions of a block used a storage slot. */
export interface SlotUse {
  readonly address: Address;
  readonly slot: Hash;
  /** That read or changed it. */
  readonly transactions: number;
  /** Pairs (i < j) of them of which i changed it. */
  readonly conflicts: number;
}

/** An executed block as forecasters see it; density and parallelism as the store defines them (`BlockStats`). */
export function loadOf(record: BlockRecord): ObservedBlock {
  const { header, transactions } = record;
  const pairs = (transactions.length * (transactions.length - 1)) / 2;
  // Code counts for nothing there: it rarely changes.
  const withoutCode = transactions.map((transaction) => ({
    ...transaction,
    accesses: transaction.accesses.filter(({ field }) => field !== 'code'),
  }));
  const workload = createWorkload({ ...record, transactions: withoutCode }, { cost: 'gas', balances: 'strict' });
  return {
    number: header.number,
    timestampSeconds: header.timestampSeconds,
    baseFeePerGasWei: wholeOf(header.baseFeePerGasWei),
    gasLimit: header.gasLimit,
    gasUsed: header.gasUsed,
    transactionCount: transactions.length,
    conflictDensity: pairs === 0 ? NaN : countConflicts(record).pairs / pairs,
    parallelism: criticalPath(workload).bound ?? NaN,
  };
}

/** NaN where there is none, or none that a double holds exactly. */
function wholeOf(value: bigint | null): number {
  return value === null || value > BigInt(Number.MAX_SAFE_INTEGER) ? NaN : Number(value);
}

/** The storage slots that a block used. */
export function slotUsesOf({ transactions }: BlockRecord): SlotUse[] {
  const uses = new Map<
    string,
    { address: Address; slot: Hash; transactions: number; changers: number; conflicts: number }
  >();
  for (const { accesses } of transactions) {
    const own = new Map<string, { address: Address; slot: Hash; changes: boolean }>();
    for (const { address, slot, kind } of accesses) {
      if (slot === null) continue;
      const name = address + slot;
      own.set(name, { address, slot, changes: kind !== 'read' || own.get(name)?.changes === true });
    }
    for (const [name, { address, slot, changes }] of own) {
      const use = uses.get(name) ?? { address, slot, transactions: 0, changers: 0, conflicts: 0 };
      uses.set(name, use);
      use.conflicts += use.changers;
      use.transactions += 1;
      if (changes) use.changers += 1;
    }
  }
  return Array.from(uses.values(), ({ address, slot, transactions: count, conflicts }) => ({
    ...{ address, slot, transactions: count, conflicts },
  }));
}
