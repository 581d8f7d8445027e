import type { ClassificationScores } from '../../model/evaluation/classification.js';
import type { EvaluateDocument, Judged } from '../../model/evaluation/document.js';
import type { CauseCounts } from '../../model/evaluation/errors.js';
import type { BinaryScores } from '../../model/evaluation/metrics.js';
import type { PreExecutionReport } from '../../model/evaluation/pre-execution.js';
import type { QuantityScores } from '../../model/evaluation/quantity.js';
import { formatCount, formatNumber, renderTable } from '../table.js';
import type { EvaluateReport, ModelSummary, NetworkPart } from './document.js';

/** The whole report for people: what was judged, scores by question, then where the model errs. */
export function renderEvaluation(report: EvaluateReport): string {
  const parts = [
    renderScope(report),
    renderClassification('Conflicts', report.conflicts),
    renderClassification('Conflicts, accounts counted too', report.conflictsWithAccounts),
    renderPerTransaction(report.perTransaction),
    renderClassification('Storage slots that a transaction accesses', report.accesses),
    renderClassification('Storage slots that it writes', report.writes),
    renderQuantity('Gas used', 'gas', report.gas),
    report.executionNs === null ? '' : renderQuantity('Execution time', 'ns', report.executionNs),
    renderKinds(report),
    renderBlocks(report),
    renderReliability(report),
    renderErrors(report),
    report.preExecution === null ? '' : renderPreExecution(report.preExecution),
    renderModel(report.model),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function renderScope(report: EvaluateReport): string {
  const { trainingBlocks, trainUntil, blocks, transactions, conflictPairs, dependentTransactions, online } = report;
  const learning = online ? 'each learned after it was judged' : 'none of them learned';
  return (
    `${formatCount(trainingBlocks, 'block')} learned, up to ${trainUntil}; ${formatCount(blocks, 'later block')} judged, ` +
    `${learning}: ${formatCount(transactions, 'transaction')}, ${formatNumber(dependentTransactions)} of them dependent, ` +
    `${formatCount(conflictPairs, 'conflicting pair')}.`
  );
}

/** The model first. Nothing where nobody predicts such a thing. */
function rowsOf<Scores>(
  { model, baselines }: Judged<Scores>,
  cells: (scores: Scores) => readonly string[],
): string[][] {
  const named = [...(model === null ? [] : [['model', model] as const]), ...Object.entries(baselines)];
  return named.map(([name, scores]) => [name, ...cells(scores)]);
}

function section(title: string, head: readonly string[], rows: readonly (readonly string[])[], left = 1): string {
  return rows.length === 0 ? '' : `${title}:\n${renderTable(head, rows, left)}`;
}

const BINARY_HEAD = ['precision', 'recall', 'F1'];

function binaryCells(scores: Pick<BinaryScores, 'precision' | 'recall' | 'f1'> | null): string[] {
  return [scores?.precision, scores?.recall, scores?.f1].map(formatScore);
}

function renderClassification(title: string, judged: Judged<ClassificationScores>): string {
  const rows = rowsOf(judged, (scores) => [
    ...binaryCells(scores),
    formatScore(scores.prAuc),
    formatScore(scores.ece),
    formatScore(scores.threshold),
  ]);
  return section(title, ['', ...BINARY_HEAD, 'avg. precision', 'ECE', 'threshold'], rows);
}

function renderPerTransaction({ baselines, ...model }: EvaluateReport['perTransaction']): string {
  const { dependent, latestBlockerAccuracy } = model;
  const judged = { model: dependent === null ? null : { dependent, latestBlockerAccuracy }, baselines };
  const rows = rowsOf(judged, (scores) => [
    ...binaryCells(scores.dependent),
    formatScore(scores.latestBlockerAccuracy),
  ]);
  return section('Whether a transaction depends on an earlier one', ['', ...BINARY_HEAD, 'latest blocker right'], rows);
}

function renderQuantity(title: string, unit: string, judged: Judged<QuantityScores>): string {
  const rows = rowsOf(judged, (scores) => [
    formatAmount(scores.mae),
    formatPercent(scores.mape),
    formatAmount(scores.pinball),
    formatPercent(scores.coverage),
    formatPercent(scores.nominalCoverage),
  ]);
  return section(title, ['', `MAE ${unit}`, 'MAPE', `pinball ${unit}`, 'within range', 'should be'], rows);
}

function renderKinds({ perKind }: EvaluateDocument): string {
  const rows = Object.entries(perKind).map(([kind, { transactions, conflictPairs, conflicts, gas }]) => [
    kind,
    formatNumber(transactions),
    formatNumber(conflictPairs),
    ...binaryCells(conflicts.model),
    formatAmount(gas.model?.mae),
    formatPercent(gas.model?.mape),
  ]);
  return section('The model by kind of transaction', ['', 'txs', 'pairs', ...BINARY_HEAD, 'MAE gas', 'MAPE'], rows);
}

function renderBlocks({ perBlock }: EvaluateDocument): string {
  const rows = perBlock.map((block) => [
    `${block.number}`,
    formatNumber(block.transactions),
    formatNumber(block.dependentTransactions),
    formatNumber(block.conflictPairs),
    ...binaryCells(block.conflicts.model),
    formatScore(block.conflicts.model?.prAuc),
  ]);
  const head = ['block', 'txs', 'dependent', 'pairs', ...BINARY_HEAD, 'avg. precision'];
  return section("The model's conflicts by block", head, rows);
}

function renderReliability({ reliability }: EvaluateDocument): string {
  const bins = (reliability ?? []).filter(({ count }) => count > 0);
  const rows = bins.map(({ from, to, count, meanProbability, frequency }) => [
    `${Math.max(from, 0.05).toFixed(2)} to ${to.toFixed(2)}`,
    formatNumber(count),
    formatScore(meanProbability),
    formatScore(frequency),
  ]);
  return section("The model's conflict probabilities", ['probability', 'pairs', 'mean', 'came true'], rows);
}

function renderErrors({ errors }: EvaluateDocument): string {
  if (errors === null) return '';
  const { conflicts, accesses, writes } = errors;
  const rows = [
    ...causeRows('conflict invented', conflicts.falsePositives),
    ...causeRows('conflict missed', conflicts.falseNegatives),
    ...causeRows('access invented', accesses.invented),
    ...causeRows('access missed', accesses.missed),
    ...causeRows('write invented', writes.invented),
    ...causeRows('write missed', writes.missed),
  ];
  return section("The model's errors", ['error', 'kind', 'cause', 'count'], rows, 3);
}

/** Most frequent first. */
function causeRows(error: string, counts: CauseCounts): string[][] {
  const flat = Object.entries(counts).flatMap(([kind, causes]) =>
    Object.entries(causes).map(([cause, count]) => ({ kind, cause, count })),
  );
  return flat
    .sort((a, b) => b.count - a.count)
    .map(({ kind, cause, count }) => [error, kind, cause, formatNumber(count)]);
}

/** How much was executed ahead for the model, and its price. */
export function renderPreExecution(report: PreExecutionReport): string {
  const { preExecuted, transactions, share, notRun, totalNs, nsPerPreExecuted, nsPerTransaction } = report;
  const refused = notRun === 0 ? '' : `; ${formatNumber(notRun)} more could not run`;
  const price =
    preExecuted === 0
      ? ''
      : ` That took ${formatMs(totalNs)}: ${formatMs(nsPerPreExecuted)} for each of them, ` +
        `${formatMs(nsPerTransaction)} for each transaction of those blocks.`;
  return (
    `Executed ahead of ${formatCount(report.blocks, 'block')}: ${formatNumber(preExecuted)} of ` +
    `${formatCount(transactions, 'transaction')} (${formatPercent(share)})${refused}.${price}`
  );
}

const PART_NAMES: Readonly<Record<NetworkPart, string>> = {
  conflicts: 'conflicts',
  accesses: 'accesses',
  gasUsed: 'gas',
  executionNs: 'execution time',
};

/** What has no network, in a sentence; nothing where all have one. */
export function renderModel({ tooLittleFor }: Pick<ModelSummary, 'tooLittleFor'>): string {
  if (tooLittleFor.length === 0) return '';
  const names = tooLittleFor.map((part) => PART_NAMES[part]).join(', ');
  return `The model had too little to train on: ${names}; there its statistics speak alone.`;
}

export function formatScore(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : value.toFixed(3);
}

function formatAmount(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : formatNumber(value);
}

function formatMs(ns: number | null): string {
  return ns === null ? '–' : `${formatNumber(ns / 1e6, 2)} ms`;
}

export function formatPercent(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : `${(value * 100).toFixed(1)} %`;
}
