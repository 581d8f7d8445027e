import type { SectionReader } from '../artifact/section-reader.js';
import type { SectionWriter } from '../artifact/section-writer.js';
import type { DecodedCall } from '../calls/decode.js';
import { at } from '../numbers.js';
import { ACCOUNT, type KeySpace } from '../tables/key-space.js';

/**
 * How a storage key is derived from what is known of a transaction before it is executed, written `TARGET|SLOT`.
 *
 * TARGET and every value: `from`, `to`, `self` (the contract that the statistics are about), `wK` (word K of the
 * arguments), `xJ` (address J among the arguments), `=HEX` (a constant), and for values `sHEX` (what the target's slot
 * HEX holds). SLOT: `c HEX` constant, `m PLACE V…` Solidity's mapping keccak(V ‖ PLACE), nested as often as there are
 * values, `v PLACE V` Vyper's keccak(PLACE ‖ V), `a PLACE [V]` an element of the array at keccak(PLACE); all but the
 * constant may end with `+OFFSET` for fields of structs; `b` the balance and nonce of the target, which is no slot.
 */
export interface Expression {
  readonly id: number;
  readonly text: string;
  readonly target: Value;
  readonly kind: 'c' | 'm' | 'v' | 'a' | 'b';
  /** Constant slot, or place of the mapping or array: 64 hex digits. */
  readonly place: string;
  readonly values: readonly Value[];
  readonly offset: number;
}

export type Value =
  | { readonly source: 'from' | 'to' | 'self' }
  | { readonly source: 'word' | 'address'; readonly index: number }
  | { readonly source: 'constant' | 'slot'; readonly word: string };

/** An expression with its texts, values and entry in a Map, as measured. */
const EXPRESSION_BYTES = 460;

/** Each text once; numbers expressions from 0. */
export class Expressions {
  readonly #byText = new Map<string, Expression>();
  readonly #all: Expression[] = [];

  get size(): number {
    return this.#all.length;
  }

  of(text: string): Expression {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const expression = parse(text, this.#all.length);
    this.#byText.set(text, expression);
    this.#all.push(expression);
    return expression;
  }

  all(): readonly Expression[] {
    return this.#all;
  }

  /** Memory held, in bytes, roughly. */
  get byteLength(): number {
    return this.#all.length * EXPRESSION_BYTES;
  }

  save(to: SectionWriter): void {
    to.texts(
      'texts',
      this.#all.map(({ text }) => text),
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
      return this.of(text).id;
    } catch (error) {
      if (error instanceof RangeError) return -1;
      throw error;
    }
  }
}

function parse(text: string, id: number): Expression {
  const [target = '', rest = ''] = text.split('|');
  const parts = rest.split(' ');
  const last = parts.at(-1) ?? '';
  const offset = last.startsWith('+') ? Number(last.slice(1)) : 0;
  const [kind = '', place = '', ...values] = last.startsWith('+') ? parts.slice(0, -1) : parts;
  if (kind !== 'c' && kind !== 'm' && kind !== 'v' && kind !== 'a' && kind !== 'b')
    throw new RangeError(`bad expression: ${text}`);
  return {
    id,
    text,
    target: parseValue(target),
    kind,
    place: place.padStart(64, '0'),
    values: values.map(parseValue),
    offset,
  };
}

function parseValue(text: string): Value {
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

/** The last known value of a slot as a word; -1 where it is not known. */
export type ReadSlot = (address: number, slot: number) => number;

/** Evaluates expressions; remembers the numbers of their constants. */
export class Evaluator {
  readonly #space: KeySpace;
  readonly #readSlot: ReadSlot;
  readonly #constants = new Map<string, number>();

  constructor(space: KeySpace, readSlot: ReadSlot) {
    this.#space = space;
    this.#readSlot = readSlot;
  }

  /** The key that an expression names for a call, or -1. `self` is a word, -1 where there is none. */
  evaluate(expression: Expression, call: DecodedCall, self: number): number {
    const target = this.#value(expression.target, call, self, -1);
    if (target < 0) return -1;
    if (expression.kind === 'b') return this.#space.key(target, ACCOUNT);
    const place = this.#constant(expression.place);
    if (expression.kind === 'c') return this.#space.key(target, place);
    const slot = this.#derive(expression, place, (value) => this.#value(value, call, self, target));
    return slot < 0 ? -1 : this.#space.key(target, this.#space.plus(slot, expression.offset));
  }

  #derive({ kind, values }: Expression, place: number, valueOf: (value: Value) => number): number {
    let slot = place;
    if (kind === 'a') slot = this.#space.hashOne(place);
    for (const value of values) {
      const word = valueOf(value);
      if (word < 0) return -1;
      if (kind === 'm') slot = this.#space.hashPair(word, slot);
      else if (kind === 'v') slot = this.#space.hashPair(slot, word);
      else slot = this.#element(slot, word);
      if (slot < 0) return -1;
    }
    return slot;
  }

  /** Elements beyond the millionth are taken for something else. */
  #element(start: number, index: number): number {
    const bytes = this.#space.words.bytes(index);
    for (let position = 0; position < 29; position++) if (bytes[position] !== 0) return -1;
    return this.#space.plus(start, (at(bytes, 29) << 16) | (at(bytes, 30) << 8) | at(bytes, 31));
  }

  #value(value: Value, call: DecodedCall, self: number, target: number): number {
    switch (value.source) {
      case 'from':
        return call.from;
      case 'to':
        return call.to;
      case 'self':
        return self;
      case 'word':
        return call.words[value.index] ?? -1;
      case 'address':
        return call.addresses[value.index] ?? -1;
      case 'constant':
        return this.#constant(value.word);
      case 'slot':
        return this.#readSlot(target, this.#constant(value.word));
    }
  }

  #constant(hex: string): number {
    const known = this.#constants.get(hex);
    if (known !== undefined) return known;
    const word = this.#space.words.addHex(hex);
    this.#constants.set(hex, word);
    return word;
  }
}
