import type { PredictedKey } from '../../scheduler/predictor.js';
import type { Address } from '../../types.js';
import { Encoder } from './encode.js';
import type { EngineInstance } from './instance.js';

const WORD_BYTES = 32;

/** Finds the engine's numbers of keys; it gives none to keys that have none. Lives as long as the block that is loaded. */
export class KeyFinder {
  readonly #engine: EngineInstance;
  readonly #word: number;

  /** Throws UNSUPPORTED where the block heap is full. */
  constructor(engine: EngineInstance) {
    this.#engine = engine;
    this.#word = engine.allocate(WORD_BYTES);
  }

  /** By key its number, or 0. */
  find(keys: readonly PredictedKey[]): Uint32Array {
    const { exports, bytes } = this.#engine;
    const encoder = new Encoder(bytes, this.#word, WORD_BYTES);
    const write = (hex: PredictedKey['address']): number => {
      bytes.fill(0, this.#word, this.#word + WORD_BYTES);
      encoder.moveTo(this.#word);
      encoder.hexWord(hex);
      encoder.finish();
      return this.#word;
    };
    const accounts = new Map<Address, number>();
    return Uint32Array.from(keys, ({ address, slot }) => {
      const account = accounts.get(address) ?? exports.findAccount(write(address)) >>> 0;
      accounts.set(address, account);
      return slot === null || account === 0 ? account : exports.findSlot(account, write(slot)) >>> 0;
    });
  }
}
