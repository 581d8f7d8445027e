import type { PredictedAccesses, PredictedKey } from '../scheduler/predictor.js';

/** Probabilities that a transaction touches a key at all, and that it changes it. */
export interface KeyUse {
  readonly touch: number;
  readonly write: number;
}

/** Touches and changes for certain. */
export const WRITES: KeyUse = { touch: 1, write: 1 };
/** Touches for certain and leaves unchanged. */
export const READS: KeyUse = { touch: 1, write: 0 };

/** Names a key within a block: address and slot, or the address alone for the account. */
export function nameOfKey({ address, slot }: PredictedKey): string {
  return slot === null ? address : address + slot;
}

/** Lays the keys of a block's transactions end to end: `use` those of one transaction, then `endTransaction`. */
export class AccessRowsBuilder {
  readonly #indexByName = new Map<string, number>();
  readonly #keys: PredictedKey[] = [];
  readonly #offsets: number[] = [0];
  readonly #keyIndices: number[] = [];
  readonly #touch: number[] = [];
  readonly #write: number[] = [];
  readonly #current = new Map<number, KeyUse>();

  /** Of two uses of a key by one transaction the likelier counts. */
  use(key: PredictedKey, { touch, write }: KeyUse): void {
    const index = this.#intern(key);
    const known = this.#current.get(index);
    const merged = { touch: Math.max(touch, known?.touch ?? 0), write: Math.max(write, known?.write ?? 0) };
    this.#current.set(index, merged);
  }

  endTransaction(): void {
    for (const [index, { touch, write }] of this.#current) {
      this.#keyIndices.push(index);
      this.#touch.push(touch);
      this.#write.push(write);
    }
    this.#current.clear();
    this.#offsets.push(this.#keyIndices.length);
  }

  build(): PredictedAccesses {
    return {
      keys: this.#keys,
      offsets: Uint32Array.from(this.#offsets),
      keyIndices: Uint32Array.from(this.#keyIndices),
      readProbability: Float32Array.from(this.#touch),
      writeProbability: Float32Array.from(this.#write),
    };
  }

  #intern(key: PredictedKey): number {
    const name = nameOfKey(key);
    const known = this.#indexByName.get(name);
    if (known !== undefined) return known;
    this.#indexByName.set(name, this.#keys.length);
    return this.#keys.push(key) - 1;
  }
}
