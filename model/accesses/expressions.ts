import type { SectionReader } from '../artifact/section-reader.js';
import type { SectionWriter } from '../artifact/section-writer.js';
import { LanecastError } from '../../errors.js';
import { PairTable } from '../tables/pair-table.js';
import { EXPRESSION_LIMIT } from './expression-counts.js';

/** The kinds of SLOT; see `Expressions`. */
export type SlotKind = 'c' | 'm' | 'v' | 'a' | 'b';

/** The SLOT part of an expression. */
export interface SlotParts {
  readonly kind: SlotKind;
  /** Constant slot, or place of the mapping or array: 64 hex digits. */
  readonly place: string;
  readonly values: readonly Value[];
  readonly offset: number;
}

export type Value =
  | { readonly source: 'from' | 'to' | 'self' }
  | { readonly source: 'word' | 'address'; readonly index: number }
  | { readonly source: 'constant' | 'slot'; readonly word: string };

/** A text with its entries in a Map and an array, as measured. */
const TEXT_BYTES = 130;

/**
 * How a storage key is derived from what is known of a transaction before it is executed, written `TARGET|SLOT`.
 *
 * TARGET and every value: `from`, `to`, `self` (the contract that the statistics are about), `wK` (word K of the
 * arguments), `xJ` (address J among the arguments), `=HEX` (a constant), and for values `sHEX` (what the target's slot
 * HEX holds). SLOT: `c HEX` constant, `m PLACE V…` Solidity's mapping keccak(V ‖ PLACE), nested as often as there are
 * values, `v PLACE V` Vyper's keccak(PLACE ‖ V), `a PLACE [V]` an element of the array at keccak(PLACE); all but the
 * constant may end with `+OFFSET` for fields of structs; `b` the balance and nonce of the target, which is no slot.
 *
 * Each once, numbered from 0; held as a number of the TARGET and one of the SLOT, which many expressions share.
 */
export class Expressions {
  readonly #parts = new PairTable();
  readonly #targets = new Texts();
  readonly #slots = new Texts();

  get size(): number {
    return this.#parts.size;
  }

  /** The number of an expression, which is added where it is new. Throws RangeError where the text is none. */
  of(text: string): number {
    const end = text.indexOf('|');
    return this.add(text.slice(0, Math.max(0, end)), text.slice(end + 1));
  }

  /** `of` what has these two parts. Throws LanecastError UNSUPPORTED where there are too many. */
  add(target: string, slot: string): number {
    const id = this.#parts.add(this.#targets.add(target, parseValue), this.#slots.add(slot, parseSlot));
    if (id >= EXPRESSION_LIMIT) {
      throw new LanecastError(
        'UNSUPPORTED',
        `more than ${EXPRESSION_LIMIT} expressions: evidence is to be compacted before`,
      );
    }
    return id;
  }

  text(id: number): string {
    return `${this.target(id)}|${this.slot(id)}`;
  }

  target(id: number): string {
    return this.#targets.get(this.targetNumber(id));
  }

  slot(id: number): string {
    return this.#slots.get(this.slotNumber(id));
  }

  /** Throws RangeError where there is no such expression. */
  targetNumber(id: number): number {
    if (id < 0 || id >= this.size) throw new RangeError(`no expression ${id}`);
    return this.#parts.first(id);
  }

  slotNumber(id: number): number {
    return this.#parts.second(id);
  }

  /** Memory held, in bytes, roughly. */
  get byteLength(): number {
    return this.#parts.byteLength + (this.#targets.size + this.#slots.size) * TEXT_BYTES;
  }

  save(to: SectionWriter): void {
    to.texts(
      'texts',
      Array.from({ length: this.size }, (_, id) => this.text(id)),
    );
  }

  /** Takes over what was saved; to be called on new ones. */
  restore(from: SectionReader): void {
    for (const [index, text] of from.texts('texts').entries()) {
      if (this.#parses(text) !== index) from.refuse('texts', `text ${index} is no new expression: ${text}`);
    }
  }

  /** The number of an expression; -1 where the text is none. */
  #parses(text: string): number {
    try {
      return this.of(text);
    } catch (error) {
      if (error instanceof RangeError) return -1;
      throw error;
    }
  }
}

/** Numbers texts from 0. */
class Texts {
  readonly #numbers = new Map<string, number>();
  readonly #all: string[] = [];

  get size(): number {
    return this.#all.length;
  }

  /** `check` throws where a new text is none. */
  add(text: string, check: (text: string) => unknown): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    check(text);
    const number = this.#all.push(text) - 1;
    this.#numbers.set(text, number);
    return number;
  }

  get(number: number): string {
    return this.#all[number] ?? '';
  }
}

/** Throws RangeError where the text is no SLOT. */
export function parseSlot(text: string): SlotParts {
  const parts = text.split(' ');
  const last = parts.at(-1) ?? '';
  const offset = last.startsWith('+') ? Number(last.slice(1)) : 0;
  const [kind = '', place = '', ...values] = last.startsWith('+') ? parts.slice(0, -1) : parts;
  if (kind !== 'c' && kind !== 'm' && kind !== 'v' && kind !== 'a' && kind !== 'b')
    throw new RangeError(`bad slot of an expression: ${text}`);
  return { kind, place: place.padStart(64, '0'), values: values.map(parseValue), offset };
}

/** Throws RangeError where the text is neither a TARGET nor a value. */
export function parseValue(text: string): Value {
  if (text === 'from' || text === 'to' || text === 'self') return { source: text };
  const rest = text.slice(1);
  switch (text.charAt(0)) {
    case 'w':
      return { source: 'word', index: Number(rest) };
    case 'x':
      return { source: 'address', index: Number(rest) };
    case '=':
      return { source: 'constant', word: rest.padStart(64, '0') };
    case 's':
      return { source: 'slot', word: rest.padStart(64, '0') };
    default:
      throw new RangeError(`bad value in an expression: ${text}`);
  }
}
