import type { Address, Transaction } from '../../types.js';
import { emptyPlan, type Plan } from '../plan.js';
import type { PendingBlock } from '../predictor.js';
import type { CompressedRows } from '../rows.js';
import type { PlanInput } from './plan-input.js';
import { RowWriter } from './row-writer.js';

/**
 * `same-contract`: calls of one contract run one after the other, each after the one before it in the block; all else runs as
 * in Block-STM. The rule of those who know nothing but recipients: it takes every two calls of a contract for a conflict. A
 * call is a transaction with input, or to an address that is known to have code. Needs no hints.
 */
export function sameContractPlan({ block, workers }: PlanInput): Plan {
  return { ...emptyPlan(block.transactions.length, workers), blockers: previousCalls(block) };
}

/** By transaction: the previous call of the contract that it calls. */
function previousCalls(block: PendingBlock): CompressedRows {
  const rows = new RowWriter(block.transactions.length);
  const latestCalls = new Map<Address, number>();
  for (const [index, transaction] of block.transactions.entries()) {
    const contract = calledContract(transaction, block);
    if (contract !== null) {
      const previous = latestCalls.get(contract);
      if (previous !== undefined) rows.add(previous);
      latestCalls.set(contract, index);
    }
    rows.endRow();
  }
  return rows.finish();
}

function calledContract({ to, input }: Transaction, { recipientCodeHashes }: PendingBlock): Address | null {
  return to !== null && (input !== '0x' || recipientCodeHashes.has(to)) ? to : null;
}
