import { isVerified } from '../../replay/aggregate.js';
import type { JudgedConflicts, ReplayBlock, ReplayDocument, ReplaySummary } from '../../replay/document.js';
import { sumOf } from '../../replay/statistics.js';
import { formatCount, formatFactor, formatNumber } from '../../table.js';
import { calibrationChart } from '../calibration.js';
import { markup, type Content } from '../markup.js';
import { renderPage, type PageFacts } from '../page.js';
import { alarm, facts, figure, section, type Fact } from '../parts.js';
import { conflictGraph } from './conflicts.js';
import { nextBlocks } from './forecast.js';
import { gantt } from './gantt.js';
import { speedupCharts } from './speedups.js';
import { blockTable, builtTables, problemsOf, realTable, shownMachine, simulatedTable } from './tables.js';

/** The page of a replay. The same document and facts give the same text; it has no figures that the document has not. */
export function replayReport(document: ReplayDocument, pageFacts: PageFacts): string {
  const { blocks, picture, predictedConflicts, forecast } = document;
  const built = builtTables(document);
  const body: Content = [
    markup`<p class="lead">${leadOf(document)}</p>
`,
    alarm('Not everything verified', problemsOf(document)),
    facts(factsOf(document)),
    section('Policies compared', speedupCharts(document), comparison(document)),
    picture === null || blocks.length === 0
      ? null
      : section(
          `Block ${picture.number}: what ran where`,
          gantt(picture),
          markup`<h3>Who depends on whom</h3>
`,
          conflictGraph(picture),
        ),
    predictedConflicts === null
      ? null
      : section(
          'What was predicted',
          predictionFacts(predictedConflicts),
          calibrationChart(predictedConflicts.reliability),
        ),
    forecast === null ? null : section('The next blocks', nextBlocks(forecast)),
    blocks.length === 0 ? null : section('Block by block', blockNotes(document), blockTable(document)),
    blocks.some(({ reorder, shards }) => reorder !== null || shards !== null) ? section('For builders', built) : null,
    section('How to read this', NOTES),
  ];
  return renderPage({
    title: `Replay of ${pageFacts.source}`,
    facts: pageFacts,
    environment: document.environment,
    body,
  });
}

function leadOf({ blocks, leftOut }: ReplayDocument): string {
  if (blocks.length === 0) return 'No block was replayed.';
  const numbers = blocks.map(({ number }) => number);
  const [first, last] = [Math.min(...numbers), Math.max(...numbers)];
  const span = first === last ? `block ${first}` : `${formatCount(blocks.length, 'block')} from ${first} to ${last}`;
  const chains = [...new Set(blocks.map(({ chainId }) => chainId))];
  const left = leftOut.length === 0 ? '' : ` ${formatCount(leftOut.length, 'block')} could not be replayed.`;
  return (
    `Parallel execution of ${span} of chain ${chains.join(', ')}, with ` +
    `${formatCount(sumOf(blocks.map(({ transactions }) => transactions)), 'transaction')}, ` +
    `compared with executing one transaction after the other.${left}`
  );
}

function factsOf({ blocks, summary, criticalPathBound }: ReplayDocument): Fact[] {
  const verified = blocks.filter(isVerified).length;
  const shown =
    blocks.length === verified
      ? `${verified} of ${blocks.length}`
      : markup`<span class="wrong">${verified} of ${blocks.length}</span>`;
  return [
    { name: 'Blocks verified', value: shown, note: describeExecution(blocks) },
    ...gainFacts(summary),
    ...(criticalPathBound === null
      ? []
      : [
          {
            name: 'Critical-path bound',
            value: figure(criticalPathBound.mean, formatFactor),
            note: 'by gas, where no credit commutes; mean of the blocks',
          },
        ]),
  ];
}

