import type { LiveBlock, LiveTransaction } from '../../live.js';
import { mostNeeded } from './arcs.js';
import { tile } from './block-view.js';
import { byId, element, setText } from './dom.js';
import { formatCost, formatCount, formatShare, plural, shortHex } from './format.js';
import { shownBlock } from './state.js';
import { whenChanged, type Dispatch, type View } from './view.js';

/** Neighbours that are listed by number; the rest is counted. */
const LISTED_NEIGHBOURS = 5;

/** Chooses a transaction by its number, and tells about the chosen one: what the pictures tell by pointing, for the keyboard. */
export function createTransactionView(dispatch: Dispatch): View {
  const input = byId('transaction') as HTMLInputElement;
  input.addEventListener('input', () => {
    dispatch({ type: 'transaction', index: input.value === '' ? null : Number(input.value) });
  });
  byId('transaction-form').addEventListener('submit', (event) => event.preventDefault());
  byId('transaction-clear').addEventListener('click', () => dispatch({ type: 'transaction', index: null }));
  const render = whenChanged((block: LiveBlock | null, index: number | null) => {
    input.max = String(Math.max(0, (block?.transactions.length ?? 0) - 1));
    if (document.activeElement !== input || index !== null) input.value = index === null ? '' : String(index);
    const shown = block === null ? null : (index ?? mostNeeded(block));
    const transaction = block?.transactions[shown ?? -1];
    setText(byId('transaction-title'), titleOf(shown, index));
    byId('transaction-details').replaceChildren(
      ...(block === null || transaction === undefined ? [] : [details(block, transaction, dispatch)]),
    );
  });
  return (state) => render(shownBlock(state), state.transaction);
}

/** Where none is chosen, the one that is worth a look. */
function titleOf(shown: number | null, chosen: number | null): string {
  if (shown === null) return 'No transaction is chosen, and none waits for another.';
  return chosen === null ? `Transaction ${shown}, which most others conflict with:` : `Transaction ${shown}:`;
}

function details(block: LiveBlock, transaction: LiveTransaction, dispatch: Dispatch): HTMLElement {
  const { index } = transaction;
  const executions = block.lanes.intervals.filter((interval) => interval.transaction === index);
  const aborted = executions.filter(({ outcome }) => outcome === 'aborted').length;
  const counting = executions.find(({ outcome }) => outcome === 'final');
  const observed = block.edges.filter((edge) => edge.observed);
  const blockers = observed.filter(({ later }) => later === index).map(({ earlier }) => earlier);
  const dependents = observed.filter(({ earlier }) => earlier === index).map(({ later }) => later);
  return element(
    'dl',
    { class: 'tiles' },
    tile('Sender', shortHex(transaction.from), `hash ${shortHex(transaction.hash)}`),
    tile('Calls', transaction.to === null ? 'creates a contract' : shortHex(transaction.to), transaction.selector),
    tile('Gas used', formatCount(transaction.gasUsed), `predicted ${formatCount(transaction.predictedGas)}`),
    tile('Executions', formatCount(executions.length), `${plural(aborted, 'abort')} · ${costText(block, transaction)}`),
    tile('Ran on worker', counting === undefined ? '–' : String(counting.worker), endText(block, counting?.end)),
    neighbours('Depends on', blockers, dispatch),
    neighbours('Is needed by', dependents, dispatch),
  );
}

function costText(block: LiveBlock, { cost }: LiveTransaction): string {
  return `${formatCost(cost, block.lanes.unit)} each`;
}

function endText({ lanes }: LiveBlock, end: number | undefined): string {
  if (end === undefined || lanes.makespan === 0) return '';
  return `done at ${formatShare(end / lanes.makespan, 0)}`;
}

function neighbours(name: string, indices: readonly number[], dispatch: Dispatch): HTMLElement {
  const buttons = indices.slice(0, LISTED_NEIGHBOURS).map((index) => {
    const button = element(
      'button',
      { type: 'button', class: 'link', 'aria-label': `transaction ${index}` },
      String(index),
    );
    button.addEventListener('click', () => dispatch({ type: 'transaction', index }));
    return button;
  });
  const rest = indices.length - buttons.length;
  const more = rest > 0 ? [`and ${formatCount(rest)} more`] : [];
  return element(
    'div',
    {},
    element('dt', {}, name),
    element('dd', {}, ...(indices.length === 0 ? ['nothing'] : [...buttons, ...more])),
  );
}
