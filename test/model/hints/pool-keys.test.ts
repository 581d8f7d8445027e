import { describe, expect, it } from 'vitest';
import { PoolKeys } from '../../../model/hints/pool-keys.js';

describe('the keys of waiting transactions', () => {
  it('are numbered from 0 in the order of their first naming', () => {
    const pool = new PoolKeys();
    expect([1e9, 7, 1e9, 0].map((key) => pool.add(key, false))).toEqual([0, 1, 0, 2]);
    expect(pool.count).toBe(3);
  });

  it('are contended where several name them and one changes them', () => {
    const pool = new PoolKeys();
    for (const key of [5, 6, 5]) pool.add(key, key === 6);
    expect([0, 1, 2].map((number) => pool.isContended(number))).toEqual([false, false, false]);
    pool.add(5, true);
    expect(pool.isContended(0)).toBe(true);
  });

  it('are no longer once the others left', () => {
    const pool = new PoolKeys();
    for (const changes of [true, false, false]) pool.add(5, changes);
    pool.remove(0, true);
    expect(pool.isContended(0)).toBe(false);
    pool.add(5, true);
    expect(pool.isContended(0)).toBe(true);
    pool.remove(0, false);
    pool.remove(0, false);
    expect(pool.isContended(0)).toBe(false);
  });

  it('remember who is contended as they become more, and nothing when cleared', () => {
    const pool = new PoolKeys();
    for (const key of [3, 3, 4]) pool.add(key, true);
    for (let key = 10; key < 5_000; key++) pool.add(key, true);
    expect([pool.count, pool.isContended(0), pool.isContended(1)]).toEqual([4_992, true, false]);
    pool.clear();
    expect([pool.count, pool.add(9, true), pool.isContended(0), pool.isFull]).toEqual([0, 0, false, false]);
  });
});
