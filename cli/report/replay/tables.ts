import type { HeaderCheck } from '../../../types.js';
import { isVerified } from '../../replay/aggregate.js';
import type { ReplayBlock, ReplayDocument, ReplayRun, ReplaySummary } from '../../replay/document.js';
import { formatCount, formatFactor, formatNumber, formatShare } from '../../table.js';
import { colourOfPolicy } from '../colours.js';
import { markup, type Content, type Markup } from '../markup.js';
import { figure, table, type Column, type Row } from '../parts.js';

const SPEEDUPS: readonly Column[] = [
  { name: 'speed-up, all blocks' },
  { name: 'least' },
  { name: 'median' },
  { name: 'most' },
];
const WORK: readonly Column[] = [
  { name: 'of the oracle’s gain' },
  { name: 'executions per tx' },
  { name: 'processors in use' },
  { name: 'prediction, µs per tx' },
  { name: 'plan, µs per tx' },
];

/** Policies on real threads. */
export function realTable({ summary }: ReplayDocument): Markup | null {
  return table({
    columns: [
      { name: 'policy', isText: true },
      { name: 'threads' },
      ...SPEEDUPS,
      ...WORK,
      { name: 'tx/s' },
      { name: 'verified' },
    ],
    rows: summary
      .filter(({ simulated }) => !simulated)
      .map((row) => ({
        cells: [
          ...machineCells(row),
          ...speedupCells(row),
          ...workCells(row),
          figure(row.transactionsPerSecond, formatNumber),
          verifiedCell(row),
        ],
        isOwn: row.policy === 'adaptive',
      })),
  });
}

/** Policies on simulated workers. */
export function simulatedTable({ summary }: ReplayDocument): Markup | null {
  const columns: Column[] = [{ name: 'policy', isText: true }, { name: 'workers' }, ...SPEEDUPS];
  return table({
    columns: [...columns, { name: 'typical error' }, ...WORK, { name: 'verified' }],
    rows: summary
      .filter(({ simulated }) => simulated)
      .map((row) => ({
        cells: [
          ...machineCells(row),
          ...speedupCells(row),
          figure(row.simulationError?.medianShare, (share) => `±${formatNumber(100 * share)} %`),
          ...workCells(row),
          verifiedCell(row),
        ],
        isOwn: row.policy === 'adaptive',
      })),
  });
}

function machineCells({ policy, workers }: ReplaySummary): Content[] {
  return [policyName(policy), figure(workers, formatNumber)];
}

function policyName(policy: string): Markup {
  return markup`<span class="swatch" style="background: ${colourOfPolicy(policy)}"></span>${policy}`;
}

function speedupCells({ speedup: { total, min, p50, max } }: ReplaySummary): Content[] {
  return [total, min, p50, max].map((value) => figure(value, formatFactor));
}

function workCells(row: ReplaySummary): Content[] {
  const { predictNsPerTransaction, planNsPerTransaction } = row;
  return [
    figure(row.oracleGainShare, (share) => `${formatNumber(100 * share)} %`),
    figure(row.executionsPerTransaction, (count) => formatNumber(count, 2)),
    figure(row.processors, (count) => formatNumber(count, 2)),
    ...[predictNsPerTransaction, planNsPerTransaction].map((ns) => figure(ns === 0 ? null : ns, formatUs)),
  ];
}

function verifiedCell({ verified, blocks }: ReplaySummary): Markup {
  const shown = markup`${figure(verified, formatNumber)} of ${figure(blocks, formatNumber)}`;
  return verified === blocks ? shown : markup`<span class="wrong">${shown}</span>`;
}

function formatUs(ns: number): string {
  return formatNumber(ns / 1e3, 2);
}

/** A row a block; real runs by policy, else those on the simulated machine that the charts show. */
export function blockTable(document: ReplayDocument): Markup | null {
  const shown = shownMachine(document);
  const policies = [...new Set(document.summary.map(({ policy }) => policy))].filter(
    (policy) => policy !== 'sequential',
  );
  return table({
    columns: [
      { name: 'block', isText: true },
      { name: 'execution', isText: true },
      { name: 'header checked', isText: true },
      { name: 'txs' },
      { name: 'Mgas' },
      { name: 'sequential, ms' },
      { name: 'dependent txs' },
      { name: 'conflicting pairs' },
      { name: 'bound' },
      ...policies.map((policy) => ({ name: policy })),
    ],
    rows: document.blocks.map((block) => blockRow(block, policies, shown)),
    isLong: true,
  });
}

/** Which runs the table of blocks shows: null for the real ones. */
export function shownMachine({ summary }: ReplayDocument): number | null {
  const parallel = summary.filter(({ policy }) => policy !== 'sequential');
  if (parallel.some(({ simulated }) => !simulated)) return null;
  const counts = parallel.map(({ workers }) => workers);
  return Math.max(...counts.filter((count) => count <= 8), Math.min(...counts));
}

