import type { HeaderCheck } from '../../types.js';
import { isVerified } from './aggregate.js';
import { formatFactor, formatNumber, renderTable } from '../table.js';
import { renderReorder, renderShards } from './render-reorder.js';
import { sumOf } from './statistics.js';
import type { ReplayBlock, ReplayDocument, ReplayRun, ReplaySummary } from './document.js';

/** The whole report for people: blocks, real runs, simulated runs, new orders, shards, troubles if any, one sentence. */
export function renderReplay(document: ReplayDocument): string {
  const parts = [renderBlocks(document.blocks), renderReal(document), renderSimulated(document)];
  parts.push(...renderBuilt(document.blocks));
  const troubles = renderTroubles(document);
  if (troubles !== '') parts.push(troubles);
  parts.push(renderSentence(document));
  return parts.filter((part) => part !== '').join('\n\n');
}

function renderBlocks(blocks: readonly ReplayBlock[]): string {
  if (blocks.length === 0) return '';
  const head = ['block', 'execution', 'checked', 'txs', 'Mgas', 'seq. ms', 'Mgas/s', 'dependent', 'bound'];
  return renderTable(head, blocks.map(renderBlock), 3);
}

function renderBlock(block: ReplayBlock): string[] {
  const measuredNs = block.execution === 'simulated' ? null : block.sequentialNs;
  const executedNs = block.execution === 'evm' ? block.sequentialNs : 0;
  return [
    `${block.number}`,
    block.execution === 'evm' ? (block.engine ?? '–') : block.execution,
    renderHeader(block.header),
    formatNumber(block.transactions),
    formatNumber(block.gasUsed / 1e6, 2),
    measuredNs === null ? '–' : formatNumber(measuredNs / 1e6, 1),
    executedNs === 0 ? '–' : formatNumber(block.gasUsed / (executedNs / 1e3), 1),
    formatNumber(block.dependentTransactions),
    block.criticalPathBound === null ? '–' : formatFactor(block.criticalPathBound),
  ];
}

function renderHeader(header: HeaderCheck): string {
  const names: [string, boolean | null][] = [
    ['gas', header.gasUsed],
    ['receipts', header.receiptsRoot],
    ['bloom', header.logsBloom],
  ];
  const failed = names.filter(([, ok]) => ok === false).map(([name]) => name);
  if (failed.length > 0) return `WRONG ${failed.join(' ')}`;
  const passed = names.filter(([, ok]) => ok === true).map(([name]) => name);
  return passed.length === 0 ? '–' : passed.join(' ');
}

const SPEEDUPS = ['min', 'median', 'max', 'total'] as const;

function renderReal({ blocks, summary }: ReplayDocument): string {
  const real = summary.filter((row) => !row.simulated);
  if (real.length === 0) return '';
  const kinds = new Set(blocks.map(({ execution }) => execution));
  const what = kinds.has('recorded') ? (kinds.has('evm') ? 'executed or recorded' : 'recorded') : 'executed';
  const inOrder = (row: ReplaySummary): string => {
    const runs = blocks.flatMap((block) => block.runs.filter((run) => isRunOf(row, run)));
    return formatNumber(runs.filter(({ inOrderFrom }) => inOrderFrom !== null).length);
  };
  const head = ['policy', 'threads', ...SPEEDUPS, 'executions/tx', ...CLOCK, 'ended in order', 'tx/s', 'verified'];
  const rows = real.map((row) => [
    ...renderSpeedups(row),
    ...renderClock(row),
    inOrder(row),
    row.transactionsPerSecond === null ? '–' : formatNumber(row.transactionsPerSecond),
    `${row.verified}/${row.blocks}`,
  ]);
  const table = renderTable(head, rows);
  return [`On threads of this machine (${what} transactions):`, table, ...renderAdaptive(blocks)].join('\n');
}

function renderSimulated({ summary }: ReplayDocument): string {
  const simulated = summary.filter((row) => row.simulated);
  if (simulated.length === 0) return '';
  const head = ['policy', 'workers', ...SPEEDUPS, 'error', 'executions/tx', ...CLOCK, 'verified'];
  const rows = simulated.map((row) => {
    const [policy = '', workers = '', ...cells] = renderSpeedups(row);
    const speedups = cells.slice(0, SPEEDUPS.length);
    const verified = `${row.verified}/${row.blocks}`;
    return [
      policy,
      workers,
      ...speedups,
      renderError(row),
      ...cells.slice(SPEEDUPS.length),
      ...renderClock(row),
      verified,
    ];
  });
  return `Simulated (error: how far the simulation was off on the threads of this machine, in the median):\n${renderTable(head, rows)}`;
}

/** What was made of blocks besides replaying them, as far as it was asked for. */
function renderBuilt(blocks: readonly ReplayBlock[]): string[] {
  const reordered = blocks.flatMap(({ number, reorder }) => (reorder === null ? [] : [{ number, reorder }]));
  const sharded = blocks.flatMap(({ number, shards }) => (shards === null ? [] : [{ number, shards }]));
  return [renderReorder(reordered), renderShards(sharded)];
}

