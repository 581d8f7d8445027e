import { formatPercent, formatScore, renderModel } from '../evaluate/render.js';
import { formatCount, formatNumber, renderTable } from '../table.js';
import type { RollingOrigin, StoreUse, TrainDocument } from './document.js';

/** For people: what was learned, what the folder holds, how good such a model is. */
export function renderTraining(document: TrainDocument): string {
  const parts = [
    renderLearned(document),
    document.store === null ? '' : renderStore(document.store),
    renderFiles(document),
    renderRollingOrigin(document.rollingOrigin),
    renderModel(document.model),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function renderLearned({ folder, id, createdFrom, model }: TrainDocument): string {
  const { chainId, blocks, firstBlock, lastBlock, transactions } = createdFrom;
  const { conflicts, accesses, gasUsed, executionNs } = model.networks;
  return (
    `${formatCount(blocks, 'block')} of chain ${chainId} learned, ${firstBlock} to ${lastBlock}, with ` +
    `${formatCount(transactions, 'transaction')}. Model ${id.slice(0, 12)} written to ${folder}, with networks for conflicts ` +
    `(${conflicts}), accesses (${accesses}), gas (${gasUsed}) and execution time (${executionNs}).`
  );
}

function renderStore({ blocksBySql, subjectsBySql, expressions }: StoreUse): string {
  const clauses = [
    ...(blocksBySql === 0
      ? []
      : [
          `access statistics of ${formatCount(blocksBySql, 'earlier block')} by SQL: ${formatCount(subjectsBySql, 'subject')}`,
        ]),
    `access expressions of ${formatCount(expressions.added, 'block')} written to the store`,
  ];
  const text = clauses.join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function renderFiles({ files }: TrainDocument): string {
  return renderTable(
    ['file', 'kB'],
    files.map(({ name, bytes }) => [name, formatNumber(bytes / 1e3, 1)]),
  );
}

function renderRollingOrigin(scores: RollingOrigin | null): string {
  if (scores === null) return '';
  const { trainUntil, blocks, transactions, gas } = scores;
  const rows = [
    ['conflicts', scores.conflicts],
    ['with accounts', scores.conflictsWithAccounts],
    ['slot accesses', scores.accesses],
    ['slot writes', scores.writes],
  ] as const;
  const table = renderTable(
    ['', 'precision', 'recall', 'F1', 'avg. precision', 'ECE'],
    rows.map(([name, row]) => [
      name,
      ...[row?.precision, row?.recall, row?.f1, row?.prAuc, row?.ece].map((value) => formatScore(value)),
    ]),
  );
  const gasText =
    gas === null
      ? ''
      : `\ngas: MAE ${formatNumber(gas.mae ?? 0)}, MAPE ${formatPercent(gas.mape)}, ` +
        `${formatPercent(gas.coverage)} within the range of ${formatPercent(gas.nominalCoverage)}`;
  return (
    `Rolling origin: a model of the blocks up to ${trainUntil}, judged on ${formatCount(blocks, 'later block')} ` +
    `(${formatCount(transactions, 'transaction')}), each learned after it was judged:\n${table}${gasText}`
  );
}
