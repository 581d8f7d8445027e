import { formatNumber, formatShare, renderTable } from '../../cli/table.js';
import { medianOf } from '../engine/spread.js';
import { inMebibytes } from '../soak/memory.js';
import type { BlockMeasurement, PhaseTimes } from './measure.js';
import type { EvidenceMemory } from './memory.js';

const PHASES: readonly (readonly [name: string, phase: keyof PhaseTimes])[] = [
  ['on arrival', 'arrivalNs'],
  ['  decoding', 'decodeNs'],
  ['  candidate keys', 'candidatesNs'],
  ['  networks for keys, copies', 'accessNetworksNs'],
  ['  gas', 'gasNs'],
  ['for the block', 'blockNs'],
  ['  candidate pairs, features', 'pairsNs'],
  ['  network for pairs, layout', 'pairNetworkNs'],
  ['total', 'totalNs'],
  ['total, first after learning', 'firstNs'],
];

export function renderMeasurements(blocks: readonly BlockMeasurement[]): string {
  const rows = PHASES.map(([name, phase]) => {
    const values = blocks.map(({ times }) => times[phase] / 1000);
    const figures = [Math.min(...values), medianOf(values), Math.max(...values)];
    return [name, ...figures.map((value) => formatNumber(value, 2))];
  });
  const blockMs = blocks.map(({ times, transactions }) => (times.blockNs * transactions) / 1e6);
  const totalMs = blocks.map(({ times, transactions }) => (times.totalNs * transactions) / 1e6);
  const learnMs = blocks.map(({ learnNs }) => learnNs / 1e6);
  return [
    `${blocks.length} blocks, median ${formatNumber(medianOf(blocks.map(({ transactions }) => transactions)))} transactions; ` +
      `medians of ${blocks[0]?.predictions ?? 0} predictions each`,
    renderTable(['µs a transaction', 'least', 'median', 'most'], rows),
    `a block: ${spread(blockMs)} ms without and ${spread(totalMs)} ms with arrival; learning it: ${spread(learnMs)} ms`,
    `networks spared at the first prediction: keys ${shares(blocks.map(({ accessHits }) => accessHits))}, ` +
      `pairs ${shares(blocks.map(({ conflictHits }) => conflictHits))}`,
  ].join('\n');
}

export function renderMemory({ functions, heapBytes, arrayBytes, estimatedBytes, learnNs }: EvidenceMemory): string {
  return (
    `statistics of ${formatNumber(functions)} functions: objects ${inMebibytes(heapBytes)}, arrays ${inMebibytes(arrayBytes)}, ` +
    `together ${inMebibytes(heapBytes + arrayBytes)} MiB (own estimate ${inMebibytes(estimatedBytes)}); ` +
    `learned in ${formatNumber(learnNs / 1e9, 1)} s`
  );
}

function spread(values: readonly number[]): string {
  return `${formatNumber(medianOf(values), 2)} (${[Math.min(...values), Math.max(...values)].map((value) => formatNumber(value, 2)).join(' to ')})`;
}

function shares(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? 'none asked' : formatShare(medianOf(known));
}
