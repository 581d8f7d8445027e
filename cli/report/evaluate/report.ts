import type { ClassificationScores } from '../../../model/evaluation/classification.js';
import type { Judged } from '../../../model/evaluation/document.js';
import type { EvaluateReport } from '../../evaluate/document.js';
import { formatScore, renderModel, renderPreExecution } from '../../evaluate/render.js';
import { formatCount, formatNumber, formatShare } from '../../table.js';
import { markup, type Content } from '../markup.js';
import { calibrationChart } from '../calibration.js';
import { renderPage, type PageFacts } from '../page.js';
import { facts, figure, section, type Fact } from '../parts.js';
import { blocksChart, classificationChart, quantityChart, sideBySide } from './charts.js';
import {
  blockTable,
  classificationTable,
  dependenceTable,
  errorTable,
  kindTable,
  quantityTable,
  reliabilityTable,
} from './tables.js';

/** The page of an evaluation. The same document and facts give the same text; it has no figures that the document has not. */
export function evaluateReport(document: EvaluateReport, pageFacts: PageFacts): string {
  const body: Content = [
    markup`<p class="lead">${leadOf(document)}</p>
`,
    facts(factsOf(document)),
    section('The model against simple rules', charts(document), CONFLICT_NOTES),
    section(
      'How far probabilities can be trusted',
      sideBySide([calibrationChart(document.reliability), calibrationTable(document)]),
    ),
    section('Block by block', blocksChart(document), blockTable(document)),
    section('All scores', scores(document)),
    section('Where the model errs', errors(document)),
    section('About the model', modelNotes(document)),
  ];
  return renderPage({
    title: `Evaluation on ${pageFacts.source}`,
    facts: pageFacts,
    environment: document.environment,
    body,
  });
}

function leadOf({ trainingBlocks, trainUntil, blocks, transactions, online }: EvaluateReport): string {
  return (
    `${formatCount(trainingBlocks, 'block')} up to ${trainUntil} were learned; then ` +
    `${formatCount(blocks, 'later block')} with ${formatCount(transactions, 'transaction')} ` +
    `${blocks === 1 ? 'was' : 'were'} predicted from what is known before execution, and judged` +
    `${online ? ', each learned only after it was judged as a whole' : '; none of them was learned'}.`
  );
}

function factsOf({ conflicts, accesses, gas, conflictPairs, dependentTransactions }: EvaluateReport): Fact[] {
  return [
    {
      name: 'Conflicts, F1',
      value: figure(conflicts.model?.f1, formatScore),
      note: bestOf(conflicts),
    },
    {
      name: 'Calibration error',
      value: figure(conflicts.model?.ece, formatScore),
      note: 'of conflict probabilities (ECE)',
    },
    { name: 'Accessed slots, F1', value: figure(accesses.model?.f1, formatScore), note: bestOf(accesses) },
    {
      name: 'Gas, error of the median',
      value: figure(gas.model?.mape, formatShare),
      note: 'of the truth, on average (MAPE)',
    },
    {
      name: 'Conflicting pairs',
      value: figure(conflictPairs, formatNumber),
      note: `${formatCount(dependentTransactions, 'transaction')} that ${dependentTransactions === 1 ? 'depends' : 'depend'} on an earlier one`,
    },
  ];
}

function bestOf({ baselines }: Judged<ClassificationScores>): string {
  const [best] = Object.entries(baselines).sort(([, a], [, b]) => (b.f1 ?? 0) - (a.f1 ?? 0));
  return best === undefined ? 'no baseline was judged' : `best baseline: ${formatScore(best[1].f1)} (${best[0]})`;
}

function charts(document: EvaluateReport): Content {
  const { conflicts, conflictsWithAccounts, accesses, writes, gas, executionNs } = document;
  return sideBySide([
    classificationChart('Conflicts through storage slots', conflicts),
    classificationChart('Conflicts, accounts counted too', conflictsWithAccounts),
    classificationChart('Storage slots that a transaction accesses', accesses),
    classificationChart('Storage slots that it writes', writes),
    quantityChart('Gas used', 'gas', gas),
    executionNs === null ? null : quantityChart('Execution time', 'ns', executionNs),
  ]);
}

const CONFLICT_NOTES = markup`<p class="muted">A conflict is an ordered pair of transactions of one block of which the later reads or writes a storage slot that the
earlier wrote. True pairs that nobody considered count as missed. Average precision is the area under the precision-recall curve. ECE,
the expected calibration error, is over pairs with a probability of at least 0.05.</p>
`;

function calibrationTable(document: EvaluateReport): ReturnType<typeof reliabilityTable> {
  const shown = reliabilityTable(document);
  return shown === null
    ? markup`<p>The model gave no pair a probability of at least 0.05.</p>`
    : markup`<div>${shown}</div>`;
}

function scores(document: EvaluateReport): Content {
  const parts: [string, Content][] = [
    ['Conflicts', classificationTable(document.conflicts)],
    ['Conflicts, accounts counted too', classificationTable(document.conflictsWithAccounts)],
    ['Whether a transaction depends on an earlier one', dependenceTable(document)],
    ['Storage slots that a transaction accesses', classificationTable(document.accesses)],
    ['Storage slots that it writes', classificationTable(document.writes)],
    ['Gas used', quantityTable('gas', document.gas)],
    ['Execution time', document.executionNs === null ? null : quantityTable('ns', document.executionNs)],
    ['The model by kind of transaction', kindTable(document)],
  ];
  return parts.map(([title, shown]) =>
    shown === null
      ? null
      : markup`<h3>${title}</h3>
${shown}`,
  );
}

function errors(document: EvaluateReport): Content {
  return (
    errorTable(document) ??
    markup`<p>Nothing is known of its errors.</p>
`
  );
}

function modelNotes({ model, preExecution }: EvaluateReport): Content {
  const { artifact, seed, halfLifeBlocks, networks } = model;
  const origin = artifact === null ? 'trained for this evaluation' : 'read from a folder';
  const parts = Object.entries(networks).map(([part, number]) => `${part} ${number}`);
  const tooLittle = renderModel(model);
  return [
    markup`<p>It was ${origin}, with seed ${seed}; an observation weighs half after ${formatCount(halfLifeBlocks, 'block')}. Networks by part: ${parts.join(', ')}.</p>
`,
    tooLittle === ''
      ? null
      : markup`<p>${tooLittle}</p>
`,
    preExecution === null
      ? null
      : markup`<p>${renderPreExecution(preExecution)}</p>
`,
  ];
}
