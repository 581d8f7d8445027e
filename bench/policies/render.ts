import { formatFactor, formatNumber, formatShare } from '../../cli/table.js';
import { POLICIES } from '../../scheduler/policy.js';
import type {
  CorruptionRow,
  GroupReport,
  MedianInterval,
  MixedRow,
  PairRow,
  PoliciesReport,
  PolicyRow,
  PolicySettings,
} from './document.js';
import { markdownTable } from './markdown.js';

export interface RenderedPart {
  readonly title: string;
  readonly body: string;
}

const NONE = '–';

/** The section `policies` for people, in tables of Markdown. */
export function renderPolicies(
  { groups, mixed, pairs, corruption }: PoliciesReport,
  { repeats }: PolicySettings,
): RenderedPart[] {
  const parts = groups.map(renderGroup);
  if (groups.length > 0) {
    const note = `Over sequential execution, prediction and plan included. Of each block the median of ${repeats} timed runs.`;
    parts.unshift({ title: 'Policies: speed-up in total', body: `${note}\n\n${renderOverview(groups)}` });
  }
  if (mixed.length > 0) parts.push({ title: 'Policies: the mixed trace, total time', body: renderMixed(mixed) });
  if (pairs.length > 0) parts.push({ title: 'Policies: one block in pairs', body: renderPairs(pairs) });
  if (corruption.length > 0) parts.push({ title: 'Policies: wrong hints', body: renderCorruption(corruption) });
  return parts;
}

/** Groups by machine, a column each policy. Sequential execution, on one thread, is 1. */
function renderOverview(groups: readonly GroupReport[]): string {
  const policies = POLICIES.filter((policy) => policy !== 'sequential');
  const rows = groups.flatMap(({ name, rows: all }) =>
    [...new Set(all.filter(({ policy }) => policy !== 'sequential').map(machineOf))].map((machine) => [
      ...[name, machine],
      ...policies.map((policy) => {
        const row = all.find((other) => other.policy === policy && machineOf(other) === machine);
        return row === undefined ? NONE : formatFactor(row.speedup.total);
      }),
    ]),
  );
  return markdownTable(['group', 'machine', ...policies], rows, 2);
}

function machineOf({ simulated, workers }: Pick<PolicyRow, 'simulated' | 'workers'>): string {
  return simulated ? `${workers} simulated` : 'threads';
}

/** Threads first. Rows of one machine keep their order. */
function byMachine(a: PolicyRow, b: PolicyRow): number {
  return (a.simulated ? a.workers : 0) - (b.simulated ? b.workers : 0);
}

const GROUP_HEAD = [
  ...['machine', 'policy', 'workers', 'min', 'median', 'max', 'total', 'executions/tx', 're-executions avoided'],
  ...['processor time wasted', 'of oracle gain', 'of its runs alone', 'predict + plan, µs/tx', 'simulation error'],
  'verified',
];

function renderGroup({ name, note, rows, offClock, ...counts }: GroupReport): RenderedPart {
  const { arrivalNsPerTransaction, idleNsPerTransaction } = offClock;
  const body = [
    `${note} ${formatNumber(counts.blocks)} blocks, ${formatNumber(counts.transactions)} transactions; ` +
      `${formatNumber(counts.verifiedBlocks)} verified.`,
    markdownTable(GROUP_HEAD, [...rows].sort(byMachine).map(groupCells), 2),
    `Off the clock, for all machines together: ${formatMicros(arrivalNsPerTransaction)} µs a transaction when it arrives, ` +
      `${formatMicros(idleNsPerTransaction)} µs between blocks.`,
  ];
  return { title: `Policies: ${name}`, body: body.join('\n\n') };
}

function groupCells(row: PolicyRow): string[] {
  const { min, p50, max, total } = row.speedup;
  const onClockNs = row.predictNsPerTransaction + row.planNsPerTransaction;
  return [
    ...[machineOf(row), row.policy, `${row.workers}`],
    ...[min, p50, max, total].map(formatFactor),
    formatNumber(row.executionsPerTransaction, 2),
    ...[row.reExecutionsAvoided, row.wastedProcessorShare, row.oracleGainShare, row.oracleGainShareOfRuns].map(shareOr),
    onClockNs === 0 ? NONE : formatMicros(onClockNs),
    row.simulationError === null ? NONE : `±${formatShare(row.simulationError.medianShare)}`,
    `${row.verified}/${row.blocks}`,
  ];
}

function renderMixed(rows: readonly MixedRow[]): string {
  return markdownTable(
    ['machine', 'policy', 'workers', 'total ms', 'adaptive by this'],
    rows.map(({ simulated, machineWorkers, policy, workers, totalNs, adaptiveRatio }) => [
      machineOf({ simulated, workers: machineWorkers }),
      ...[policy, `${workers}`, formatNumber(totalNs / 1e6, 2), formatNumber(adaptiveRatio, 3)],
    ]),
    2,
  );
}

function renderPairs(rows: readonly PairRow[]): string {
  const table = markdownTable(
    [
      'profile',
      'case',
      'adaptive chose',
      'rival',
      'txs',
      'time ratio',
      'interval',
      'pairs',
      'CPUs',
      'of rival',
      'verified',
    ],
    rows.map((row) => [
      ...[row.profile, row.pairCase, row.mode, row.isBestRival ? `${row.rival}, the better` : row.rival],
      ...[formatNumber(row.transactions), formatNumber(row.timeRatio.median, 3), intervalOf(row.timeRatio)],
      ...[`${row.timeRatio.count}`, formatNumber(row.adaptiveProcessors, 2), formatNumber(row.rivalProcessors, 2)],
      row.verified ? 'yes' : 'NO',
    ]),
    4,
  );
  const note =
    'Time of the adaptive policy by that of the rival in the same round, prediction and plan included; the interval holds the ' +
    'median with at least 95 %, by order statistics.';
  return `${note}\n\n${table}`;
}

function intervalOf({ interval }: MedianInterval): string {
  return interval === null ? NONE : `${formatNumber(interval.low, 3)} to ${formatNumber(interval.high, 3)}`;
}

function renderCorruption(rows: readonly CorruptionRow[]): string {
  return markdownTable(
    ['group', 'machine', 'wrong', 'time by the better of sequential and optimistic', 'gain kept', 'verified'],
    rows.map(({ group, percent, timeRatio, keptGainShare, blocks, verifiedBlocks, ...machine }) => [
      ...[group, machineOf(machine), `${percent} %`, formatNumber(timeRatio, 3), shareOr(keptGainShare)],
      `${verifiedBlocks}/${blocks}`,
    ]),
    2,
  );
}

function shareOr(share: number | null): string {
  return share === null ? NONE : formatShare(share);
}

function formatMicros(timeNs: number): string {
  return formatNumber(timeNs / 1e3, 2);
}
