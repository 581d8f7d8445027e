import type { Address, Hash, Hex } from '../../types.js';
import { HexText } from './hex-text.js';
import type { EngineInstance } from './instance.js';
import * as layout from './layout.js';

const ADDRESS_BYTES = 20;
const WORD_BYTES = 32;
const LIMB_BITS = 64n;

/** The engine's records of access keys, and the list of those that the block wrote, as they lie in its memory. */
export class StateMemory {
  /** Keys that the block wrote, whether or not they have another value now. */
  readonly dirtyCount: number;
  readonly #engine: EngineInstance;
  readonly #bytes: Uint8Array;
  readonly #numbers: Uint32Array;
  readonly #limbs: BigUint64Array;
  readonly #records: number;
  readonly #dirty: number;
  readonly #epoch: number;
  readonly #text = new HexText();

  constructor(engine: EngineInstance) {
    this.#engine = engine;
    this.#bytes = engine.bytes;
    this.#numbers = new Uint32Array(this.#bytes.buffer);
    this.#limbs = new BigUint64Array(this.#bytes.buffer);
    this.#records = engine.exports.recordOf(0) >>> 0;
    this.#dirty = engine.u32(layout.H_DIRTY);
    this.#epoch = engine.u32(layout.H_STATE_EPOCH);
    this.dirtyCount = engine.u32(layout.H_DIRTY_COUNT);
  }

  get numbers(): Uint32Array {
    return this.#numbers;
  }

  dirtyKey(place: number): number {
    return this.#number(this.#entryAt(place) + layout.D_KEY);
  }

  /** Whether a dirty key has another value than before the block: of an account its balance or nonce. */
  isChanged(place: number): boolean {
    const before = this.#entryAt(place);
    const key = this.dirtyKey(place);
    const after = this.recordAt(key);
    if (!this.#isSame(before + layout.D_VALUE, after + layout.R_VALUE, WORD_BYTES)) return true;
    return this.isAccount(key) && !this.#isSame(before + layout.D_NONCE, after + layout.R_NONCE, 8);
  }

  recordAt(key: number): number {
    return this.#records + layout.RECORD_BYTES * key;
  }

  isAccount(key: number): boolean {
    return this.#number(this.recordAt(key) + layout.R_KIND) === layout.KIND_ACCOUNT;
  }

  isSlot(key: number): boolean {
    return this.#number(this.recordAt(key) + layout.R_KIND) === layout.KIND_SLOT;
  }

  isCode(key: number): boolean {
    return this.#number(this.recordAt(key) + layout.R_KIND) === layout.KIND_CODE;
  }

  /** The account that a key belongs to. */
  accountOf(key: number): number {
    if (this.isAccount(key)) return key;
    return this.isSlot(key) ? this.#number(this.recordAt(key) + layout.R_OWNER) : key - 1;
  }

  addressOf(account: number): Address {
    this.#text.putWord(this.#bytes, this.recordAt(account) + layout.R_WORD, ADDRESS_BYTES);
    this.#text.finish();
    return this.#text.take(ADDRESS_BYTES);
  }

  balanceOf(account: number): bigint {
    return this.#isKnown(account) ? this.#word(this.recordAt(account) + layout.R_VALUE) : 0n;
  }

  nonceOf(account: number): bigint {
    return this.#isKnown(account) ? (this.#limbs[(this.recordAt(account) + layout.R_NONCE) / 8] ?? 0n) : 0n;
  }

  /** The number of the code that a code key names. */
  codeAt(key: number): number {
    return this.#number(this.recordAt(key) + layout.R_VALUE);
  }

  codeOf(account: number): Hex {
    const code = this.codeAt(account + 1);
    if (code === 0 || !this.#isKnown(account + 1)) return '0x';
    const { exports } = this.#engine;
    const start = exports.codeBytes(code) >>> 0;
    return `0x${Buffer.from(this.#bytes.buffer, start, exports.codeLength(code)).toString('hex')}`;
  }

  /** Null in place of a value of zero. */
  slotAndValue(key: number): readonly [Hash, Hash | null] {
    const record = this.recordAt(key);
    this.#text.putWord(this.#bytes, record + layout.R_WORD, WORD_BYTES);
    this.#text.putWord(this.#bytes, record + layout.R_VALUE, WORD_BYTES);
    this.#text.finish();
    const slot = this.#text.take(WORD_BYTES);
    return [slot, this.#isZero(record + layout.R_VALUE) ? null : this.#text.take(WORD_BYTES)];
  }

  /** Records of another epoch hold nothing of this state. */
  #isKnown(key: number): boolean {
    return this.#number(this.recordAt(key) + layout.R_EPOCH) === this.#epoch;
  }

  #entryAt(place: number): number {
    return this.#dirty + layout.DIRTY_BYTES * place;
  }

  #number(at: number): number {
    return this.#numbers[at / 4] ?? 0;
  }

  #word(at: number): bigint {
    const limb = (place: number): bigint => this.#limbs[at / 8 + place] ?? 0n;
    const upper = (((limb(3) << LIMB_BITS) | limb(2)) << LIMB_BITS) | limb(1);
    return upper === 0n ? limb(0) : (upper << LIMB_BITS) | limb(0);
  }

  #isZero(at: number): boolean {
    for (let place = 0; place < WORD_BYTES; place += 4) if (this.#number(at + place) !== 0) return false;
    return true;
  }

  #isSame(one: number, other: number, sizeBytes: number): boolean {
    for (let place = 0; place < sizeBytes; place += 4) {
      if (this.#number(one + place) !== this.#number(other + place)) return false;
    }
    return true;
  }
}
