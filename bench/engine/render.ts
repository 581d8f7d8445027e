import { formatFactor, formatNumber, renderTable } from '../../cli/table.js';
import { renderPolicies } from '../policies/render.js';
import type {
  BenchDocument,
  MainnetRow,
  MainnetSummary,
  ParallelRow,
  PerCoreRow,
  Spread,
  TrackingRow,
} from './document.js';

/** The whole report for people. */
export function renderBench(document: BenchDocument): string {
  const { perCore, tracking, parallel, endToEnd, mainnet, policies } = document;
  const parts = [renderEnvironment(document)];
  if (perCore.length > 0) parts.push(section('Per core: one thread, nothing tracked', renderPerCore(perCore)));
  if (tracking.length > 0)
    parts.push(section('Cost of tracking: time against the straight run', renderTracking(tracking)));
  if (parallel.length > 0) parts.push(section('Parallel: speed-up over the straight run', renderParallel(parallel)));
  if (endToEnd !== null) parts.push(renderEndToEnd(endToEnd));
  if (mainnet !== null) parts.push(section('Mainnet blocks', renderMainnet(mainnet)));
  if (policies !== null) {
    const rendered = renderPolicies(policies, document.settings.policies);
    parts.push(...rendered.map(({ title, body }) => section(title, body)));
  }
  return [...parts, ...document.notices, renderVerdict(document)].join('\n\n');
}

function section(title: string, body: string): string {
  return `${title}\n${'-'.repeat(title.length)}\n${body}`;
}

function renderEnvironment({ environment, settings }: BenchDocument): string {
  const { cpu, cores, node, v8, memoryBytes, loadAverage } = environment;
  return [
    `${cores} cores of ${cpu}, ${formatNumber(memoryBytes / 2 ** 30)} GiB; Node ${node} (V8 ${v8})`,
    `load of the machine ${loadAverage.before.toFixed(1)} before, ${loadAverage.after.toFixed(1)} after`,
    `medians of ${settings.rounds} rounds after at least ${settings.warmUpRounds} of warm-up, ` +
      `the reference ${settings.referenceRounds}; seed ${settings.seed}`,
  ].join('\n');
}

function renderPerCore(rows: readonly PerCoreRow[]): string {
  const head = [
    'block',
    'txs',
    'tx/s',
    'best',
    'worst',
    'Mgas/s',
    'best',
    'worst',
    'ref. tx/s',
    'ref. Mgas/s',
    'ratio',
  ];
  return renderTable(
    head,
    rows.map(({ name, transactions, transactionsPerSecond, gasPerSecond, reference, ratio }) => [
      name,
      formatNumber(transactions),
      ...spreadOf(transactionsPerSecond, (value) => formatNumber(value)),
      ...spreadOf(gasPerSecond, formatMegagas),
      reference === null ? '–' : formatNumber(reference.transactionsPerSecond),
      reference === null ? '–' : formatMegagas(reference.gasPerSecond),
      formatRatio(ratio),
    ]),
  );
}

function renderTracking(rows: readonly TrackingRow[]): string {
  return renderTable(
    ['block', 'run', 'median', 'best', 'worst'],
    rows.map(({ name, variant, timeRatio }) => [name, variant, ...spreadOf(timeRatio, formatFactor)]),
    2,
  );
}

const PARALLEL_HEAD = ['workers', 'median', 'min', 'max', 'executions/tx', 'in order from', 'tx/s'];

function renderParallel(rows: readonly ParallelRow[]): string {
  return renderTable(
    ['block', 'kind', 'txs', ...PARALLEL_HEAD],
    rows.map((row) => [row.name, row.kind, formatNumber(row.transactions), ...parallelCells(row)]),
    2,
  );
}

