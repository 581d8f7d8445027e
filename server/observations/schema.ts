import { z } from 'zod';
import { EXPECTED, isAddress, isCount, isHash, isQuantity } from '../transactions/fields.js';
import { TransactionInput } from '../transactions/schema.js';

const Address = z.string().refine(isAddress, `expected ${EXPECTED.address}`);
const Hash = z.string().refine(isHash, `expected ${EXPECTED.hash}`);
const Count = z.union([z.string(), z.number()]).refine(isCount, `expected ${EXPECTED.count}`);
const Quantity = z.union([z.string(), z.number()]).refine(isQuantity, `expected ${EXPECTED.quantity}`);

const CompactAccess = z.strictObject({
  address: Address,
  slot: Hash.nullish().describe('Absent: balance and nonce of the account.'),
  kind: z
    .enum(['read', 'write', 'add'])
    .describe('`write`: changed; `add`: a balance that was credited and never looked at.'),
});

const fields = {
  chainId: Count,
  block: z.strictObject({
    number: Count,
    hash: Hash,
    parentHash: Hash.optional(),
    miner: Address.describe('Fee recipient.'),
    timestamp: Count,
    gasLimit: Count,
    gasUsed: Count.optional(),
    baseFeePerGas: Quantity.optional(),
  }),
};

const outcome = {
  gasUsed: Count,
  succeeded: z.boolean().optional(),
  executionNs: z.number().nonnegative().optional().describe('Wall time of its sequential execution.'),
  accesses: z.array(CompactAccess).max(100_000),
};

const MOST = 100_000;

/** The shortest form of an executed block; what reads it checks the transactions by itself. */
export const CompactObservation = z.strictObject({
  ...fields,
  transactions: z.array(z.strictObject({ transaction: z.unknown(), ...outcome })).max(MOST),
});
export type CompactObservation = z.infer<typeof CompactObservation>;

const CompactBody = z
  .strictObject({
    ...fields,
    transactions: z.array(z.strictObject({ transaction: TransactionInput, ...outcome })).max(MOST),
  })
  .meta({ id: 'CompactObservation', description: 'An executed block with its accesses, in few words.' });

const SnapshotBody = z
  .looseObject({
    chainId: z.unknown(),
    fork: z.string(),
    block: z.looseObject({}),
    preState: z.looseObject({}),
    blockHashes: z.looseObject({}),
  })
  .meta({
    id: 'BlockSnapshot',
    description: 'A block with the state that it touches: it is executed, and must match its header.',
  });

const TracerBody = z
  .looseObject({
    chainId: z.unknown(),
    block: z.looseObject({}),
    receipts: z.array(z.unknown()),
    prestateTracer: z.array(z.unknown()),
    prestateTracerDiff: z.array(z.unknown()),
  })
  .meta({ id: 'TracerOutput', description: 'A block with receipts and prestateTracer, without and with diffMode.' });

export const ObservationBody = z.union([CompactBody, SnapshotBody, TracerBody]).meta({ id: 'Observation' });
