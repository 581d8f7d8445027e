import type { LiveBlock } from '../../live.js';
import { speedupOf } from './accuracy.js';
import { byId, element, setText } from './dom.js';
import { formatCount, formatFactor, formatShare, plural } from './format.js';
import { KEPT_BLOCKS, heldBlocks, replacedHashes, shownBlock } from './state.js';
import { whenChanged, whyMissing, type Dispatch, type View } from './view.js';

interface StripScale {
  readonly speedup: number;
  readonly conflicts: number;
}

/** The latest blocks to choose from: a list box with one column a block, the newest last. */
export function createStripView(dispatch: Dispatch): View {
  const list = byId('strip');
  const follow = byId('follow');
  follow.addEventListener('click', () => dispatch({ type: 'follow' }));
  const render = whenChanged((blocks: readonly LiveBlock[], shown: LiveBlock | null, isFollowing: boolean) => {
    renderBlocks(list, blocks, shown);
    follow.setAttribute('aria-pressed', String(isFollowing));
    if (isFollowing) list.scrollLeft = list.scrollWidth;
  });
  let blocks: readonly LiveBlock[] = [];
  list.addEventListener('click', (event) => {
    const hash =
      event.target instanceof Element ? event.target.closest('[data-hash]')?.getAttribute('data-hash') : null;
    if (typeof hash === 'string') dispatch({ type: 'pin', hash });
  });
  list.addEventListener('keydown', (event) => {
    const next = targetOfKey(event, blocks);
    if (next === null) return;
    event.preventDefault();
    dispatch(next === blocks.at(-1) ? { type: 'follow' } : { type: 'pin', hash: next.hash });
    columnOf(list, next.hash)?.focus();
  });
  return (state) => {
    const missing = whyMissing(state.blocks);
    if (missing !== null && heldBlocks(state).length === 0) {
      list.replaceChildren(missing);
      return;
    }
    blocks = heldBlocks(state);
    render(blocks, shownBlock(state), state.pinnedHash === null);
  };
}

/** The block that a key leads to from the one that has the focus; null for other keys. */
function targetOfKey(event: KeyboardEvent, blocks: readonly LiveBlock[]): LiveBlock | null {
  const hash = document.activeElement?.getAttribute('data-hash');
  const index = blocks.findIndex((block) => block.hash === hash);
  const targets: Readonly<Record<string, number>> = {
    ArrowLeft: Math.max(0, index - 1),
    ArrowRight: Math.min(blocks.length - 1, index + 1),
    Home: 0,
    End: blocks.length - 1,
  };
  const target = targets[event.key];
  return target === undefined ? null : (blocks[target] ?? null);
}

function columnOf(list: HTMLElement, hash: string): HTMLElement | null {
  return list.querySelector<HTMLElement>(`[data-hash="${hash}"]`);
}

/** Columns stay what they are from one rendering to the next, so that the focus stays too; those to come are kept free. */
function renderBlocks(list: HTMLElement, blocks: readonly LiveBlock[], shown: LiveBlock | null): void {
  const scale = {
    speedup: Math.max(1, ...blocks.map((block) => speedupOf(block.makespans) ?? 0)),
    conflicts: Math.max(1, ...blocks.map(conflictsOf)),
  };
  setText(byId('strip-gas'), 'gas\nof the limit');
  setText(byId('strip-speedup'), `speed-up\nmax ${scale.speedup.toFixed(1)}×`);
  setText(byId('strip-conflicts'), `conflicts\nmax ${formatCount(scale.conflicts)}`);
  const replaced = replacedHashes(blocks);
  const columns = blocks.map((block) => {
    const column = columnOf(list, block.hash) ?? newColumn(block);
    updateColumn(column, block, scale);
    column.classList.toggle('replaced', replaced.has(block.hash));
    column.setAttribute('aria-selected', String(block === shown));
    column.tabIndex = block === shown ? 0 : -1;
    return column;
  });
  const vacant = Array.from({ length: Math.max(0, KEPT_BLOCKS - blocks.length) }, () =>
    element('div', { class: 'strip-block vacant', 'aria-hidden': 'true' }),
  );
  const focused = document.activeElement;
  list.replaceChildren(...vacant, ...columns);
  if (focused instanceof HTMLElement && list.contains(focused)) focused.focus({ preventScroll: true });
}

function newColumn(block: LiveBlock): HTMLElement {
  return element(
    'div',
    { class: 'strip-block', role: 'option', 'data-hash': block.hash },
    element('span', { class: 'bar gas' }),
    element('span', { class: 'bar speedup' }),
    element('span', { class: 'bar conflicts' }),
    element('span', { class: 'number' }, `…${String(block.number).slice(-3)}`),
  );
}

function updateColumn(column: HTMLElement, block: LiveBlock, scale: StripScale): void {
  const fullness = block.gasLimit === 0 ? 0 : block.gasUsed / block.gasLimit;
  const speedup = speedupOf(block.makespans);
  const shares = [fullness, (speedup ?? 0) / scale.speedup, conflictsOf(block) / scale.conflicts];
  column.querySelectorAll<HTMLElement>('.bar').forEach((bar, index) => {
    bar.style.height = `${Math.min(1, shares[index] ?? 0) * 100}%`;
  });
  const text =
    `Block ${formatCount(block.number)}: ${plural(block.transactions.length, 'transaction')}, gas ${formatShare(fullness, 0)} ` +
    `of the limit, speed-up ${formatFactor(speedup)}, ${plural(conflictsOf(block), 'conflict')}`;
  column.setAttribute('aria-label', text);
  column.title = text;
}

/** Observed pairs. */
function conflictsOf({ quality }: LiveBlock): number {
  return quality.conflicts.truePositives + quality.conflicts.falseNegatives;
}