function parallelCells({
  workers,
  speedup,
  executionsPerTransaction,
  transactionsPerSecond,
  inOrder,
}: ParallelRow): string[] {
  return [
    `${workers}`,
    formatFactor(speedup.median),
    formatFactor(speedup.worst),
    formatFactor(speedup.best),
    formatNumber(executionsPerTransaction, 2),
    inOrder === null ? '–' : `${formatNumber(inOrder.medianFrom)} (${inOrder.rounds} rounds)`,
    formatNumber(transactionsPerSecond),
  ];
}

function renderEndToEnd({ measured, rows }: NonNullable<BenchDocument['endToEnd']>): string {
  const { name, transactions, recovery } = measured;
  const title = `End to end: ${name}, ${formatNumber(transactions)} transactions, ${formatMegagas(measured.gasUsed)} Mgas`;
  const table = renderTable(
    ['step', 'ms', 'best', 'worst', 'µs/tx', 'tx/s'],
    rows.map(({ name: step, totalNs, nsPerTransaction, transactionsPerSecond }) => [
      step,
      ...spreadOf(totalNs, (timeNs) => formatNumber(timeNs / 1e6, 2)),
      formatNumber(nsPerTransaction / 1e3, 2),
      transactionsPerSecond === null ? '–' : formatNumber(transactionsPerSecond),
    ]),
  );
  const note = `Recovery: ${recovery.method}; ${recovery.signatures} signed transactions, scaled to the block.`;
  return section(title, `${table}\n${note}`);
}

function renderMainnet({ rows, ...summary }: MainnetSummary): string {
  const workers = rows[0]?.parallel.map((row) => row.workers) ?? [];
  const head = ['block', 'txs', 'Mgas', 'Mgas/s', 'best', 'worst', 'ref. Mgas/s', 'ratio'];
  const parallelHead = workers.flatMap((count) => [`×${count} workers`, 'min', 'max', 'exec./tx', 'in order from']);
  const table = renderTable([...head, ...parallelHead], rows.map(renderMainnetRow));
  const speedups = summary.speedups
    .map(({ workers: count, total }) => `, ${count} workers ${formatFactor(total)}`)
    .join('');
  const worst = summary.worst.map(({ figure, name, value }) => `${name} (${formatNumber(value, 2)} ${figure})`);
  return [
    table,
    `in total: ${summary.verifiedBlocks} of ${summary.blocks} blocks with transactions are verified: ${formatMegagas(summary.gasUsed)} Mgas, ` +
      `${formatMegagas(summary.gasPerSecond)} Mgas/s, ${formatRatio(summary.ratio)} the reference${speedups}`,
    `worst: ${worst.length === 0 ? 'none is verified' : worst.join('; ')}`,
  ].join('\n');
}

function renderMainnetRow({ name, transactions, gasUsed, straight, reference, ratio, parallel }: MainnetRow): string[] {
  return [
    name,
    formatNumber(transactions),
    formatNumber(gasUsed / 1e6, 2),
    ...spreadOf(straight, formatMegagas),
    reference === null ? '–' : formatMegagas(reference),
    formatRatio(ratio),
    ...parallel.flatMap((row) => parallelCells(row).slice(1, -1)),
  ];
}

function renderVerdict({ failures }: BenchDocument): string {
  if (failures.length === 0) {
    return 'Every measured run was verified: receipts, logs, blooms, roots and post-state equal the reference.';
  }
  const lines = failures.map(({ block, variant, problem, times }) => {
    const often = times === 1 ? '' : ` (${times} times)`;
    return `NOT VERIFIED, its times mean nothing: ${block}, ${variant}: ${problem}${often}`;
  });
  return lines.join('\n');
}

function spreadOf({ median, best, worst }: Spread, format: (value: number) => string): string[] {
  return [format(median), format(best), format(worst)];
}

function formatMegagas(gas: number): string {
  return formatNumber(gas / 1e6, gas < 1e8 ? 1 : 0);
}

function formatRatio(ratio: number | null): string {
  return ratio === null ? '–' : `${formatNumber(ratio, 1)}×`;
}
