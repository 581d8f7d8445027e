import type {
  MeasuredBlock,
  MeasuredVariant,
  ParallelRow,
  PerCoreRow,
  RunSample,
  Spread,
  TrackingRow,
  VariantName,
} from './document.js';
import { medianOf, spreadOfRates, spreadOfTimes } from './spread.js';

export function findVariant({ variants }: MeasuredBlock, wanted: VariantName): MeasuredVariant | null {
  return variants.find(({ variant, samples }) => variant === wanted && samples.length > 0) ?? null;
}

export function timesOf({ samples }: MeasuredVariant): number[] {
  return samples.map(({ wallNs }) => wallNs);
}

/** By sample: so much a second. */
export function ratesOf(variant: MeasuredVariant, amount: number): Spread {
  return spreadOfRates(timesOf(variant).map((wallNs) => (amount / wallNs) * 1e9));
}

export function perCoreRow(block: MeasuredBlock): PerCoreRow[] {
  const straight = findVariant(block, 'straight');
  if (straight === null) return [];
  const { name, transactions, gasUsed } = block;
  const reference = findVariant(block, 'reference');
  return [
    {
      name,
      transactions,
      transactionsPerSecond: ratesOf(straight, transactions),
      gasPerSecond: ratesOf(straight, gasUsed),
      reference: reference && {
        transactionsPerSecond: ratesOf(reference, transactions).median,
        gasPerSecond: ratesOf(reference, gasUsed).median,
      },
      ratio: reference && timeRatio(reference, straight),
    },
  ];
}

/** How many times as long as the other, by medians. */
export function timeRatio(slow: MeasuredVariant, fast: MeasuredVariant): number {
  return medianOf(timesOf(slow)) / medianOf(timesOf(fast));
}

export function trackingRows(block: MeasuredBlock): TrackingRow[] {
  const straight = findVariant(block, 'straight');
  if (straight === null) return [];
  return (['straight again', 'tracked'] as const).flatMap((variant) => {
    const measured = findVariant(block, variant);
    const ratios =
      measured === null ? [] : inPairs(straight, measured).map(([one, other]) => other.wallNs / one.wallNs);
    return ratios.length === 0 ? [] : [{ name: block.name, variant, timeRatio: spreadOfTimes(ratios) }];
  });
}

export function parallelRows(block: MeasuredBlock): ParallelRow[] {
  const straight = findVariant(block, 'straight');
  if (straight === null) return [];
  const parallel = block.variants.filter(({ variant, samples }) => variant === 'parallel' && samples.length > 0);
  return parallel.map((measured) => parallelRow(block, straight, measured));
}

function parallelRow(block: MeasuredBlock, straight: MeasuredVariant, measured: MeasuredVariant): ParallelRow {
  const { name, kind, transactions } = block;
  const perTransaction = measured.samples.map(({ executions }) => executions / Math.max(1, transactions));
  return {
    name,
    kind,
    transactions,
    workers: measured.workers,
    speedup: spreadOfRates(inPairs(straight, measured).map(([one, other]) => one.wallNs / other.wallNs)),
    executionsPerTransaction: medianOf(perTransaction),
    transactionsPerSecond: ratesOf(measured, transactions).median,
    inOrder: summariseInOrder(measured.samples),
  };
}

function summariseInOrder(samples: readonly RunSample[]): ParallelRow['inOrder'] {
  const starts = samples.flatMap(({ inOrderFrom }) => (inOrderFrom === null ? [] : [inOrderFrom]));
  return starts.length === 0 ? null : { rounds: starts.length, medianFrom: medianOf(starts) };
}

/** The samples of the rounds that both took part in. */
function inPairs(one: MeasuredVariant, other: MeasuredVariant): (readonly [RunSample, RunSample])[] {
  const byRound = new Map(other.samples.map((sample) => [sample.round, sample]));
  return one.samples.flatMap((sample) => {
    const partner = byRound.get(sample.round);
    return partner === undefined ? [] : [[sample, partner] as const];
  });
}
