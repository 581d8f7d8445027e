import { describe, expect, it } from 'vitest';
import { Feed, retryDelayMs, type EventsListener } from '../../../server/dashboard/browser/feed.js';
import type { Action } from '../../../server/dashboard/browser/state.js';
import { makeBlock, makeForecast, makeModel } from './live-fixture.js';

class FakeBrowser {
  readonly requests: string[] = [];
  readonly actions: Action[] = [];
  readonly timers: { callback: () => void; delayMs: number }[] = [];
  readonly streams: EventsListener[] = [];
  closed = 0;
  answer: (path: string) => Promise<unknown> = () => Promise.reject(new Error('Nothing here.'));

  readonly feed = new Feed(
    {
      fetchJson: (path) => {
        this.requests.push(path);
        return this.answer(path);
      },
      openEvents: (_path, listener) => {
        this.streams.push(listener);
        return { close: () => (this.closed += 1) };
      },
      setTimer: (callback, delayMs) => void this.timers.push({ callback, delayMs }),
      nowMs: () => 1000,
    },
    (action) => void this.actions.push(action),
  );

  get stream(): EventsListener {
    const last = this.streams.at(-1);
    if (last === undefined) throw new Error('No stream was opened.');
    return last;
  }

  types(): string[] {
    return this.actions.map(({ type }) => type);
  }
}

const ALL = ['v1/blocks?limit=24', 'v1/model', 'v1/forecast'];

describe('the feed', () => {
  it('asks for everything when the connection opens, and each time that it opens again', () => {
    const browser = new FakeBrowser();
    browser.feed.start();
    expect(browser.requests).toEqual([]);
    browser.stream.opened();
    expect(browser.requests).toEqual(ALL);
    browser.stream.lost();
    browser.timers[0]?.callback();
    browser.stream.opened();
    expect(browser.streams).toHaveLength(2);
    expect(browser.requests.slice(-3)).toEqual(ALL);
  });

  it('asks once where the connection does not open, waits longer and longer, and says until when', () => {
    const browser = new FakeBrowser();
    browser.feed.start();
    for (let attempt = 0; attempt < 6; attempt += 1) {
      browser.stream.lost();
      browser.timers.at(-1)?.callback();
    }
    expect(browser.requests).toEqual(ALL);
    expect(browser.closed).toBe(6);
    expect(browser.timers.map(({ delayMs }) => delayMs)).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000]);
    expect(browser.actions[0]).toEqual({ type: 'lost', retryAtMs: 2000 });
    browser.stream.opened();
    browser.stream.lost();
    expect(browser.timers.at(-1)?.delayMs).toBe(1000);
  });

  it('tells events as actions', () => {
    const browser = new FakeBrowser();
    browser.feed.start();
    const block = makeBlock({ sequence: 1, transactions: 3 });
    browser.stream.received('block', JSON.stringify(block));
    browser.stream.received('model', JSON.stringify(makeModel(1)));
    browser.stream.received('forecast', JSON.stringify(makeForecast(1)));
    browser.stream.received('unheard-of', '{}');
    expect(browser.types()).toEqual(['blocks', 'model', 'forecast']);
    expect(browser.actions[0]).toEqual({ type: 'blocks', blocks: [block] });
  });

  it('tells what was answered, and why something was not', async () => {
    const browser = new FakeBrowser();
    browser.answer = (path) =>
      path === 'v1/model' ? Promise.resolve(makeModel(1)) : Promise.reject(new Error(`${path} is not there.`));
    browser.feed.refresh();
    await new Promise(setImmediate);
    expect(browser.types().sort()).toEqual(['failed', 'failed', 'model']);
    expect(browser.actions).toContainEqual({
      type: 'failed',
      resource: 'forecast',
      message: 'v1/forecast is not there.',
    });
  });
});

describe('retryDelayMs', () => {
  it('is a second at first', () => expect([retryDelayMs(0), retryDelayMs(1)]).toEqual([1000, 1000]));
});
