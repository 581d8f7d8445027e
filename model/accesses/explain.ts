import type { Hex, KeccakPreimage } from '../../types.js';
import type { DecodedCall } from '../calls/decode.js';
import type { KeySpace } from '../tables/key-space.js';
import { SlotSearch, type NamedWord } from './slot-search.js';

/** One storage slot that a transaction accessed, as the statistics see it. */
export interface SlotUse {
  readonly key: number;
  readonly written: boolean;
  /** Its value before the transaction, no word because most are met once; null where the source does not tell. */
  readonly valueBefore: Hex | null;
}

/** Slots below are taken as they are; hashes are far above. */
const SMALL_SLOT_BYTES = 8;
const MAX_OFFSET = 1024;

/**
 * The SLOT part of the expression of each use, in the order of the uses: from observed keccak preimages where there are any,
 * else found by search, else the slot as a constant.
 */
export class Explainer {
  readonly #space: KeySpace;
  readonly #search: SlotSearch;

  constructor(space: KeySpace, keccak256: (data: Uint8Array) => Uint8Array) {
    this.#space = space;
    this.#search = new SlotSearch(keccak256);
  }

  explain(call: DecodedCall, uses: readonly SlotUse[], preimages: readonly KeccakPreimage[]): string[] {
    const names = this.#nameWords(call);
    const observed = new Observed(preimages);
    const texts = uses.map((use) => {
      const hex = this.#slotHex(use.key);
      if (isSmall(hex)) return `c ${shorten(hex)}`;
      return observed.explain(hex, this.#namesFor(names, use, uses)) ?? '';
    });
    if (preimages.length === 0) this.#searchFor(names, uses, texts);
    return texts.map((text, index) => (text === '' ? `c ${this.#slotHex(uses[index]?.key ?? 0)}` : text));
  }

  #searchFor(names: ReadonlyMap<string, string>, uses: readonly SlotUse[], texts: string[]): void {
    const open = uses.flatMap((use, index) => (texts[index] === '' ? [{ index, slot: this.#slotHex(use.key) }] : []));
    if (open.length === 0) return;
    const touched = new Set(uses.map(({ key }) => this.#addressHex(key)));
    const constants: NamedWord[] = [...touched]
      .filter((hex) => !names.has(hex))
      .map((hex) => ({ hex, name: `=${shorten(hex)}` }));
    const named: NamedWord[] = [...names].map(([hex, name]) => ({ hex, name }));
    for (const { index, slot } of open) this.#search.want(slot, (text) => (texts[index] ||= text));
    this.#search.run(named, constants);
    this.#searchStored(names, uses, texts);
  }

  /** What is still open may be keyed by a value that the same contract holds: a counter, an owner, an implementation. */
  #searchStored(names: ReadonlyMap<string, string>, uses: readonly SlotUse[], texts: string[]): void {
    for (const [index, use] of uses.entries()) {
      if (texts[index] !== '') continue;
      const stored = [...this.#namesFor(names, use, uses)]
        .filter(([, name]) => name.startsWith('s'))
        .map(([hex, name]) => ({ hex, name }));
      if (stored.length === 0) continue;
      this.#search.want(this.#slotHex(use.key), (text) => (texts[index] ||= text));
      this.#search.run(stored, []);
    }
  }

  #nameWords(call: DecodedCall): Map<string, string> {
    const names = new Map<string, string>();
    const put = (word: number, name: string): void => {
      const hex = this.#wordHex(word);
      if (!names.has(hex)) names.set(hex, name);
    };
    if (call.to >= 0) put(call.to, 'to');
    put(call.from, 'from');
    for (const [index, word] of call.words.entries()) if (!isZero(this.#wordHex(word))) put(word, `w${index}`);
    for (const [index, word] of call.addresses.entries()) put(word, `x${index}`);
    return names;
  }

  /** The names, and those of the values in constant slots of the same contract. */
  #namesFor(names: ReadonlyMap<string, string>, use: SlotUse, uses: readonly SlotUse[]): ReadonlyMap<string, string> {
    const extended = new Map(names);
    const address = this.#space.keyAddressWord(use.key);
    for (const { key, valueBefore } of uses) {
      if (valueBefore === null || key === use.key || this.#space.keyAddressWord(key) !== address) continue;
      const [slot, value] = [this.#slotHex(key), digitsOf(valueBefore)];
      if (isSmall(slot) && !isZero(value) && !extended.has(value)) extended.set(value, `s${shorten(slot)}`);
    }
    return extended;
  }

  #wordHex(word: number): string {
    return this.#space.words.hash(word).slice(2);
  }

  #slotHex(key: number): string {
    return this.#wordHex(this.#space.keySlotWord(key));
  }

  #addressHex(key: number): string {
    return this.#wordHex(this.#space.keyAddressWord(key));
  }
}

/** Explains slots by hashes that the execution computed. */
class Observed {
  readonly #preimages = new Map<string, string>();
  readonly #sorted: bigint[];

  constructor(preimages: readonly KeccakPreimage[]) {
    for (const { hash, preimage } of preimages) this.#preimages.set(hash.slice(2), preimage.slice(2));
    this.#sorted = [...this.#preimages.keys()].map((hash) => BigInt(`0x${hash}`)).sort((a, b) => (a < b ? -1 : 1));
  }

  explain(slot: string, names: ReadonlyMap<string, string>): string | null {
    const value = BigInt(`0x${slot}`);
    const base = this.#sorted.findLast((hash) => hash <= value && value - hash <= BigInt(MAX_OFFSET));
    if (base === undefined) return null;
    const text = this.#chain(base.toString(16).padStart(64, '0'), names);
    const offset = value - base;
    return text === null || offset === 0n ? text : `${text} +${offset}`;
  }

  #chain(hash: string, names: ReadonlyMap<string, string>): string | null {
    const preimage = this.#preimages.get(hash);
    if (preimage === undefined) return null;
    const name = (hex: string): string => names.get(hex) ?? `=${shorten(hex)}`;
    const [first, second] = [preimage.slice(0, 64), preimage.slice(64)];
    if (preimage.length === 64) return isSmall(first) ? `a ${shorten(first)}` : null;
    if (preimage.length !== 128) return null;
    if (this.#preimages.has(second)) {
      const inner = this.#chain(second, names);
      return inner === null || !inner.startsWith('m') || inner.includes('+') ? null : `${inner} ${name(first)}`;
    }
    if (isSmall(second)) return `m ${shorten(second)} ${name(first)}`;
    if (isSmall(first)) return `v ${shorten(first)} ${name(second)}`;
    // A place that is itself a hash: storage of libraries and diamonds (EIP-7201, EIP-2535).
    return `m ${second} ${name(first)}`;
  }
}

function isSmall(hex: string): boolean {
  return /^0*$/.test(hex.slice(0, 64 - 2 * SMALL_SLOT_BYTES));
}

/** 64 hex digits. */
function digitsOf(value: Hex): string {
  return value.slice(2).toLowerCase().padStart(64, '0');
}

function isZero(hex: string): boolean {
  return /^0*$/.test(hex);
}

function shorten(hex: string): string {
  return hex.replace(/^0+(?=.)/, '');
}