function renderError({ simulationError }: ReplaySummary): string {
  return simulationError === null ? '–' : `±${formatNumber(100 * simulationError.medianShare)} %`;
}

const CLOCK = ['CPUs', 'plan µs/tx', 'of oracle gain'];

/** Processors in use, what prediction and plan took on the clock, and how much of the gain that is possible was had. */
function renderClock(row: ReplaySummary): string[] {
  const planNs = row.predictNsPerTransaction + row.planNsPerTransaction;
  return [
    formatNumber(row.processors, 2),
    planNs === 0 ? '–' : formatNumber(planNs / 1e3, 2),
    row.oracleGainShare === null ? '–' : `${formatNumber(100 * row.oracleGainShare)} %`,
  ];
}

/** How the adaptive policy ran blocks, and what it took off the clock. */
function renderAdaptive(blocks: readonly ReplayBlock[]): string[] {
  const runs = blocks.flatMap((block) => block.runs.filter(({ mode, simulated }) => mode !== null && !simulated));
  if (runs.length === 0) return [];
  const counted = (['sequential', 'optimistic', 'planned'] as const).map((mode) => {
    return `${mode} ${formatNumber(runs.filter((run) => run.mode === mode).length)}`;
  });
  const transactions = Math.max(1, sumOf(blocks.map((block) => block.transactions)));
  const perTransaction = (pick: (block: ReplayBlock) => number): string =>
    formatNumber(sumOf(blocks.map(pick)) / transactions / 1e3, 1);
  return [
    `The adaptive policy ran blocks ${counted.join(', ')}. Off the clock it took ` +
      `${perTransaction(({ arrivalNs }) => arrivalNs)} µs of processor time a transaction on arrival and ` +
      `${perTransaction(({ idleNs }) => idleNs)} µs between blocks.`,
  ];
}

function isRunOf(row: ReplaySummary, run: ReplayRun): boolean {
  const isSameMachine = run.simulated ? run.workers === row.workers : !row.simulated;
  return run.policy === row.policy && run.simulated === row.simulated && isSameMachine;
}

function renderSpeedups(row: ReplaySummary): string[] {
  return [
    row.policy,
    `${row.workers}`,
    formatFactor(row.speedup.min),
    formatFactor(row.speedup.p50),
    formatFactor(row.speedup.max),
    formatFactor(row.speedup.total),
    formatNumber(row.executionsPerTransaction, 2),
  ];
}

function renderTroubles(document: ReplayDocument): string {
  const unverified = document.blocks
    .filter((block) => !isVerified(block))
    .map((block) => `NOT VERIFIED: block ${block.number} (${block.origin})`);
  const leftOut = document.leftOut.map(({ message }) => `left out: ${message}`);
  return [...unverified, ...renderFallbacks(document.blocks), ...leftOut].join('\n');
}

function renderFallbacks(blocks: readonly ReplayBlock[]): string[] {
  const lines = { evm: 'executed on the reference instead', simulated: 'only simulated instead' } as const;
  return (['evm', 'simulated'] as const).flatMap((execution) => {
    const fallen = blocks.filter((block) => block.fallback !== null && block.execution === execution);
    const [first] = fallen;
    if (first === undefined) return [];
    const count = `${fallen.length} of ${blocks.length} blocks`;
    return [`${lines[execution]}: ${count}, the first because ${first.fallback ?? ''}`];
  });
}

function renderSentence(document: ReplayDocument): string {
  const { blocks, summary, criticalPathBound } = document;
  if (blocks.length === 0) return 'No block was replayed.';
  const verified = blocks.filter(isVerified).length;
  const transactions = blocks.reduce((total, block) => total + block.transactions, 0);
  const clauses = [
    `${formatNumber(transactions)} transactions in ${formatNumber(blocks.length)} ${blocks.length === 1 ? 'block' : 'blocks'}, ` +
      (verified === blocks.length ? 'every block verified' : `only ${verified} verified`),
    ...renderOutlook(summary),
  ];
  if (criticalPathBound !== null) {
    clauses.push(
      `the longest chains of dependent transactions allow ${formatFactor(criticalPathBound.mean)} on average`,
    );
  }
  return `${clauses.join('; ')}.`;
}

/** Compares policies on real workers, and at 8 simulated ones or at the largest number below. */
function renderOutlook(summary: readonly ReplaySummary[]): string[] {
  const parallel = summary.filter(({ policy }) => policy !== 'sequential');
  const counts = parallel.filter((row) => row.simulated && row.workers <= 8).map((row) => row.workers);
  const at = Math.max(0, ...counts);
  return [
    ...renderGains(
      parallel.filter((row) => !row.simulated),
      'threads',
    ),
    ...renderGains(
      parallel.filter((row) => row.simulated && row.workers === at),
      'simulated workers',
    ),
  ];
}

/** Of rows with the same number of workers. */
function renderGains(rows: readonly ReplaySummary[], what: string): string[] {
  const [first] = rows;
  if (first === undefined) return [];
  const gains = rows.map((row) => `${row.policy} ${formatFactor(row.speedup.total)}`).join(', ');
  return [`on ${first.workers} ${what}: ${gains}`];
}
