import { at } from '../numbers.js';

/** A word and how expressions call it. */
export interface NamedWord {
  /** 64 hex digits. */
  readonly hex: string;
  readonly name: string;
}

interface Wanted {
  readonly bytes: Buffer;
  readonly found: (text: string) => void;
}

/** Places of mappings that are tried; those of nested ones are fewer, because pairs of words are tried for each. */
const PLACES = 32;
const NESTED_PLACES = 14;
const MAX_STRUCT_OFFSET = 4;
const MAX_ARRAY_OFFSET = 1 << 20;
const WORD = 32;

/** Finds by trying how slots were derived from words: mappings, nested mappings, arrays at low places. */
export class SlotSearch {
  readonly #keccak256: (data: Uint8Array) => Uint8Array;
  readonly #input = Buffer.alloc(2 * WORD);
  readonly #arrays: readonly Uint8Array[];
  /** By the first four bytes of the slot. */
  #wanted = new Map<number, Wanted[]>();

  constructor(keccak256: (data: Uint8Array) => Uint8Array) {
    this.#keccak256 = keccak256;
    this.#arrays = Array.from({ length: PLACES }, (_, place) => Uint8Array.from(keccak256(wordOf(place))));
  }

  /** Asks for a slot (64 hex digits); `found` is called with the first expression that gives it. */
  want(slot: string, found: (text: string) => void): void {
    const bytes = Buffer.from(slot, 'hex');
    const prefix = bytes.readInt32BE(0);
    const list = this.#wanted.get(prefix);
    if (list === undefined) this.#wanted.set(prefix, [{ bytes, found }]);
    else list.push({ bytes, found });
  }

  /** Tries `named` as keys of mappings, and `named` and `constants` as keys of the inner ones; then forgets the slots. */
  run(named: readonly NamedWord[], constants: readonly NamedWord[]): void {
    for (const [place, start] of this.#arrays.entries()) this.#offer(start, `a ${hexOf(place)}`, MAX_ARRAY_OFFSET);
    const outer = this.#tryMappings([...named, ...constants]);
    if (this.#wanted.size > 0) this.#tryNested(outer, [...named, ...constants].filter(isAddressLike));
    this.#wanted = new Map();
  }

  #tryMappings(keys: readonly NamedWord[]): { readonly hash: Uint8Array; readonly text: string }[] {
    const outer: { hash: Uint8Array; text: string }[] = [];
    for (const { hex, name } of keys) {
      const key = Buffer.from(hex, 'hex');
      for (let place = 0; place < PLACES; place++) {
        const hash = this.#hash(key, wordOf(place));
        const text = `m ${hexOf(place)} ${name}`;
        this.#offer(hash, text, MAX_STRUCT_OFFSET);
        if (place < NESTED_PLACES && !name.startsWith('=')) outer.push({ hash: Uint8Array.from(hash), text });
        this.#offer(this.#hash(wordOf(place), key), `v ${hexOf(place)} ${name}`, MAX_STRUCT_OFFSET);
      }
    }
    return outer;
  }

  #tryNested(outer: readonly { hash: Uint8Array; text: string }[], keys: readonly NamedWord[]): void {
    for (const { hex, name } of keys) {
      const key = Buffer.from(hex, 'hex');
      for (const { hash, text } of outer) this.#offer(this.#hash(key, hash), `${text} ${name}`, MAX_STRUCT_OFFSET);
    }
  }

  #hash(first: Uint8Array, second: Uint8Array): Uint8Array {
    this.#input.set(first, 0);
    this.#input.set(second, WORD);
    return this.#keccak256(this.#input);
  }

  #offer(hash: Uint8Array, text: string, maxOffset: number): void {
    const prefix = (at(hash, 0) << 24) | (at(hash, 1) << 16) | (at(hash, 2) << 8) | at(hash, 3);
    const list = this.#wanted.get(prefix);
    if (list === undefined) return;
    const open = list.filter(({ bytes, found }) => {
      const offset = differenceOf(bytes, hash);
      if (offset < 0 || offset > maxOffset) return true;
      found(offset === 0 ? text : `${text} +${offset}`);
      return false;
    });
    if (open.length === 0) this.#wanted.delete(prefix);
    else this.#wanted.set(prefix, open);
  }
}

/** slot - hash where they share all but the last four bytes; -1 elsewhere. */
function differenceOf(slot: Buffer, hash: Uint8Array): number {
  for (let index = 4; index < WORD - 4; index++) if (slot[index] !== hash[index]) return -1;
  const last = (at(hash, 28) << 24) | (at(hash, 29) << 16) | (at(hash, 30) << 8) | at(hash, 31);
  return slot.readUInt32BE(28) - (last >>> 0);
}

function wordOf(value: number): Uint8Array {
  const word = new Uint8Array(WORD);
  word[WORD - 1] = value;
  return word;
}

function hexOf(place: number): string {
  return place.toString(16);
}

function isAddressLike({ hex }: NamedWord): boolean {
  return /^0{24}/.test(hex) && !/^0{48}/.test(hex);
}
