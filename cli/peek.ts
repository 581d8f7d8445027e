/** The first item that was asked for, and all items of the source, that one and those before it included. */
export interface Peeked<Item> {
  /** Null where there is none. */
  readonly found: Item | null;
  /** To be read once; the source is closed when reading ends. */
  readonly items: AsyncIterable<Item>;
}

/** Looks ahead in a source until an item is as wanted. What the source throws is thrown. */
export async function peek<Item>(
  source: AsyncIterable<Item>,
  isWanted: (item: Item) => boolean,
): Promise<Peeked<Item>> {
  const iterator = source[Symbol.asyncIterator]();
  const read: Item[] = [];
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    read.push(next.value);
    if (isWanted(next.value)) return { found: next.value, items: resume(read, iterator) };
  }
  return { found: null, items: resume(read, iterator) };
}

async function* resume<Item>(read: readonly Item[], iterator: AsyncIterator<Item>): AsyncGenerator<Item> {
  try {
    yield* read;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}
