import type { PendingBlock } from './predictor.js';

/** Of a block at most so many transactions are looked at, evenly spread, so that looking costs microseconds. */
const SAMPLE = 48;
/** A contract that is called by this share of the transactions or more gives the kind of the block its name. */
const DOMINANT_CONTRACT = 0.4;
/** A sender of this share or more makes a kind of its own. */
const DOMINANT_SENDER = 0.2;

/** What a look at a pending block tells, before anything is predicted. */
export interface BlockFeatures {
  readonly transactions: number;
  /** Shares of the sample, 0 to 1. */
  readonly callShare: number;
  readonly senderShare: number;
  readonly contractShare: number;
  /** Blocks of one kind probably behave alike. */
  readonly kind: string;
  /** The same without their size and the share of calls. */
  readonly wideKind: string;
}

/**
 * Looks at a sample of the transactions: how many call something, and how far one sender or contract dominates. Costs the same
 * for a block of any size.
 */
export function describeBlock({ transactions }: PendingBlock): BlockFeatures {
  const step = Math.max(1, transactions.length / SAMPLE);
  const [senders, contracts] = [new Map<string, number>(), new Map<string, number>()];
  let [seen, calls] = [0, 0];
  for (let position = 0; position < transactions.length; position += step) {
    const transaction = transactions[Math.floor(position)];
    if (transaction === undefined) continue;
    seen += 1;
    const { from, to, input } = transaction;
    count(senders, from);
    if (to !== null && input.length <= 2) continue;
    calls += 1;
    if (to !== null) count(contracts, to);
  }
  const [, mostSent] = most(senders);
  const [contract, mostCalled] = most(contracts);
  const shares = {
    callShare: share(calls, seen),
    senderShare: share(mostSent, seen),
    contractShare: share(mostCalled, seen),
  };
  const wideKind = wideKindOf(shares, contract);
  const kind = `${sizeOf(transactions.length)}/${Math.round(shares.callShare * 2)}/${wideKind}`;
  return { transactions: transactions.length, ...shares, kind, wideKind };
}

type Shares = Pick<BlockFeatures, 'callShare' | 'senderShare' | 'contractShare'>;

/** Equal for numbers that differ by less than a factor of four, or two of them. */
function sizeOf(transactions: number): number {
  return Math.round(Math.log2(transactions + 1) / 2);
}

function wideKindOf({ senderShare, contractShare }: Shares, contract: string): string {
  const repeated = senderShare >= DOMINANT_SENDER ? Math.round(senderShare * 3) : 0;
  return `${repeated}/${contractShare >= DOMINANT_CONTRACT ? contract : ''}`;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function most(counts: ReadonlyMap<string, number>): [string, number] {
  let [name, times] = ['', 0];
  for (const [other, count] of counts) if (count > times) [name, times] = [other, count];
  return [name, times];
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
