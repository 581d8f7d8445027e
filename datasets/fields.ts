import { InputError } from '../errors.js';
import type { Address, Hash, Hex } from '../types.js';

/** The document that a field belongs to; `blockNumber` as far as it can be told before the document is checked. */
export interface DocumentPlace {
  readonly origin: string;
  readonly blockNumber: number | undefined;
}

const HEX = /^0x[0-9a-f]*$/i;
const QUANTITY = /^0x[0-9a-f]+$/i;
const TRANSACTION_PATH = /^(?:block\.transactions|receipts|prestateTracer|prestateTracerDiff)\.(\d+)/;
const SHOWN_CHARACTERS = 42;
const QUANTITY_EXPECTED = 'a quantity like "0x1f" or a JSON number';

/**
 * A value inside a parsed JSON document that knows its place. The readers below check and convert in one pass; each
 * throws InputError naming file, block, transaction, field, the value found and what was expected.
 */
export class Field {
  private readonly value: unknown;
  private readonly place: DocumentPlace;
  private readonly parent: Field | null;
  private readonly name: string;

  constructor(value: unknown, place: DocumentPlace, parent: Field | null = null, name = '') {
    this.value = value;
    this.place = place;
    this.parent = parent;
    this.name = name;
  }

  /** A member of an object. A missing member is a field too: its readers complain that it is missing. */
  at(name: string): Field {
    return this.child(this.object()[name], name);
  }

  /** A member of an object, or null where it is absent or null. */
  maybe(name: string): Field | null {
    const value = this.object()[name];
    return value === undefined || value === null ? null : this.child(value, name);
  }

  has(name: string): boolean {
    return this.object()[name] !== undefined;
  }

  isEmpty(): boolean {
    return Object.keys(this.object()).length === 0;
  }

  entries(): [string, Field][] {
    return Object.entries(this.object()).map(([name, value]) => [name, this.child(value, name)]);
  }

  items(): Field[] {
    return this.list().map((value, index) => this.child(value, String(index)));
  }

  /** A member of a list; beyond its end a field that is missing. */
  item(index: number): Field {
    return this.child(this.list()[index], String(index));
  }

  length(): number {
    return this.list().length;
  }

  /** The members of an object whose names are hex of `bytes` bytes. Refuses names that differ in case alone. */
  mapByHex<V>(bytes: number, read: (field: Field) => V): Map<Hex, V> {
    const map = new Map<Hex, V>();
    for (const [name, value] of Object.entries(this.object())) {
      const field = this.child(value, name);
      const problem = hexProblem(name, bytes);
      if (problem !== null) field.fail(`expected a name of ${bytes} bytes of hex, got ${describe(name)} (${problem})`);
      const key = name.toLowerCase() as Hex;
      if (map.has(key)) field.fail(`expected one entry for ${key}, got another in different case`);
      map.set(key, read(field));
    }
    return map;
  }

  isString(): boolean {
    return typeof this.value === 'string';
  }

  text(expected: string): string {
    return typeof this.value === 'string' ? this.value : this.refuse(expected);
  }

  /** A whole number ≥ 0 of any size: "0x…", or a JSON number that JSON can hold exactly. */
  quantity(): bigint {
    if (typeof this.value === 'string' && QUANTITY.test(this.value)) return BigInt(this.value);
    return BigInt(this.jsonInteger());
  }

  /** A whole number from 0 to 2^53 - 1. */
  count(): number {
    if (typeof this.value !== 'string' || !QUANTITY.test(this.value)) return this.jsonInteger();
    const number = Number(this.value);
    return Number.isSafeInteger(number) ? number : this.refuse('at most 2^53 - 1', 'too large');
  }

  /** Whole bytes as lower-case hex; any number of them unless `bytes` says how many. */
  hex(bytes: number | null = null): Hex {
    const problem = typeof this.value === 'string' ? hexProblem(this.value, bytes) : '';
    if (problem !== null) this.refuse(bytes === null ? 'bytes as hex' : `${bytes} bytes of hex`, problem);
    return (this.value as string).toLowerCase() as Hex;
  }

  address(): Address {
    return this.hex(20);
  }

  hash(): Hash {
    return this.hex(32);
  }

  /** Throws InputError for this field. */
  fail(problem: string): never {
    const path = this.path();
    const index = TRANSACTION_PATH.exec(path)?.[1];
    const transactionIndex = index === undefined ? undefined : Number(index);
    throw new InputError({ ...this.place, transactionIndex, field: path === '' ? undefined : path }, problem);
  }

  /** Throws InputError: what was expected, what is there instead, and what is wrong with that. */
  refuse(expected: string, problem = ''): never {
    if (this.value === undefined) this.fail(`is missing, expected ${expected}`);
    this.fail(`expected ${expected}, got ${describe(this.value)}${problem === '' ? '' : ` (${problem})`}`);
  }

  private child(value: unknown, name: string): Field {
    return new Field(value, this.place, this, name);
  }

  private object(): Readonly<Record<string, unknown>> {
    if (typeof this.value !== 'object' || this.value === null || Array.isArray(this.value)) this.refuse('an object');
    return this.value as Readonly<Record<string, unknown>>;
  }

  private list(): readonly unknown[] {
    if (!Array.isArray(this.value)) this.refuse('a list');
    return this.value as unknown[];
  }

  private jsonInteger(): number {
    if (typeof this.value !== 'number') this.refuse(QUANTITY_EXPECTED, quantityProblem(this.value));
    if (this.value < 0) this.refuse('a number from 0 up', 'negative');
    if (!Number.isInteger(this.value)) this.refuse('a whole number');
    if (this.value > Number.MAX_SAFE_INTEGER) this.refuse('at most 2^53 - 1 where it is a JSON number', 'too large');
    return this.value;
  }

  private path(): string {
    const above = this.parent?.path() ?? '';
    return above === '' ? this.name : `${above}.${this.name}`;
  }
}

/** What is wrong with a text that should be hex of so many bytes; null where it is right. */
function hexProblem(text: string, bytes: number | null): string | null {
  if (!HEX.test(text)) return text.startsWith('0x') ? 'not hex digits' : 'no 0x in front';
  const digits = text.length - 2;
  if (digits % 2 === 1) return 'odd number of digits';
  return bytes === null || digits === 2 * bytes ? null : `${digits / 2} bytes`;
}

function quantityProblem(value: unknown): string {
  if (typeof value !== 'string') return '';
  if (value.startsWith('-')) return 'negative';
  return value.startsWith('0x') ? 'not hex digits' : 'no 0x in front';
}

/** A value for a message: shortened where it is long. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length <= SHOWN_CHARACTERS + 28
    ? text
    : `${text.slice(0, SHOWN_CHARACTERS)}…" (${text.length - 2} characters)`;
}
