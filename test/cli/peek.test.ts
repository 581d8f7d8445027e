import { describe, expect, it } from 'vitest';
import { peek } from '../../cli/peek.js';

interface Source {
  readonly items: AsyncIterable<number>;
  /** How far it was read, and whether it was closed. */
  readonly seen: { read: number; closed: boolean };
}

function sourceOf(count: number): Source {
  const seen = { read: 0, closed: false };
  // eslint-disable-next-line @typescript-eslint/require-await
  async function* items(): AsyncGenerator<number> {
    try {
      while (seen.read < count) yield (seen.read += 1);
    } finally {
      seen.closed = true;
    }
  }
  return { items: items(), seen };
}

async function collect(items: AsyncIterable<number>): Promise<number[]> {
  const list: number[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe('looking ahead in a source', () => {
  it('finds the first that is wanted, reads no further, and loses none', async () => {
    const { items, seen } = sourceOf(5);
    const peeked = await peek(items, (item) => item >= 2);
    expect(peeked.found).toBe(2);
    expect(seen.read).toBe(2);
    expect(await collect(peeked.items)).toEqual([1, 2, 3, 4, 5]);
    expect(seen.closed).toBe(true);
  });

  it.each([0, 3])('finds none among %i where none is wanted, and loses none', async (count) => {
    const peeked = await peek(sourceOf(count).items, () => false);
    expect(peeked.found).toBeNull();
    expect(await collect(peeked.items)).toHaveLength(count);
  });

  it('closes the source where reading ends early', async () => {
    const { items, seen } = sourceOf(5);
    for await (const item of (await peek(items, () => true)).items) if (item === 3) break;
    expect(seen).toEqual({ read: 3, closed: true });
  });

  it('throws what the source throws', async () => {
    // eslint-disable-next-line @typescript-eslint/require-await
    async function* failing(): AsyncGenerator<number> {
      yield 1;
      throw new Error('planted');
    }
    await expect(peek(failing(), (item) => item > 1)).rejects.toThrow('planted');
    const { items } = await peek(failing(), () => true);
    await expect(collect(items)).rejects.toThrow('planted');
  });
});
