import { z } from 'zod';
import { ModelIdentity, CostUnit } from './live.js';
import { PROBLEMS, type ProblemCode } from './problem.js';
import { isAddress, isQuantity, EXPECTED } from './transactions/fields.js';
import { TransactionInput } from './transactions/schema.js';

/** Requests and answers of the interface beside what `live.ts` says; the OpenAPI document is made from these. */

export const MOST_TRANSACTIONS = 5_000;
export const MOST_WORKERS = 64;

const Count = z.int().nonnegative();
const Share = z.number().min(0).max(1);
const Amount = z.number().nonnegative();
const Text = { address: z.string().regex(/^0x[0-9a-f]{40}$/), hash: z.string().regex(/^0x[0-9a-f]{64}$/) };

/** Without the transactions, which are checked by `read-transaction.ts`. */
const Unchecked = z.array(z.unknown()).max(MOST_TRANSACTIONS);
const Transactions = z.array(TransactionInput).max(MOST_TRANSACTIONS);

const ChainId = z.int().positive().optional().describe('Refused where the model has learned another chain.');
const BlockContext = z
  .strictObject({
    number: z.int().nonnegative().optional(),
    feeRecipient: z.string().refine(isAddress, `expected ${EXPECTED.address}`).optional(),
    baseFeePerGas: z
      .union([z.string(), z.number()])
      .refine(isQuantity, `expected ${EXPECTED.quantity}`)
      .optional()
      .describe('wei; tips are what is paid above it.'),
  })
  .optional()
  .describe('What is known of the block that is to hold the transactions.');

const conflictsFields = {
  chainId: ChainId,
  block: BlockContext,
  minProbability: Share.default(0.05).describe('Accesses and conflicts less likely than this are left out.'),
};
const scheduleFields = {
  chainId: ChainId,
  block: BlockContext,
  mode: z
    .enum(['preserve', 'reorder'])
    .default('preserve')
    .describe(
      '`preserve`: the order given is the meaning, only the execution is scheduled. `reorder`: a new order is proposed.',
    ),
  workers: z
    .union([z.literal('auto'), z.int().min(1).max(MOST_WORKERS)])
    .default('auto')
    .describe('`auto`: as many as are expected to pay, at most those that the service was started for.'),
  feeTolerance: Share.default(0).describe(
    'Of `reorder`: two transactions may change places only where the lower tip is at least (1 − feeTolerance) times the higher.',
  ),
  mostPositions: Count.optional().describe('Of `reorder`: how far a transaction may move; unlimited if absent.'),
};

export const ConflictsRequest = z.strictObject({ transactions: Unchecked, ...conflictsFields });
export type ConflictsRequest = z.infer<typeof ConflictsRequest>;
export const ConflictsRequestBody = z
  .strictObject({ transactions: Transactions, ...conflictsFields })
  .meta({ id: 'ConflictsRequest' });

export const ScheduleRequest = z.strictObject({ transactions: Unchecked, ...scheduleFields });
export type ScheduleRequest = z.infer<typeof ScheduleRequest>;
export const ScheduleRequestBody = z
  .strictObject({ transactions: Transactions, ...scheduleFields })
  .meta({ id: 'ScheduleRequest' });

/** What an answer cost, in ms of wall time. */
export const Cost = z
  .strictObject({
    queueMs: Amount.describe('Until a model thread took the request.'),
    parseMs: Amount.describe('JSON.'),
    decodeMs: Amount.describe('Checks of the transactions, and of signatures where they are raw.'),
    prepareMs: Amount.describe(
      'What is expected of each transaction by itself; nothing where it was asked about before.',
    ),
    predictMs: Amount.describe('Putting it together for the block.'),
    planMs: Amount,
    simulateMs: Amount,
    totalMs: Amount.describe('All of that, without HTTP.'),
    knownTransactions: Count.describe('Transactions that had been asked about before.'),
  })
  .meta({ id: 'Cost' });
export type Cost = z.infer<typeof Cost>;

const Access = z
  .strictObject({ key: Count.describe('Index into `keys`.'), touch: Share, write: Share })
  .describe('Probabilities that the transaction touches the key at all, and that it changes it.');

