import type { PendingBlock } from './predictor.js';

/** Of a block at most so many transactions are looked at, evenly spread, so that looking costs microseconds. */
const SAMPLE = 24;
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
  const [senders, contracts]: [string[], string[]] = [[], []];
  let calls = 0;
  for (let position = 0; position < transactions.length; position += step) {
    const transaction = transactions[Math.floor(position)];
    if (transaction === undefined) continue;
    const { from, to, input } = transaction;
    senders.push(from);
    if (to !== null && input.length <= 2) continue;
    calls += 1;
    if (to !== null) contracts.push(to);
  }
  const seen = senders.length;
  const [, mostSent] = mostFrequent(senders);
  const [contract, mostCalled] = mostFrequent(contracts);
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

/** Of so few names it is quicker to compare them than to hash them. */
function mostFrequent(names: readonly string[]): [name: string, times: number] {
  let [most, times] = ['', 0];
  for (let first = 0; first < names.length - times; first++) {
    const name = names[first] ?? '';
    let count = 1;
    for (let other = first + 1; other < names.length; other++) if (names[other] === name) count += 1;
    if (count > times) [most, times] = [name, count];
  }
  return [most, times];
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
