import { createAccuracyView } from './accuracy-view.js';
import { createArcsView } from './arcs-view.js';
import { createBlockView } from './block-view.js';
import { byId } from './dom.js';
import { EVENT_NAMES, Feed, type EventStream, type EventsListener } from './feed.js';
import { createForecastView } from './forecast-view.js';
import { createHeaderView } from './header-view.js';
import { createLanesView } from './lanes-view.js';
import { createQualityView } from './quality-view.js';
import { initialState, reduce, type Action, type DashboardState } from './state.js';
import { createStripView } from './strip-view.js';
import { Tooltip } from './tooltip.js';
import { createTransactionView } from './transaction-view.js';
import type { View } from './view.js';

function start(): void {
  const store = new Store(initialState());
  const dispatch = (action: Action): void => store.dispatch(action);
  const tooltip = new Tooltip(byId('tooltip'));
  const header = createHeaderView(Date.now);
  store.views = [
    header,
    createStripView(dispatch),
    createBlockView(),
    createLanesView(dispatch, tooltip),
    createTransactionView(dispatch),
    createArcsView(dispatch, tooltip),
    createAccuracyView(),
    createForecastView(),
    createQualityView(),
  ];
  store.draw();
  setInterval(() => header(store.state), 1000);
  const setTimer = (callback: () => void, delayMs: number): void => void setTimeout(callback, delayMs);
  new Feed({ fetchJson, openEvents, setTimer, nowMs: Date.now }, dispatch).start();
}

/** Draws at most once a frame, however many actions came. */
class Store {
  views: readonly View[] = [];
  #state: DashboardState;
  #isDue = false;

  constructor(state: DashboardState) {
    this.#state = state;
  }

  get state(): DashboardState {
    return this.#state;
  }

  dispatch(action: Action): void {
    this.#state = reduce(this.#state, action);
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.draw();
    });
  }

  draw(): void {
    for (const view of this.views) view(this.#state);
  }
}

async function fetchJson(path: string): Promise<unknown> {
  const response = await fetch(path, { headers: { accept: 'application/json' } });
  if (response.ok) return response.json();
  const answer: unknown = await response.json().catch(() => null);
  const hasMessage = typeof answer === 'object' && answer !== null && 'message' in answer;
  throw new Error(hasMessage ? String(answer.message) : `${path} answered ${response.status}.`);
}

function openEvents(path: string, listener: EventsListener): EventStream {
  const source = new EventSource(path);
  source.addEventListener('open', () => listener.opened());
  source.addEventListener('error', () => listener.lost());
  for (const name of EVENT_NAMES) {
    source.addEventListener(name, (event) => listener.received(name, String(event.data)));
  }
  return source;
}

start();
