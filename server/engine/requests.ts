import type { z } from 'zod';
import type { PendingBlock } from '../../scheduler/predictor.js';
import type { Address } from '../../types.js';
import { invalid } from '../problem.js';
import { ConflictsRequest, ScheduleRequest } from '../schemas.js';
import type { TransactionCache } from '../transactions/transaction-cache.js';

interface Asked {
  readonly pending: PendingBlock;
  readonly baseFeePerGasWei: bigint | null;
}

export interface AskedConflicts extends Asked {
  readonly minProbability: number;
}

export interface AskedSchedule extends Asked {
  readonly mode: 'preserve' | 'reorder';
  readonly workers: number | 'auto';
  readonly feeTolerance: number;
  readonly mostPositions: number | undefined;
}

const NOBODY: Address = `0x${'00'.repeat(20)}`;

/** Throws Problem `invalid_request`. */
export function readConflictsRequest(json: unknown, cache: TransactionCache): AskedConflicts {
  const request = check(ConflictsRequest, json);
  return { ...readAsked(request, cache), minProbability: request.minProbability };
}

/** Throws Problem `invalid_request`. */
export function readScheduleRequest(json: unknown, cache: TransactionCache): AskedSchedule {
  const request = check(ScheduleRequest, json);
  const { mode, workers, feeTolerance, mostPositions } = request;
  return { ...readAsked(request, cache), mode, workers, feeTolerance, mostPositions };
}

/** Throws Problem `invalid_request` naming the first field that is wrong. */
export function check<Schema extends z.ZodType>(schema: Schema, json: unknown): z.infer<Schema> {
  const checked = schema.safeParse(json);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  throw invalid(issue?.path.join('.') ?? '', issue?.message ?? 'is not what was expected');
}

function readAsked(
  { transactions, chainId, block }: ConflictsRequest | ScheduleRequest,
  cache: TransactionCache,
): Asked {
  const baseFee = block?.baseFeePerGas;
  return {
    pending: {
      chainId: chainId ?? 0,
      number: block?.number ?? 0,
      feeRecipient: (block?.feeRecipient?.toLowerCase() as Address | undefined) ?? NOBODY,
      recipientCodeHashes: new Map(),
      transactions: transactions.map((value, index) => cache.read(value, index, `transactions.${index}`)),
    },
    baseFeePerGasWei: baseFee === undefined ? null : BigInt(baseFee),
  };
}
