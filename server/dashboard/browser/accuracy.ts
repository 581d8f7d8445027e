import type { ConflictEdge, LiveBlock, LiveTransaction, Makespans } from '../../live.js';
import { formatCost, formatFactor, formatScore, formatShare, shortHex } from './format.js';

export interface MakespanRow {
  readonly label: string;
  readonly value: number;
  /** The time, and how many times faster than one after the other. */
  readonly text: string;
}

/** From the slowest that is to be expected to the bound. */
export function makespanRows(makespans: Makespans): MakespanRow[] {
  const { unit, sequential } = makespans;
  const rows: [string, number][] = [
    ['sequential', sequential],
    ['without a plan', makespans.optimistic],
    ['plan: predicted', makespans.predicted],
    ['plan: observed', makespans.observed],
    ['perfect plan', makespans.oracle],
  ];
  return rows.map(([label, value]) => ({
    label,
    value,
    text: `${formatCost(value, unit)} · ${formatFactor(value === 0 ? null : sequential / value)}`,
  }));
}

/** Of times of the block: sequential ÷ observed; null where nothing took any time. */
export function speedupOf({ sequential, observed }: Makespans): number | null {
  return observed === 0 ? null : sequential / observed;
}

/** Pairs that conflicted and were not predicted, in block order. */
export function missedPairs(block: LiveBlock): readonly ConflictEdge[] {
  return block.edges.filter((edge) => edge.observed && edge.probability === null);
}

/** Pairs that were predicted and did not conflict, the most probable first. */
export function falseAlarms(block: LiveBlock): readonly ConflictEdge[] {
  return block.edges
    .filter((edge) => !edge.observed)
    .sort((a, b) => (b.probability ?? 0) - (a.probability ?? 0) || a.later - b.later || a.earlier - b.earlier);
}

/** The rows of the table of the block's quality: what is predicted, and five figures of it. */
export function qualityRows({ quality }: LiveBlock): { readonly label: string; readonly cells: readonly string[] }[] {
  const { conflicts, dependent } = quality;
  return (
    [
      ['conflicting pairs', conflicts],
      ['dependent transactions', dependent],
    ] as const
  ).map(([label, confusion]) => ({
    label,
    cells: [
      formatShare(confusion.precision),
      formatShare(confusion.recall),
      formatScore(confusion.f1),
      String(confusion.falseNegatives),
      String(confusion.falsePositives),
    ],
  }));
}

/** What it calls, short enough for a table. */
export function describeCall(transaction: LiveTransaction | undefined): string {
  if (transaction === undefined) return '';
  if (transaction.to === null) return 'creates a contract';
  return transaction.selector === '0x'
    ? `pays ${shortHex(transaction.to)}`
    : `${shortHex(transaction.to)} ${transaction.selector}`;
}
