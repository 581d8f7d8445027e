import type { ClassificationScores } from '../../../model/evaluation/classification.js';
import type { Judged } from '../../../model/evaluation/document.js';
import type { CauseCounts } from '../../../model/evaluation/errors.js';
import type { BinaryScores } from '../../../model/evaluation/metrics.js';
import type { QuantityScores } from '../../../model/evaluation/quantity.js';
import type { EvaluateReport } from '../../evaluate/document.js';
import { formatScore } from '../../evaluate/render.js';
import { formatNumber, formatShare } from '../../table.js';
import type { Content, Markup } from '../markup.js';
import { figure, table, type Column } from '../parts.js';
import { contendersOf, MODEL } from './charts.js';

const BINARY: readonly Column[] = [{ name: 'precision' }, { name: 'recall' }, { name: 'F1' }];
const WHO: Column = { name: '', isText: true };

type Binary = Pick<BinaryScores, 'precision' | 'recall' | 'f1'>;

function score(value: number | null | undefined): Content {
  return figure(value, formatScore);
}

function count(value: number | null | undefined): Content {
  return figure(value, formatNumber);
}

function share(value: number | null | undefined): Content {
  return figure(value, formatShare);
}

function binaryCells(scores: Binary | null | undefined): Content[] {
  return [scores?.precision, scores?.recall, scores?.f1].map(score);
}

function judgedTable<Scores>(
  judged: Judged<Scores>,
  columns: readonly Column[],
  cells: (scores: Scores) => readonly Content[],
): Markup | null {
  return table({
    columns: [WHO, ...columns],
    rows: contendersOf(judged).map(([name, scores]) => ({ cells: [name, ...cells(scores)], isOwn: name === MODEL })),
  });
}

export function classificationTable(judged: Judged<ClassificationScores>): Markup | null {
  const columns = [...BINARY, { name: 'average precision' }, { name: 'ECE' }, { name: 'threshold' }];
  return judgedTable(judged, columns, (scores) => [
    ...binaryCells(scores),
    score(scores.prAuc),
    score(scores.ece),
    score(scores.threshold),
  ]);
}

export function quantityTable(unit: string, judged: Judged<QuantityScores>): Markup | null {
  const columns = [`MAE, ${unit}`, 'MAPE', `pinball, ${unit}`, 'within range', 'should be'].map((name) => ({ name }));
  return judgedTable(judged, columns, ({ mae, mape, pinball, coverage, nominalCoverage }) => [
    count(mae),
    share(mape),
    count(pinball),
    share(coverage),
    share(nominalCoverage),
  ]);
}

export function dependenceTable({ perTransaction }: EvaluateReport): Markup | null {
  const { baselines, dependent, latestBlockerAccuracy } = perTransaction;
  const judged = { model: dependent === null ? null : { dependent, latestBlockerAccuracy }, baselines };
  return judgedTable(judged, [...BINARY, { name: 'latest blocker right' }], (scores) => [
    ...binaryCells(scores.dependent),
    score(scores.latestBlockerAccuracy),
  ]);
}

export function kindTable({ perKind }: EvaluateReport): Markup | null {
  return table({
    columns: [
      { name: 'kind of transaction', isText: true },
      { name: 'txs' },
      { name: 'conflicting pairs' },
      ...BINARY,
      { name: 'MAE, gas' },
      { name: 'MAPE' },
    ],
    rows: Object.entries(perKind).map(([kind, { transactions, conflictPairs, conflicts, gas }]) => ({
      cells: [
        kind,
        count(transactions),
        count(conflictPairs),
        ...binaryCells(conflicts.model),
        count(gas.model?.mae),
        share(gas.model?.mape),
      ],
    })),
  });
}

export function blockTable({ perBlock }: EvaluateReport): Markup | null {
  return table({
    columns: [
      { name: 'block', isText: true },
      { name: 'txs' },
      { name: 'dependent txs' },
      { name: 'conflicting pairs' },
      ...BINARY,
      { name: 'average precision' },
    ],
    rows: perBlock.map(({ number, transactions, dependentTransactions, conflictPairs, conflicts }) => ({
      cells: [
        number,
        count(transactions),
        count(dependentTransactions),
        count(conflictPairs),
        ...binaryCells(conflicts.model),
        score(conflicts.model?.prAuc),
      ],
    })),
    isLong: true,
  });
}

export function reliabilityTable({ reliability }: EvaluateReport): Markup | null {
  return table({
    columns: [{ name: 'probability', isText: true }, { name: 'pairs' }, { name: 'mean' }, { name: 'came true' }],
    rows: (reliability ?? [])
      .filter((bin) => bin.count > 0)
      .map(({ from, to, count: pairs, meanProbability, frequency }) => ({
        cells: [
          `${Math.max(from, 0.05).toFixed(2)} to ${to.toFixed(2)}`,
          count(pairs),
          score(meanProbability),
          score(frequency),
        ],
      })),
  });
}

/** Most frequent first. */
export function errorTable({ errors }: EvaluateReport): Markup | null {
  if (errors === null) return null;
  const { conflicts, accesses, writes } = errors;
  const kinds: [string, CauseCounts][] = [
    ['conflict invented', conflicts.falsePositives],
    ['conflict missed', conflicts.falseNegatives],
    ['access invented', accesses.invented],
    ['access missed', accesses.missed],
    ['write invented', writes.invented],
    ['write missed', writes.missed],
  ];
  const rows = kinds.flatMap(([error, counts]) =>
    Object.entries(counts)
      .flatMap(([kind, causes]) => Object.entries(causes).map(([cause, times]) => ({ error, kind, cause, times })))
      .sort((a, b) => b.times - a.times),
  );
  return table({
    columns: [
      { name: 'error', isText: true },
      { name: 'kind of transaction', isText: true },
      { name: 'cause', isText: true },
      { name: 'times' },
    ],
    rows: rows.map(({ error, kind, cause, times }) => ({ cells: [error, kind, cause, count(times)] })),
    isLong: true,
  });
}
