import type { HeaderCheck } from '../../types.js';
import { isVerified } from './aggregate.js';
import { formatFactor, formatNumber, renderTable } from '../table.js';
import type { ReplayBlock, ReplayDocument, ReplaySummary } from './document.js';

/** The whole report for people: blocks, policies, troubles if any, one sentence. */
export function renderReplay(document: ReplayDocument): string {
  const parts = [renderBlocks(document.blocks), renderSummary(document.summary)];
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
  return [
    `${block.number}`,
    block.engine ?? block.execution,
    renderHeader(block.header),
    formatNumber(block.transactions),
    formatNumber(block.gasUsed / 1e6, 2),
    measuredNs === null ? '–' : formatNumber(measuredNs / 1e6, 1),
    measuredNs === null || measuredNs === 0 ? '–' : formatNumber(block.gasUsed / (measuredNs / 1e3), 1),
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

function renderSummary(summary: readonly ReplaySummary[]): string {
  if (summary.length === 0) return '';
  const head = ['policy', 'workers', 'how', 'min', 'median', 'max', 'total', 'executions/tx', 'tx/s', 'verified'];
  return renderTable(head, summary.map(renderSummaryRow), 1);
}

function renderSummaryRow(row: ReplaySummary): string[] {
  return [
    row.policy,
    `${row.workers}`,
    row.simulated ? 'simulated' : 'executed',
    formatFactor(row.speedup.min),
    formatFactor(row.speedup.p50),
    formatFactor(row.speedup.max),
    formatFactor(row.speedup.total),
    formatNumber(row.executionsPerTransaction, 2),
    row.transactionsPerSecond === null ? '–' : formatNumber(row.transactionsPerSecond),
    `${row.verified}/${row.blocks}`,
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
  const fallen = blocks.filter(({ fallback }) => fallback !== null);
  const [first] = fallen;
  if (first === undefined) return [];
  return [
    `executed on the reference instead: ${fallen.length} of ${blocks.length} blocks, the first because ${first.fallback ?? ''}`,
  ];
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

/** Compares policies at 8 workers, or at the largest simulated number below. */
function renderOutlook(summary: readonly ReplaySummary[]): string[] {
  const simulated = summary.filter((row) => row.simulated && row.policy !== 'sequential');
  const workers = Math.max(0, ...simulated.map((row) => row.workers).filter((count) => count <= 8));
  const rows = simulated.filter((row) => row.workers === workers);
  if (rows.length === 0) return [];
  const gains = rows.map((row) => `${row.policy} ${formatFactor(row.speedup.total)}`).join(', ');
  return [`on ${workers} simulated workers: ${gains}`];
}
