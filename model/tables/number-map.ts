import type { SectionReader } from '../artifact/section-reader.js';
import type { SectionWriter } from '../artifact/section-writer.js';
import { at } from '../numbers.js';

/** An entry of a Map from number to number, as measured. */
export const NUMBER_MAP_ENTRY_BYTES = 40;

/** Saves a Map from number to number in its order. */
export function saveNumberMap(map: ReadonlyMap<number, number>, to: SectionWriter): void {
  to.int32('keys', Int32Array.from(map.keys()));
  to.int32('values', Int32Array.from(map.values()));
}

/** Adds what was saved to an empty Map; `counts`: how many things there are that its keys and values number. */
export function restoreNumberMap(
  map: Map<number, number>,
  from: SectionReader,
  counts: { readonly keys: number; readonly values: number },
): void {
  const keys = from.indices('keys', { count: counts.keys });
  const values = from.indices('values', { count: counts.values, length: keys.length });
  for (const [index, key] of keys.entries()) map.set(key, at(values, index));
  if (map.size !== keys.length) from.refuse('keys', 'a key is there twice');
}
