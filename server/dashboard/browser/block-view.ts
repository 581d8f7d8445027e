import type { LiveBlock } from '../../live.js';
import { speedupOf } from './accuracy.js';
import { byId, element, placeholder, setText } from './dom.js';
import { formatCount, formatFactor, formatGwei, formatShare, shortHex } from './format.js';
import { shownBlock } from './state.js';
import { whenChanged, whyMissing, type View } from './view.js';

const EMPTY = 'No block has been observed yet. Each one that is sent to POST v1/observations appears here.';

/** Which block is looked at, and its figures. */
export function createBlockView(): View {
  const render = whenChanged(renderBlock);
  return (state) => {
    const block = shownBlock(state);
    if (block === null) {
      byId('block-facts').replaceChildren(whyMissing(state.blocks) ?? placeholder(EMPTY, 'empty'));
      return;
    }
    render(block, state.pinnedHash !== null);
  };
}

function renderBlock(block: LiveBlock, isPinned: boolean): void {
  setText(byId('block-title'), `Block ${formatCount(block.number)}`);
  const how = isPinned ? 'pinned' : 'the newest';
  const replaced = block.replaced === null ? '' : `, in place of ${shortHex(block.replaced)} after a reorganisation`;
  setText(byId('block-note'), `${how} · ${shortHex(block.hash)} · ${timeOf(block.timestampSeconds)}${replaced}`);
  byId('block-facts').replaceChildren(...factsOf(block).map(([name, value, more]) => tile(name, value, more)));
}

function timeOf(timestampSeconds: number): string {
  return new Date(timestampSeconds * 1000).toISOString().replace('T', ' ').slice(0, 19) + ' UTC';
}

function factsOf(block: LiveBlock): [string, string, string][] {
  const { lanes, makespans, quality } = block;
  const dependent = quality.dependent.truePositives + quality.dependent.falseNegatives;
  const ratio = (value: number): string => formatFactor(value === 0 ? null : makespans.sequential / value);
  return [
    ['Transactions', formatCount(block.transactions.length), `${formatCount(dependent)} depend on another`],
    [
      'Gas used',
      formatCount(block.gasUsed),
      `${formatShare(block.gasUsed / Math.max(1, block.gasLimit))} of the limit`,
    ],
    ['Base fee', formatGwei(block.baseFeePerGasWei), ''],
    ['Speed-up', formatFactor(speedupOf(makespans)), `${ratio(makespans.oracle)} with a perfect plan`],
    ['Executions', formatCount(lanes.executions), `${formatCount(lanes.aborts)} aborted`],
    ['Workers', formatCount(lanes.workers), `${formatShare(lanes.idleShare, 0)} of their time idle`],
  ];
}

/** A figure with its name, and a second line that is kept free where there is nothing to say. */
export function tile(name: string, value: string, more: string): HTMLElement {
  return element(
    'div',
    {},
    element('dt', {}, name),
    element('dd', {}, value, element('small', {}, more === '' ? '\u00a0' : more)),
  );
}
