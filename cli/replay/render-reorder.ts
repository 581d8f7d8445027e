import { formatFactor, formatNumber, formatShare, renderTable } from '../table.js';
import type { ReplayReorder, ReplayShards } from './reorder-document.js';
import { speedup } from './statistics.js';

export interface ReorderedBlock {
  readonly number: number;
  readonly reorder: ReplayReorder;
}

export interface ShardedBlock {
  readonly number: number;
  readonly shards: ReplayShards;
}

const ORDER_HEAD = ['block', 'moved', 'positions', 'farthest', 'fee inversions', 'pinned', 'predicted', 'at most'];
const RUN_HEAD = ['in order', 'parallel', 'fees', 'outcomes changed', 'verified'];

/** A table of new orders; nothing without any. Factors are times of the given order over those of the new one. */
export function renderReorder(blocks: readonly ReorderedBlock[]): string {
  const [first] = blocks;
  if (first === undefined) return '';
  const { feeTolerance, workers } = first.reorder;
  const title = `New orders (fee tolerance ${formatShare(feeTolerance)}, ${workers} workers; headers do not apply to them)`;
  const rows = blocks.map(({ number, reorder }) => [`${number}`, ...orderCells(reorder), ...runCells(reorder)]);
  return [`${title}:`, renderTable([...ORDER_HEAD, ...RUN_HEAD], rows), ...renderFallbacks(blocks)].join('\n');
}

function orderCells(reorder: ReplayReorder): string[] {
  const { makespanBeforeCost, makespanAfterCost, leastMakespanCost } = reorder.predicted;
  return [
    formatNumber(reorder.moved),
    formatNumber(reorder.positionsMoved),
    formatNumber(reorder.largestDisplacement),
    `${formatNumber(reorder.feeInversionsBefore)} → ${formatNumber(reorder.feeInversionsAfter)}`,
    formatNumber(reorder.pinned.length),
    formatFactor(speedup(makespanBeforeCost, makespanAfterCost)),
    formatFactor(speedup(makespanBeforeCost, leastMakespanCost)),
  ];
}

/** Where nothing moved both orders are one, and whatever their times differ by is chance. */
function runCells({ execution, moved }: ReplayReorder): string[] {
  if (execution === null) return RUN_HEAD.map(() => '–');
  const { given, reordered, outcomesChanged, verified } = execution;
  const gain = (beforeNs: number, afterNs: number): string =>
    moved === 0 ? '–' : formatFactor(speedup(beforeNs, afterNs));
  return [
    gain(given.sequentialNs, reordered.sequentialNs),
    gain(given.parallelNs, reordered.parallelNs),
    formatChange(BigInt(given.feesWei), BigInt(reordered.feesWei)),
    formatNumber(outcomesChanged),
    verified ? 'yes' : 'NO',
  ];
}

function formatChange(before: bigint, after: bigint): string {
  if (before === 0n) return after === 0n ? '0.00 %' : '–';
  const percent = (Number(after - before) / Number(before)) * 100;
  return `${percent > 0 ? '+' : ''}${percent.toFixed(2)} %`;
}

function renderFallbacks(blocks: readonly ReorderedBlock[]): string[] {
  const kept = blocks.filter(({ reorder }) => reorder.fellBack).map(({ number }) => `${number}`);
  return kept.length === 0
    ? []
    : [`kept in the given order, because no new one that was tried is valid: ${kept.join(', ')}`];
}

const SHARD_HEAD = [
  'block',
  'cross-shard',
  'share',
  'imbalance',
  'largest component',
  'speed-up',
  'records',
  'verified',
];

/** A table of blocks on shards; nothing without any. */
export function renderShards(blocks: readonly ShardedBlock[]): string {
  const [first] = blocks;
  if (first === undefined) return '';
  const { shards, balanceBound } = first.shards;
  const rows = blocks.map(({ number, shards: sharded }) => [
    `${number}`,
    formatNumber(sharded.crossShard),
    formatShare(sharded.crossShardShare),
    `${formatNumber(sharded.imbalance, 2)}${sharded.isWithinBound ? '' : ' over bound'}`,
    formatShare(sharded.largestComponentShare),
    formatFactor(sharded.speedup),
    formatNumber(sharded.recordsCommitted),
    sharded.verified ? 'yes' : 'NO',
  ]);
  const title = `Simulated on ${shards} shards, by predicted accesses (at most ${formatShare(balanceBound)} above an equal share)`;
  return `${title}:\n${renderTable(SHARD_HEAD, rows)}`;
}
