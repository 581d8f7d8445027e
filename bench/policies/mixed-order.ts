import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Each name so many times, shuffled by Fisher and Yates; the same for the same seed. */
export function mixedOrder(
  names: readonly string[],
  { times, seed }: { readonly times: number; readonly seed: number },
): string[] {
  const order = names.flatMap((name) => Array.from({ length: times }, () => name));
  const generator = xoroshiro128plus(seed);
  for (let last = order.length - 1; last > 0; last -= 1) {
    const place = uniformInt(generator, 0, last);
    [order[last], order[place]] = [order[place] ?? '', order[last] ?? ''];
  }
  return order;
}

/** One item at a time of the source that is next in the order; sources that have ended are passed over. */
export async function* inOrder<Item>(
  order: readonly string[],
  open: (name: string) => AsyncGenerator<Item>,
): AsyncGenerator<Item> {
  const opened = new Map<string, AsyncGenerator<Item>>();
  for (const name of order) {
    const source = opened.get(name) ?? open(name);
    opened.set(name, source);
    const next = await source.next();
    if (next.done !== true) yield next.value;
  }
}