function describeExecution(blocks: readonly ReplayBlock[]): string {
  const kinds = {
    evm: 'executed',
    recorded: 'recorded accesses on real threads',
    simulated: 'simulated only',
  } as const;
  return (['evm', 'recorded', 'simulated'] as const)
    .map((kind) => ({ kind, count: blocks.filter(({ execution }) => execution === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${count} ${kinds[kind]}`)
    .join(', ');
}

/** Of the policy that learns, or of the first parallel one. */
function gainFacts(summary: readonly ReplaySummary[]): Fact[] {
  const parallel = summary.filter(({ policy }) => policy !== 'sequential');
  const policy = parallel.find((row) => row.policy === 'adaptive')?.policy ?? parallel[0]?.policy;
  const rows = parallel.filter((row) => row.policy === policy);
  const real = rows.find(({ simulated }) => !simulated);
  const simulated = rows.filter((row) => row.simulated).sort((a, b) => a.workers - b.workers);
  const eight = simulated.filter(({ workers }) => workers <= 8).at(-1) ?? simulated[0];
  const facts: Fact[] = [];
  if (real !== undefined) {
    facts.push({
      name: `${real.policy}, measured`,
      value: figure(real.speedup.total, formatFactor),
      note: `on ${formatCount(real.workers, 'thread')}, prediction and plan included`,
    });
  }
  if (eight !== undefined) {
    facts.push({
      name: `${eight.policy}, simulated`,
      value: figure(eight.speedup.total, formatFactor),
      note: `on ${formatCount(eight.workers, 'worker')}, prediction and plan included`,
    });
  }
  return facts;
}

function comparison(document: ReplayDocument): Content {
  const [real, simulated] = [realTable(document), simulatedTable(document)];
  return [
    real === null
      ? null
      : markup`<h3>Measured on threads of this machine</h3>
${real}${adaptiveNote(document.blocks)}`,
    simulated === null
      ? null
      : markup`<h3>Simulated</h3>
${simulated}`,
  ];
}

function adaptiveNote(blocks: readonly ReplayBlock[]): Content {
  const runs = blocks.flatMap((block) => block.runs.filter(({ mode, simulated }) => mode !== null && !simulated));
  if (runs.length === 0) return null;
  const counted = (['sequential', 'optimistic', 'planned'] as const).map(
    (mode) => `${runs.filter((run) => run.mode === mode).length} ${mode}`,
  );
  const transactions = Math.max(1, sumOf(blocks.map((block) => block.transactions)));
  const perTransaction = (pick: (block: ReplayBlock) => number): string =>
    formatNumber(sumOf(blocks.map(pick)) / transactions / 1e3, 1);
  return markup`<p>The adaptive policy ran ${counted.join(', ')} of these blocks. Off the clock it took
${perTransaction(({ arrivalNs }) => arrivalNs)} µs of processor time a transaction as they arrived, and
${perTransaction(({ idleNs }) => idleNs)} µs between blocks.</p>
`;
}

const ONE_PROBABILITY =
  ' Without a trained model (--model) there is one probability only: of two transactions with the same recipient.';

function predictionFacts({ precision, recall, f1, ece, threshold, reliability }: JudgedConflicts): Content {
  const share = (value: number): string => value.toFixed(3);
  return [
    markup`<p>Pairs of transactions that conflict, predicted for each block before it was learned. A pair counts as predicted from a probability of
${figure(threshold, share)} on.${reliability.filter(({ count }) => count > 0).length === 1 ? ONE_PROBABILITY : null}</p>
`,
    facts([
      { name: 'F1', value: figure(f1, share), note: 'of all pairs of all blocks' },
      { name: 'Precision', value: figure(precision, share), note: 'predicted pairs that did conflict' },
      { name: 'Recall', value: figure(recall, share), note: 'conflicts that were predicted' },
      { name: 'Calibration error', value: figure(ece, share), note: 'mean distance from the diagonal' },
    ]),
  ];
}

function blockNotes(document: ReplayDocument): Content {
  const machine = shownMachine(document);
  const where = machine === null ? 'measured on threads of this machine' : `simulated on ${machine} workers`;
  const fallen = document.blocks.filter(({ fallback }) => fallback !== null);
  const [first] = fallen;
  return markup`<p>Speed-ups are ${where}. <em>Bound</em>: gas of the block over that of its longest
chain of dependent transactions. It is the limit where gas is time, a dependent starts when its blocker has ended, and no credit commutes; the engine
may pass it, because a dependent may start before, and credits commute.${
    first === undefined
      ? null
      : ` ${formatCount(fallen.length, 'block')} could not run on the WASM engine, the first (${first.number}) because ${first.fallback ?? ''}`
  }</p>
`;
}

const NOTES = markup`<p><strong>Speed-up</strong> is the time of the same engine executing one transaction after the other, without
tracking, over the time of the policy, with what it took to predict and to plan. Measured times are medians over the repetitions, in
which the policies take turns.</p>
<p><strong>Verified</strong>: executed blocks gave the receipts, logs, blooms, gas and post-state of the reference executor
(@ethereumjs/vm) in every repetition, and what the header says as far as its fork allows the check. Of recorded transactions every read saw the version that
it sees in block order; of simulated runs conflicting accesses happened in block order.</p>
<p><strong>Simulated</strong> runs know the true accesses and the sequential costs of the transactions, and the overheads of this machine.
<em>Typical error</em> is how far the simulation was off, in the median over the blocks, where the same policy also ran on this machine’s
threads. More workers than the machine has processors can’t be checked that way.</p>
<p><strong>The oracle</strong> plans with the true accesses: nobody can know them beforehand. <em>Of the oracle’s gain</em> is the
share of the time that the oracle saves over <em>optimistic</em> (Block-STM without prediction) that the policy saves, too; below zero it is
slower than optimistic, above 100 % faster than the oracle,
which always uses all workers, and a dash means that there is next to nothing to gain.</p>
`;
