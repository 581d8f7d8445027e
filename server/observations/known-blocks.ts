import type { KnownBlock } from '../ports.js';

/** Reorganisations are not deeper than this, and nobody posts older blocks twice but by mistake. */
const MOST_BLOCKS = 4_096;

/** The blocks that were learned, by number, so that none is learned twice. */
export class KnownBlocks {
  readonly #hashes = new Map<number, string>();
  #latest = 0;

  constructor(known: readonly KnownBlock[]) {
    for (const block of known) this.add(block);
  }

  /** The greatest number. */
  get latest(): number {
    return this.#latest;
  }

  hashOf(number: number): string | null {
    return this.#hashes.get(number) ?? null;
  }

  add({ number, hash }: KnownBlock): void {
    this.#hashes.delete(number);
    this.#hashes.set(number, hash);
    this.#latest = Math.max(this.#latest, number);
    for (const oldest of this.#hashes.keys()) {
      if (this.#hashes.size <= MOST_BLOCKS) return;
      this.#hashes.delete(oldest);
    }
  }

  list(): KnownBlock[] {
    return [...this.#hashes].map(([number, hash]) => ({ number, hash }));
  }
}
