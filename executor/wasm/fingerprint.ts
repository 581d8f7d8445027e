import { createHash, type Hash as Hasher } from 'node:crypto';
import { receiptAt, viewHeap } from './heap.js';
import type { EngineInstance } from './instance.js';
import * as layout from './layout.js';
import type { Placed } from './run.js';
import { StateMemory } from './state-memory.js';

const STAGED_NUMBERS = 1 << 14;
const WORD_NUMBERS = 8;
const NONCE_NUMBERS = 2;
const BLOOM_NUMBERS = layout.BLOOM_BYTES / 4;

/**
 * A digest of what the last run of a loaded block came to, as it lies in the engine's memory: receipts, logs, blooms, and all that
 * differs from the state before the block. Of two runs of the same loaded block, equal digests mean equal outcomes.
 */
export function fingerprintOf(engine: EngineInstance, placed: Placed): string {
  const digest = new Digest();
  addReceipts(digest, engine, placed);
  addStateDifferences(digest, engine);
  return digest.finish();
}

function addReceipts(digest: Digest, engine: EngineInstance, placed: Placed): void {
  const heap = viewHeap(engine);
  for (let index = 0; index < placed.count; index += 1) {
    const { succeeded, gasUsed, logs, logsBytes, logCount, bloom } = receiptAt(heap, placed, index);
    digest.number(succeeded ? 1 : 0);
    digest.number(gasUsed);
    digest.number(gasUsed / 2 ** 32);
    digest.number(logCount);
    digest.number(logsBytes);
    digest.numbers(heap.numbers, logs >>> 2, logsBytes >>> 2);
    digest.number(bloom === null ? 0 : 1);
    if (bloom !== null) digest.numbers(heap.numbers, bloom >>> 2, BLOOM_NUMBERS);
  }
  digest.numbers(new Uint32Array(heap.bytes.buffer, layout.B_BLOOM, BLOOM_NUMBERS), 0, BLOOM_NUMBERS);
}

/** Keys keep their numbers while a block is loaded; the order in which they became dirty depends on the run. */
function addStateDifferences(digest: Digest, engine: EngineInstance): void {
  const memory = new StateMemory(engine);
  for (const key of changedKeys(memory)) {
    const record = memory.recordAt(key);
    const code = memory.isCode(key) ? memory.codeAt(key) : null;
    const value = code === null ? record + layout.R_VALUE : (engine.exports.codeRecord(code) >>> 0) + layout.C_HASH;
    digest.number(key);
    digest.numbers(memory.numbers, value / 4, WORD_NUMBERS);
    if (memory.isAccount(key)) digest.numbers(memory.numbers, (record + layout.R_NONCE) / 4, NONCE_NUMBERS);
  }
}

function changedKeys(memory: StateMemory): Uint32Array {
  const keys = new Uint32Array(memory.dirtyCount);
  let count = 0;
  for (let place = 0; place < memory.dirtyCount; place += 1) {
    if (!memory.isChanged(place)) continue;
    keys[count] = memory.dirtyKey(place);
    count += 1;
  }
  return keys.subarray(0, count).sort();
}

/** SHA-256 of 32-bit numbers, which are few at a time and are hashed many at a time. */
class Digest {
  readonly #hash: Hasher = createHash('sha256');
  readonly #staged = new Uint32Array(STAGED_NUMBERS);
  #count = 0;

  /** Its lowest 32 bits. */
  number(value: number): void {
    if (this.#count === STAGED_NUMBERS) this.#flush();
    this.#staged[this.#count] = value;
    this.#count += 1;
  }

  numbers(from: Uint32Array, start: number, count: number): void {
    for (let done = 0; done < count;) {
      if (this.#count === STAGED_NUMBERS) this.#flush();
      const part = Math.min(count - done, STAGED_NUMBERS - this.#count);
      const [staged, at] = [this.#staged, this.#count];
      for (let i = 0; i < part; i += 1) staged[at + i] = from[start + done + i] ?? 0;
      this.#count += part;
      done += part;
    }
  }

  finish(): string {
    this.#flush();
    return this.#hash.digest('hex');
  }

  #flush(): void {
    this.#hash.update(this.#staged.subarray(0, this.#count));
    this.#count = 0;
  }
}
