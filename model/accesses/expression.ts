import type { DecodedCall } from '../calls/decode.js';
import { ACCOUNT, type KeySpace } from '../tables/key-space.js';
import { parseSlot, parseValue, type Expressions, type SlotKind, type Value } from './expressions.js';

/** How slots are derived, in the order of their features. */
export const EXPRESSION_KINDS: readonly string[] = ['c', 'm', 'v', 'a'];

/** The last known value of a slot as a word; -1 where it is not known. */
export type ReadSlot = (address: number, slot: number) => number;

/** A SLOT part with its constants as words; sources as numbers. */
interface CompiledSlot {
  readonly kind: SlotKind;
  readonly shape: number;
  readonly namesSelf: boolean;
  readonly isConstant: boolean;
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
  /** By the numbers of targets and of slots, which many expressions share. */
  readonly #targets: CompiledValue[] = [];
  readonly #slots: CompiledSlot[] = [];

  constructor(space: KeySpace, expressions: Expressions, readSlot: ReadSlot) {
    this.#space = space;
    this.#expressions = expressions;
    this.#readSlot = readSlot;
  }

  /** The shape of an expression, a position in `EXPRESSION_KINDS`; -1 for what is no slot. */
  shapeOf(id: number): number {
    return this.#slotOf(id).shape;
  }

  /** Whether the expression names the same key for all calls. */
  isConstant(id: number): boolean {
    return this.#slotOf(id).isConstant && this.#targetOf(id).source === 'constant';
  }

  /** Whether what the expression names depends on `self`. */
  namesSelf(id: number): boolean {
    return this.#slotOf(id).namesSelf || this.#targetOf(id).source === 'self';
  }

  /** The key that the expression with this number names for a call, or -1. `self` is a word, -1 where there is none. */
  evaluate(id: number, call: DecodedCall, self: number): number {
    const { kind, place, values, offset } = this.#slotOf(id);
    const target = this.#value(this.#targetOf(id), call, self, -1);
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

  #targetOf(id: number): CompiledValue {
    const number = this.#expressions.targetNumber(id);
    return (this.#targets[number] ??= this.#compileValue(parseValue(this.#expressions.target(id))));
  }

  #slotOf(id: number): CompiledSlot {
    const number = this.#expressions.slotNumber(id);
    return (this.#slots[number] ??= this.#compileSlot(this.#expressions.slot(id)));
  }

  #compileSlot(text: string): CompiledSlot {
    const { kind, place, values, offset } = parseSlot(text);
    return {
      kind,
      shape: EXPRESSION_KINDS.indexOf(kind),
      namesSelf: values.some(({ source }) => source === 'self'),
      isConstant: values.every(({ source }) => source === 'constant'),
      place: this.#space.words.addHex(place),
      values: values.map((value) => this.#compileValue(value)),
      offset,
    };
  }

  #compileValue(value: Value): CompiledValue {
    if ('index' in value) return { source: value.source, operand: value.index };
    return { source: value.source, operand: 'word' in value ? this.#space.words.addHex(value.word) : -1 };
  }
}
