import type { TransactionRecord } from '../../types.js';
import type { KeySpace } from './key-space.js';

/** Slots below may key other slots: counters, owners, implementations. */
const SMALL_SLOT = /^0x0{48}/;

/** The last known values of contracts' first slots, by key, as words. */
export class SlotValues {
  readonly #values = new Map<number, number>();

  get size(): number {
    return this.#values.size;
  }

  /** -1 where the value is not known, or the key. */
  get(key: number): number {
    return this.#values.get(key) ?? -1;
  }

  /** Takes over what a transaction read and wrote. */
  learn(space: KeySpace, { accesses }: TransactionRecord): void {
    for (const kind of ['read', 'write'] as const) {
      for (const access of accesses) {
        if (access.kind !== kind || access.slot === null || access.value === null || !SMALL_SLOT.test(access.slot))
          continue;
        const key = space.key(space.words.addAddress(access.address), space.words.addHex(access.slot));
        this.#values.set(key, space.words.addHex(access.value));
      }
    }
  }
}