const PredictedTransaction = z.strictObject({
  index: Count,
  hash: Text.hash.nullable(),
  accesses: z.array(Access),
  dependentProbability: Share.describe('That it depends on any earlier transaction through a storage slot.'),
  gas: z.array(Amount).describe('By `quantileLevels`.'),
  timeNs: z.array(Amount).nullable().describe('By `quantileLevels`; null where no times were learned.'),
});

const Uncertain = z.strictObject({
  index: Count,
  reason: z.enum(['unknown-function', 'contract-creation', 'varies']),
  expectedMisjudgedSlots: Amount.nullable().describe('Variance of the guesses; null where there are none to judge.'),
  explanation: z.string(),
});

export const ConflictsAnswer = z
  .strictObject({
    model: ModelIdentity,
    quantileLevels: z.array(Share),
    keys: z.array(z.strictObject({ address: Text.address, slot: Text.hash.nullable() })),
    transactions: z.array(PredictedTransaction),
    conflicts: z
      .array(z.strictObject({ earlier: Count, later: Count, probability: Share }))
      .describe('Ordered pairs of which the later may read or write a storage slot that the earlier writes.'),
    uncertain: z.array(Uncertain).describe('Transactions of which history knows too little.'),
    cost: Cost,
  })
  .meta({ id: 'ConflictsAnswer' });
export type ConflictsAnswer = z.infer<typeof ConflictsAnswer>;

const LaneEntry = z.strictObject({ index: Count, start: Amount, end: Amount });

export const ReorderReport = z
  .strictObject({
    makespanBefore: Amount,
    makespanAfter: Amount,
    leastMakespan: Amount,
    moved: Count,
    positionsMoved: Count,
    largestDisplacement: Count,
    feeInversionsBefore: Count,
    feeInversionsAfter: Count,
  })
  .meta({ id: 'ReorderReport' });

export const ScheduleAnswer = z
  .strictObject({
    model: ModelIdentity,
    mode: z.enum(['preserve', 'reorder']),
    unit: CostUnit,
    order: z.array(Count).describe('By position in the block: the index of the transaction in the request.'),
    way: z
      .enum(['sequential', 'optimistic', 'planned'])
      .describe('`sequential`: threads do not pay. `optimistic`: plans do not.'),
    workers: z.int().positive().describe('That the lanes are made for.'),
    suggestedWorkers: z.int().positive(),
    lanes: z
      .array(z.array(LaneEntry))
      .describe(
        'By worker: which transaction when, in `unit`, simulated from the predicted accesses; the execution that counts.',
      ),
    blockers: z.array(z.array(Count)).describe('By index: whose first execution to wait for before executing it.'),
    priorities: z.array(Count).describe('By index: the smaller, the earlier it is to be executed.'),
    sequentialCost: Amount.describe('One transaction after the other, in `unit`.'),
    expectedMakespan: Amount.describe('In `unit`.'),
    expectedSpeedup: Amount,
    expectedReexecutions: Count,
    reorder: ReorderReport.nullable(),
    cost: Cost,
  })
  .meta({ id: 'ScheduleAnswer' });
export type ScheduleAnswer = z.infer<typeof ScheduleAnswer>;

export const ObservationAnswer = z
  .strictObject({
    status: z
      .enum(['learned', 'alreadyKnown', 'replaced'])
      .describe(
        '`replaced`: another block of this number had been learned; what it taught stays, and fades with time.',
      ),
    chainId: Count,
    number: Count,
    hash: Text.hash,
    replaced: Text.hash.nullable(),
    notice: z.string().nullable(),
    model: ModelIdentity,
  })
  .meta({ id: 'ObservationAnswer' });
export type ObservationAnswer = z.infer<typeof ObservationAnswer>;

export const ReloadAnswer = z
  .strictObject({ status: z.literal('reloaded'), model: ModelIdentity })
  .meta({ id: 'ReloadAnswer' });
export const Health = z.strictObject({ status: z.literal('ok'), uptimeSeconds: Amount }).meta({ id: 'Health' });
export const Readiness = z.strictObject({ status: z.literal('ready'), model: ModelIdentity }).meta({ id: 'Readiness' });

export const ProblemAnswer = z
  .strictObject({
    statusCode: z.int().min(400).max(599),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]).describe('Stable.'),
    error: z.string(),
    message: z.string().describe('Names the field where one is wrong.'),
  })
  .meta({ id: 'Problem' });
