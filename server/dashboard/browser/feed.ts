import type { Forecast, LiveBlock, LiveBlocks, ModelState } from '../../live.js';
import { KEPT_BLOCKS, type Action, type ResourceName } from './state.js';

/** What the feed needs of the browser. */
export interface FeedPorts {
  /** Of a path of this host. Rejects with a readable message. */
  readonly fetchJson: (path: string) => Promise<unknown>;
  readonly openEvents: (path: string, listener: EventsListener) => EventStream;
  readonly setTimer: (callback: () => void, delayMs: number) => void;
  readonly nowMs: () => number;
}

export interface EventStream {
  readonly close: () => void;
}

export interface EventsListener {
  readonly opened: () => void;
  readonly lost: () => void;
  readonly received: (event: string, data: string) => void;
}

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 15_000;

/** Doubles with each attempt that failed. */
export function retryDelayMs(failedAttempts: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, failedAttempts - 1));
}

/**
 * Listens to the service's events for as long as the page lives, and tells them as actions. Whenever the connection opens, all is
 * asked for anew: events that passed meanwhile are lost. Where it does not open, the same is asked once, so that the page can say why.
 */
export class Feed {
  readonly #ports: FeedPorts;
  readonly #dispatch: (action: Action) => void;
  #failedAttempts = 0;

  constructor(ports: FeedPorts, dispatch: (action: Action) => void) {
    this.#ports = ports;
    this.#dispatch = dispatch;
  }

  start(): void {
    const stream = this.#ports.openEvents('v1/events', {
      opened: () => {
        this.#failedAttempts = 0;
        this.#dispatch({ type: 'opened' });
        this.refresh();
      },
      lost: () => {
        stream.close();
        this.#retryLater();
      },
      received: (event, data) => this.#receive(event, data),
    });
  }

  /** Asks for everything. */
  refresh(): void {
    void this.#load('blocks', `v1/blocks?limit=${KEPT_BLOCKS}`, (value) => ({
      type: 'blocks',
      blocks: (value as LiveBlocks).blocks,
    }));
    void this.#load('model', 'v1/model', (value) => ({ type: 'model', model: value as ModelState }));
    void this.#load('forecast', 'v1/forecast', (value) => ({ type: 'forecast', forecast: value as Forecast }));
  }

  #retryLater(): void {
    if (this.#failedAttempts === 0) this.refresh();
    this.#failedAttempts += 1;
    const delayMs = retryDelayMs(this.#failedAttempts);
    this.#dispatch({ type: 'lost', retryAtMs: this.#ports.nowMs() + delayMs });
    this.#ports.setTimer(() => this.start(), delayMs);
  }

  #receive(event: string, data: string): void {
    const value: unknown = JSON.parse(data);
    if (event === 'block') this.#dispatch({ type: 'blocks', blocks: [value as LiveBlock] });
    if (event === 'model') this.#dispatch({ type: 'model', model: value as ModelState });
    if (event === 'forecast') this.#dispatch({ type: 'forecast', forecast: value as Forecast });
  }

  async #load(resource: ResourceName, path: string, toAction: (value: unknown) => Action): Promise<void> {
    try {
      this.#dispatch(toAction(await this.#ports.fetchJson(path)));
    } catch (error) {
      this.#dispatch({ type: 'failed', resource, message: error instanceof Error ? error.message : String(error) });
    }
  }
}

/** The names of the events that the service sends. */
export const EVENT_NAMES = ['block', 'model', 'forecast'] as const;
