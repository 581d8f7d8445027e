import { readAccessLists } from '../../datasets/access-lists/read-access-lists.js';
import type { BlockAccessList, Numbering } from '../../datasets/access-lists/access-list.js';
import {
  accessListStats,
  compareWithRecord,
  type AccessListComparison,
  type AccessListStats,
} from '../../datasets/access-lists/statistics.js';
import { LanecastError } from '../../errors.js';
import { recordOf } from '../record-of.js';
import { soundBlocks } from '../source.js';
import { formatCount, formatNumber, renderTable } from '../table.js';
import { startProgress } from '../terminal.js';
import type { Tools } from '../tools.js';

/** What `lanecast stats LISTS --json` prints. */
export interface AccessListsDocument {
  readonly schema: 'lanecast.access-lists/1';
  readonly lists: readonly AccessListStats[];
  /** Of the lists whose block `--against` has; null without it. */
  readonly comparisons: readonly AccessListComparison[] | null;
}

interface Options {
  readonly numbering: Numbering | null;
  /** A source with the same blocks. */
  readonly against: string | null;
}

export async function accessListsDocument(path: string, options: Options, tools: Tools): Promise<AccessListsDocument> {
  const progress = startProgress('reading');
  const lists: BlockAccessList[] = [];
  const stats: AccessListStats[] = [];
  try {
    for await (const list of readAccessLists(path, options.numbering)) {
      stats.push(accessListStats(list));
      if (options.against !== null) lists.push(list);
      progress.update(stats.length, null);
    }
    const comparisons = options.against === null ? null : await compareAll(lists, options.against, tools);
    return { schema: 'lanecast.access-lists/1', lists: stats, comparisons };
  } finally {
    progress.stop();
  }
}

async function compareAll(
  lists: readonly BlockAccessList[],
  source: string,
  tools: Tools,
): Promise<AccessListComparison[]> {
  const byNumber = new Map(lists.map((list) => [list.blockNumber, list]));
  const comparisons: AccessListComparison[] = [];
  for await (const block of soundBlocks(source, {}, tools)) {
    const list = byNumber.get(block.header.number);
    if (list !== undefined) comparisons.push(compareWithRecord(list, await recordOf(block, tools.executor)));
  }
  if (comparisons.length > 0) return comparisons;
  throw new LanecastError(
    'INVALID_INPUT',
    `${source}: has none of the blocks of the access lists, which are told by the numbers that their files are named after.`,
  );
}

/** Whether every list that was compared says what its block says. */
export function allAgree({ comparisons }: AccessListsDocument): boolean {
  return (comparisons ?? []).every(
    ({ otherValue, onlyInList, onlyInBlock, readsNotInList }) =>
      otherValue + onlyInList + onlyInBlock + readsNotInList === 0,
  );
}

export function renderAccessLists({ lists, comparisons }: AccessListsDocument): string {
  const head = [
    'block',
    'numbering',
    'accounts',
    'slots changed',
    'writes',
    'slots read',
    'txs',
    'pairs ≥',
    'dependent ≥',
    'chain ≥',
  ];
  const rows = lists.map((list) => [
    list.blockNumber === null ? list.origin : `${list.blockNumber}`,
    list.numbering,
    ...[
      list.accounts,
      list.changedSlots,
      list.slotWrites,
      list.readSlots,
      list.transactions,
      list.conflictPairsAtLeast,
      list.dependentTransactionsAtLeast,
      list.longestChainAtLeast,
    ].map((count) => formatNumber(count)),
  ]);
  return [renderTable(head, rows, 2), ...(comparisons === null ? [] : ['', renderComparisons(comparisons)])].join('\n');
}

function renderComparisons(comparisons: readonly AccessListComparison[]): string {
  const head = ['compared', 'txs', 'same writes', 'other value', 'only in list', 'only in block', 'reads not in list'];
  const rows = comparisons.map((block) => [
    `${block.blockNumber}`,
    ...[
      block.transactions,
      block.same,
      block.otherValue,
      block.onlyInList,
      block.onlyInBlock,
      block.readsNotInList,
    ].map((count) => formatNumber(count)),
  ]);
  return `${formatCount(comparisons.length, 'block')} compared with their access lists:\n${renderTable(head, rows)}`;
}