function blockRow(block: ReplayBlock, policies: readonly string[], shown: number | null): Row {
  const isOf = ({ simulated, workers }: ReplayRun): boolean =>
    shown === null ? !simulated : simulated && workers === shown;
  const runs = policies.map((policy) => block.runs.find((run) => run.policy === policy && isOf(run)));
  return {
    cells: [
      isVerified(block) ? block.number : markup`<span class="wrong">${block.number}</span>`,
      block.execution === 'evm' ? (block.engine ?? '–') : block.execution,
      headerCell(block.header),
      figure(block.transactions, formatNumber),
      figure(block.gasUsed, (gas) => formatNumber(gas / 1e6, 2)),
      figure(block.execution === 'simulated' ? null : block.sequentialNs, (ns) => formatNumber(ns / 1e6, 2)),
      figure(block.dependentTransactions, formatNumber),
      figure(block.conflictPairs, formatNumber),
      figure(block.criticalPathBound, formatFactor),
      ...runs.map(runCell),
    ],
  };
}

function runCell(run: ReplayRun | undefined): Content {
  const shown = figure(run?.speedup, formatFactor);
  return run?.verified === false ? markup`<span class="wrong">${shown} not verified</span>` : shown;
}

const CHECKS = { gasUsed: 'gas', receiptsRoot: 'receipts', logsBloom: 'bloom' } as const;
const CHECK_FIELDS = ['gasUsed', 'receiptsRoot', 'logsBloom'] as const;

function headerCell(header: HeaderCheck): Content {
  const of = (outcome: boolean): string =>
    CHECK_FIELDS.filter((field) => header[field] === outcome)
      .map((field) => CHECKS[field])
      .join(', ');
  const failed = of(false);
  if (failed !== '') return markup`<span class="wrong">wrong: ${failed}</span>`;
  const passed = of(true);
  return passed === '' ? '–' : passed;
}

/** What is wrong with blocks, in sentences. */
export function problemsOf({ blocks, leftOut }: ReplayDocument): string[] {
  const wrong = blocks.filter((block) => !isVerified(block)).map(describeWrong);
  return [...wrong, ...leftOut.map(({ message }) => `Left out: ${message}`)];
}

function describeWrong(block: ReplayBlock): string {
  const { number, header, sequentialVerified, runs, reorder, shards } = block;
  const fields = CHECK_FIELDS.filter((field) => header[field] === false).map(
    (field) => `${CHECKS[field]} of the header`,
  );
  const wrongRuns = runs
    .filter(({ verified }) => !verified)
    .map(
      ({ policy, workers, simulated }) =>
        `${policy} on ${formatCount(workers, simulated ? 'simulated worker' : 'thread')}`,
    );
  const parts = [
    ...fields,
    ...(sequentialVerified ? [] : ['the sequential run']),
    ...wrongRuns,
    ...(reorder?.execution?.verified === false ? ['the new order'] : []),
    ...(shards?.verified === false ? ['the run on shards'] : []),
  ];
  return `Block ${number} (${block.origin}): ${parts.join('; ')}.`;
}

/** New orders and shards, as far as they were asked for. */
export function builtTables({ blocks }: ReplayDocument): Content {
  const reordered = blocks.flatMap(({ number, reorder }) => (reorder === null ? [] : [{ number, reorder }]));
  const sharded = blocks.flatMap(({ number, shards }) => (shards === null ? [] : [{ number, shards }]));
  const orders = table({
    columns: [
      'block',
      'moved',
      'predicted, given order',
      'new order',
      'ms given, parallel',
      'ms new, parallel',
      'outcomes changed',
    ].map((name) => ({ name })),
    rows: reordered.map(({ number, reorder: { moved, predicted, execution } }) => ({
      cells: [
        number,
        figure(moved, formatNumber),
        figure(predicted.makespanBeforeCost, formatNumber),
        figure(predicted.makespanAfterCost, formatNumber),
        figure(execution?.given.parallelNs, (ns) => formatNumber(ns / 1e6, 2)),
        figure(execution?.reordered.parallelNs, (ns) => formatNumber(ns / 1e6, 2)),
        figure(execution?.outcomesChanged, formatNumber),
      ],
    })),
    isLong: true,
  });
  const shards = table({
    columns: ['block', 'shards', 'cross-shard txs', 'their share', 'imbalance', 'speed-up'].map((name) => ({ name })),
    rows: sharded.map(({ number, shards: row }) => ({
      cells: [
        number,
        figure(row.shards, formatNumber),
        figure(row.crossShard, formatNumber),
        figure(row.crossShardShare, formatShare),
        figure(row.imbalance, (value) => formatNumber(value, 2)),
        figure(row.speedup, formatFactor),
      ],
    })),
    isLong: true,
  });
  return [
    orders === null ? null : markup`<h3>New orders</h3>${orders}`,
    shards === null ? null : markup`<h3>Shards, by predicted accesses</h3>${shards}`,
  ];
}
