import type { SectionReader } from '../artifact/section-reader.js';
import type { SectionWriter } from '../artifact/section-writer.js';
import type { DecodedCall } from '../calls/decode.js';
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

/** How slots are derived, in the order of their features. */
export const EXPRESSION_KINDS: readonly string[] = ['c', 'm', 'v', 'a'];

/** The last known value of a slot as a word; -1 where it is not known. */
export type ReadSlot = (address: number, slot: number) => number;

/** An expression with its constants as words; sources as numbers. */
interface CompiledExpression {
  readonly kind: Expression['kind'];
  readonly shape: number;
  readonly namesSelf: boolean;
  readonly isConstant: boolean;
  readonly target: CompiledValue;
  readonly place: number;
  readonly values: readonly CompiledValue[];
  readonly offset: number;
}

interface CompiledValue {
  readonly source: Value['source'];
  /** Position of an argument, or the word of a constant or slot. */
  readonly operand: number;
}

/** Evaluates expressions of one `Expressions`, of which it remembers the constants as words. */
export class Evaluator {
  readonly #space: KeySpace;
  readonly #readSlot: ReadSlot;
  readonly #expressions: Expressions;
  readonly #compiled: CompiledExpression[] = [];

  constructor(space: KeySpace, expressions: Expressions, readSlot: ReadSlot) {
    this.#space = space;
    this.#expressions = expressions;
    this.#readSlot = readSlot;
  }

  /** The shape of an expression, a position in `EXPRESSION_KINDS`; -1 for what is no slot. */
  shapeOf(id: number): number {
    return this.#compile(id).shape;
  }

  /** Whether the expression names the same key for all calls. */
  isConstant(id: number): boolean {
    return this.#compile(id).isConstant;
  }

  /** Whether what the expression names depends on `self`. */
  namesSelf(id: number): boolean {
    return this.#compile(id).namesSelf;
  }

  /** The key that the expression with this number names for a call, or -1. `self` is a word, -1 where there is none. */
  evaluate(id: number, call: DecodedCall, self: number): number {
    const { kind, target: targetValue, place, values, offset } = this.#compile(id);
    const target = this.#value(targetValue, call, self, -1);
    if (target < 0) return -1;
    if (kind === 'b') return this.#space.key(target, ACCOUNT);
    if (kind === 'c') return this.#space.key(target, place);
    let slot = kind === 'a' ? this.#space.hashOne(place) : place;
    for (let index = 0; index < values.length; index++) {
      const value = values[index];
      const word = value === undefined ? -1 : this.#value(value, call, self, target);
      if (word < 0) return -1;
      if (kind === 'm') slot = this.#space.hashPair(word, slot);
      else if (kind === 'v') slot = this.#space.hashPair(slot, word);
      else slot = this.#element(slot, word);
      if (slot < 0) return -1;
    }
    return this.#space.key(target, this.#space.plus(slot, offset));
  }

  /** Elements beyond the millionth are taken for something else. */
  #element(start: number, index: number): number {
    const bytes = this.#space.words.bytes(index);
    for (let position = 0; position < 29; position++) if (bytes[position] !== 0) return -1;
    return this.#space.plus(start, ((bytes[29] ?? 0) << 16) | ((bytes[30] ?? 0) << 8) | (bytes[31] ?? 0));
  }

  #value({ source, operand }: CompiledValue, call: DecodedCall, self: number, target: number): number {
    switch (source) {
      case 'from':
        return call.from;
      case 'to':
        return call.to;
      case 'self':
        return self;
      case 'word':
        return call.words[operand] ?? -1;
      case 'address':
        return call.addresses[operand] ?? -1;
      case 'constant':
        return operand;
      case 'slot':
        return this.#readSlot(target, operand);
    }
  }

  #compile(id: number): CompiledExpression {
    return this.#compiled[id] ?? this.#compileNew(id);
  }

  #compileNew(id: number): CompiledExpression {
    const expression = this.#expressions.all()[id];
    if (expression === undefined) throw new RangeError(`no expression ${id}`);
    const named = [expression.target, ...expression.values];
    const compiled = {
      kind: expression.kind,
      shape: EXPRESSION_KINDS.indexOf(expression.kind),
      namesSelf: named.some(({ source }) => source === 'self'),
      isConstant: named.every(({ source }) => source === 'constant'),
      target: this.#compileValue(expression.target),
      place: this.#space.words.addHex(expression.place),
      values: expression.values.map((value) => this.#compileValue(value)),
      offset: expression.offset,
    };
    this.#compiled[id] = compiled;
    return compiled;
  }

  #compileValue(value: Value): CompiledValue {
    if ('index' in value) return { source: value.source, operand: value.index };
    return { source: value.source, operand: 'word' in value ? this.#space.words.addHex(value.word) : -1 };
  }
}
