import { byId, element, setText } from './dom.js';
import { chainName, formatAge, formatCount } from './format.js';
import { heldBlocks, type Connection } from './state.js';
import { whenChanged, type View } from './view.js';

/** Chain, last block and its age, model, connection. `nowMs` is asked anew with every call. */
export function createHeaderView(nowMs: () => number): View {
  const model = whenChanged(renderModel);
  return (state) => {
    const newest = heldBlocks(state).at(-1);
    const known = state.model.status === 'ready' ? state.model.value : null;
    setText(byId('chain'), chainName(newest?.chainId ?? known?.chainId ?? null));
    setText(byId('last-block'), lastBlockText(newest, nowMs()));
    model(known?.model.version ?? '–', known?.model.kind ?? null, known?.model.notice ?? '');
    renderConnection(state.connection, nowMs());
  };
}

function lastBlockText(newest: { number: number; observedAt: string } | undefined, nowMs: number): string {
  if (newest === undefined) return '–';
  return `${formatCount(newest.number)}, ${formatAge((nowMs - Date.parse(newest.observedAt)) / 1000)}`;
}

function renderModel(version: string, kind: string | null, notice: string): void {
  const chips = kind === null ? [] : [element('span', { class: 'chip' }, kind)];
  byId('model').replaceChildren(version, ...chips);
  setText(byId('notice'), notice);
}

function renderConnection(connection: Connection, nowMs: number): void {
  const target = byId('connection');
  target.dataset['status'] = connection.status;
  setText(target, connection.status);
  target.title =
    connection.status === 'disconnected'
      ? `next attempt in ${Math.max(0, Math.ceil((connection.retryAtMs - nowMs) / 1000))} s; what is shown may be old`
      : '';
}
