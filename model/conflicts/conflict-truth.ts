import type { SlotUse } from '../accesses/explain.js';

/** Which pairs of a block conflict through slots; asked by later and then earlier transaction. */
export class ConflictTruth {
  readonly #writers = new Map<number, number[]>();
  readonly #uses: readonly (readonly SlotUse[])[];
  readonly #blockedBy: Int32Array;
  #next = 0;

  constructor(uses: readonly (readonly SlotUse[])[]) {
    this.#uses = uses;
    this.#blockedBy = new Int32Array(uses.length).fill(-1);
  }

  conflicts(earlier: number, later: number): boolean {
    while (this.#next <= later) this.#advance(this.#next++);
    return this.#blockedBy[earlier] === later;
  }

  #advance(index: number): void {
    const uses = this.#uses[index] ?? [];
    for (const { key } of uses) for (const writer of this.#writers.get(key) ?? []) this.#blockedBy[writer] = index;
    for (const { key, written } of uses) {
      if (!written) continue;
      const writers = this.#writers.get(key);
      if (writers === undefined) this.#writers.set(key, [index]);
      else writers.push(index);
    }
  }
}
