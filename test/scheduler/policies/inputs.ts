import fc from 'fast-check';
import type { PlanInput } from '../../../scheduler/policies/plan-input.js';
import type { Plan } from '../../../scheduler/plan.js';
import type {
  BlockPrediction,
  PredictedAccesses,
  PredictedKey,
  PredictedQuantiles,
} from '../../../scheduler/predictor.js';
import { rowOf } from '../../../scheduler/rows.js';
import type { Workload } from '../../../scheduler/workload.js';
import type { Address, Hash, Hex, Transaction } from '../../../types.js';
import { rowsOf } from '../../model/blocks.js';
import { transaction } from '../../model/transactions.js';

/** Key index, P(touch), P(write). */
export type Use = readonly [key: number, touch: number, write: number];
type Pair = readonly [earlier: number, later: number, probability: number];

/** What a test says of a prediction, by transaction; the rest is plain: 1 gas each, no keys, no pairs, no times. */
export interface PredictionDraft {
  readonly gas?: readonly number[];
  readonly ns?: readonly number[];
  readonly uses?: readonly (readonly Use[])[];
  readonly keys?: readonly PredictedKey[];
  readonly pairs?: readonly Pair[];
}

export const FEE_RECIPIENT = addressOf(0xfee);
const CODE_HASH: Hash = `0x${'c0'.repeat(32)}`;

export function addressOf(number: number): Address {
  return `0x${number.toString(16).padStart(40, '0')}`;
}

export function slotOf(number: number): PredictedKey {
  return { address: addressOf(0xdef1), slot: `0x${number.toString(16).padStart(64, '0')}` };
}

export interface InputDraft {
  readonly prediction?: PredictionDraft | null;
  readonly withCode?: readonly Address[];
  readonly number?: number;
  readonly workers?: number;
}

export function inputOf(
  drafts: readonly Partial<Transaction>[],
  { prediction = null, withCode = [], number = 1, workers = 4 }: InputDraft = {},
): PlanInput {
  return {
    block: {
      chainId: 1,
      number,
      feeRecipient: FEE_RECIPIENT,
      recipientCodeHashes: new Map(withCode.map((address) => [address, CODE_HASH])),
      transactions: drafts.map((draft, index) => transaction({ index, ...draft })),
    },
    prediction: prediction === null ? null : predictionOf(drafts.length, prediction),
    workers,
  };
}

/** `count` plain transactions with this prediction. */
export function predictedInput(count: number, prediction: PredictionDraft): PlanInput {
  return inputOf(
    Array.from({ length: count }, () => ({})),
    { prediction },
  );
}

function predictionOf(count: number, { gas, ns, uses = [], keys, pairs = [] }: PredictionDraft): BlockPrediction {
  const rows = Array.from({ length: count }, (_, index) => uses[index] ?? []);
  return {
    accesses: accessesOf(rows, keys),
    conflicts: rowsOf(count, pairs),
    gasUsed: quantilesOf(gas ?? rows.map(() => 1)),
    executionNs: ns === undefined ? null : quantilesOf(ns),
  };
}

/** Around the medians; their outer levels would sort the other way round. */
function quantilesOf(medians: readonly number[]): PredictedQuantiles {
  return {
    levels: [0.1, 0.5, 0.9],
    values: Float64Array.from(medians.flatMap((median) => [-median, median, 1_000_000_000 - median])),
  };
}

function accessesOf(rows: readonly (readonly Use[])[], keys: readonly PredictedKey[] | undefined): PredictedAccesses {
  const uses = rows.flat();
  const keyCount = Math.max(-1, ...uses.map(([key]) => key)) + 1;
  return {
    keys: keys ?? Array.from({ length: keyCount }, (_, key) => slotOf(key)),
    offsets: Uint32Array.from({ length: rows.length + 1 }, (_, row) => rows.slice(0, row).flat().length),
    keyIndices: Uint32Array.from(uses, ([key]) => key),
    readProbability: Float32Array.from(uses, ([, touch]) => touch),
    writeProbability: Float32Array.from(uses, ([, , write]) => write),
  };
}

export function blockersIn({ blockers }: Plan): number[][] {
  return Array.from({ length: blockers.offsets.length - 1 }, (_, row) =>
    [...rowOf(blockers, row)].sort((a, b) => a - b),
  );
}

/** The transactions by priority, then in block order. */
export function orderIn({ priority }: Plan): number[] {
  return [...priority.keys()].sort((a, b) => (priority[a] ?? 0) - (priority[b] ?? 0) || a - b);
}

// ----------------------------------------------------------------------------------------------------- arbitraries

const addresses = fc.nat(3).map(addressOf);
const probabilities = fc.constantFrom(0, 0.25, 0.5, 0.75, 1);
const drafts: fc.Arbitrary<Partial<Transaction>> = fc.record({
  from: addresses,
  to: fc.oneof(addresses, fc.constant(null)),
  input: fc.constantFrom<Hex>('0x', '0xa9059cbb'),
  gasLimit: fc.constantFrom(21_000, 50_000, 1_000_000),
});

const lists = <Item>(items: fc.Arbitrary<Item>, count: number): fc.Arbitrary<Item[]> =>
  fc.array(items, { minLength: count, maxLength: count });

/** Any prediction, right or wrong: of keys that the block has or not, and of pairs of any two transactions. */
function predictionsOf(count: number): fc.Arbitrary<PredictionDraft> {
  const uses = fc.uniqueArray(fc.tuple(fc.nat(5), probabilities, probabilities), {
    maxLength: 4,
    selector: ([key]) => key,
  });
  const pairs = fc.array(fc.tuple(fc.nat(count), fc.nat(count), probabilities), { maxLength: 2 * count });
  const costs = lists(fc.constantFrom(0, 21_000, 33_333.5, 400_000), count);
  return fc.record(
    { gas: costs, ns: costs, uses: lists(uses, count), pairs },
    { requiredKeys: ['gas', 'uses', 'pairs'] },
  );
}

/** Any input for a block of as many transactions as the workload has. */
export function inputsFor({ transactions: { length } }: Workload): fc.Arbitrary<PlanInput> {
  return fc
    .record({
      drafts: lists(drafts, length),
      prediction: fc.option(predictionsOf(length)),
      withCode: fc.subarray([0, 1, 2, 3].map(addressOf)),
      number: fc.nat(),
      workers: fc.integer({ min: 1, max: 6 }),
    })
    .map(({ drafts: transactions, ...draft }) => inputOf(transactions, draft));
}
