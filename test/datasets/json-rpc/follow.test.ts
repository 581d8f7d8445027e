import { describe, expect, it } from 'vitest';
import { followHead, type FollowOptions } from '../../../datasets/json-rpc/follow.js';
import { InputError, LanecastError } from '../../../errors.js';
import { virtualClock } from '../../helpers/virtual-clock.js';
import { errorOf } from './nodes.js';

const down = (): LanecastError => new LanecastError('NODE_UNAVAILABLE', 'no answer');

/** Follows heads that come one a look; an error stands for a look that fails. The end of the list ends it. */
async function follow(
  heads: readonly (number | Error)[],
  options: Partial<FollowOptions> = {},
): Promise<{ readonly parts: string[]; readonly events: string[]; readonly sleeps: readonly number[] }> {
  const stopping = new AbortController();
  const clock = virtualClock();
  const [parts, events]: [string[], string[]] = [[], []];
  let look = 0;
  await followHead({
    node: {
      head: () => {
        const head = heads[look++];
        if (look >= heads.length) stopping.abort();
        return head instanceof Error ? Promise.reject(head) : Promise.resolve(head ?? 0);
      },
    },
    ...{ clock, random: () => 0, signal: stopping.signal, from: 10, pollMs: 2_000, confirmations: 0 },
    read: (from, to) => Promise.resolve(void parts.push(`${from}-${to}`)),
    onOutage: (error) => events.push(error.message),
    onRecovery: () => events.push('back'),
    ...options,
  });
  return { parts, events, sleeps: clock.sleeps };
}

describe('following a chain', () => {
  it('catches up in parts, then looks at the last block again and reads what is new', async () => {
    const { parts, sleeps } = await follow([50, 50, 51, 53, 53]);
    expect(parts).toEqual(['10-25', '26-41', '42-50', '50-50', '50-51', '51-53']);
    expect(new Set(sleeps)).toEqual(new Set([2_000]));
  });

  it('stays behind by the confirmations, and waits for the first block', async () => {
    expect((await follow([5, 11, 12, 14, 14], { confirmations: 2 })).parts).toEqual(['10-10', '10-12']);
  });

  it('follows an end that went back', async () => {
    expect((await follow([12, 11, 13, 13])).parts).toEqual(['10-12', '11-11', '11-13']);
  });

  it('tells of an outage once, waits longer and longer, and tells when it is over', async () => {
    const failing = Array.from({ length: 12 }, down);
    const { parts, events, sleeps } = await follow([12, ...failing, 13, 13]);
    expect(parts).toEqual(['10-12', '12-13']);
    expect(events).toEqual(['no answer', 'back']);
    expect(sleeps.slice(1, 13)).toEqual([2, 2, 2, 2, 4, 8, 16, 30, 30, 30, 30, 30].map((seconds) => seconds * 1_000));
  });

  it('does not read again what was read before a part failed', async () => {
    const parts: string[] = [];
    await follow([50, 50, 50], {
      read: (from, to) => {
        parts.push(`${from}-${to}`);
        return parts.length === 2 ? Promise.reject(down()) : Promise.resolve();
      },
    });
    expect(parts).toEqual(['10-25', '26-41', '25-40', '41-50']);
  });

  it.each([
    ['what no waiting helps', new LanecastError('UNSUPPORTED', 'no debug methods'), 1],
    ['a failure of the store', new LanecastError('STORE_FAILED', 'disk is full'), 1],
    ['a block that stays unsound', new InputError({ origin: 'node' }, 'no receipts'), 10],
  ])('ends with %s', async (_name, failure, times) => {
    let tried = 0;
    const heads = Array.from({ length: 30 }, () => 12);
    const read = (): Promise<void> => {
      tried += 1;
      return Promise.reject(failure);
    };
    expect(await errorOf(follow(heads, { read }))).toBe(failure);
    expect(tried).toBe(times);
  });
});
