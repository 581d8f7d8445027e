import type { TransactionRecord } from '../../types.js';
import type { SectionReader } from '../artifact/section-reader.js';
import type { SectionWriter } from '../artifact/section-writer.js';
import type { KeySpace } from './key-space.js';
import { NUMBER_MAP_ENTRY_BYTES, restoreNumberMap, saveNumberMap } from './number-map.js';

/** Slots below may key other slots: counters, owners, implementations. */
const SMALL_SLOT = /^0x0{48}/;

/** The last known values of contracts' first slots, by key, as words; those that were met longest ago come first. */
export class SlotValues {
  readonly #values = new Map<number, number>();

  get size(): number {
    return this.#values.size;
  }

  /** -1 where the value is not known, or the key. */
  get(key: number): number {
    return this.#values.get(key) ?? -1;
  }

  set(key: number, value: number): void {
    this.#values.delete(key);
    this.#values.set(key, value);
  }

  /** Keys and values, those that were met longest ago first. */
  entries(): IterableIterator<[key: number, value: number]> {
    return this.#values.entries();
  }

  /** Memory held, in bytes, roughly. */
  get byteLength(): number {
    return this.#values.size * NUMBER_MAP_ENTRY_BYTES;
  }

  save(to: SectionWriter): void {
    saveNumberMap(this.#values, to);
  }

  /** Takes over what was saved; to be called on new ones. */
  restore(from: SectionReader, space: KeySpace): void {
    restoreNumberMap(this.#values, from, { keys: space.keyCount, values: space.words.size });
  }

  /** Takes over what a transaction read and wrote. */
  learn(space: KeySpace, { accesses }: TransactionRecord): void {
    for (const kind of ['read', 'write'] as const) {
      for (const access of accesses) {
        if (access.kind !== kind || access.slot === null || access.value === null || !SMALL_SLOT.test(access.slot))
          continue;
        const key = space.key(space.words.addAddress(access.address), space.words.addHex(access.slot));
        this.set(key, space.words.addHex(access.value));
      }
    }
  }
}
