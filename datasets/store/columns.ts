import type { Hex } from '../../types.js';

/** How one column of a table is declared, written and read: the only place that knows all three. */
export interface Column<Row> {
  readonly name: string;
  readonly type: string;
  /** Compression codecs. */
  readonly codec: string;
  /** The value as a field of the TabSeparated format. Throws RangeError for a value that the type can't hold. */
  readonly encode: (row: Row) => string;
  /** SQL that reads the value in the form that `decode.ts` expects. */
  readonly select: string;
}

type Getter<Row, Value> = (row: Row) => Value;
type UnsignedBits = 8 | 16 | 32 | 64 | 128 | 256;

const BACKSLASH = 0x5c;
const LETTER_X = 0x78;

/** The first value that does not fit. */
const LIMITS: Readonly<Record<UnsignedBits, number | bigint>> = {
  8: 2 ** 8,
  16: 2 ** 16,
  32: 2 ** 32,
  64: 2n ** 64n,
  128: 2n ** 128n,
  256: 2n ** 256n,
};

const NULL_FIELD = '\\N';
const COMPRESSED = 'ZSTD(1)';

/** An unsigned integer; null needs `nullable`. A counter that runs up row by row is best stored as differences. */
export function unsigned<Row>(
  name: string,
  bits: UnsignedBits,
  get: Getter<Row, number | bigint>,
  options: { readonly differences?: boolean } = {},
): Column<Row> {
  const codec = options.differences === true ? `Delta, ${COMPRESSED}` : COMPRESSED;
  return { name, type: `UInt${bits}`, codec, select: name, encode: (row) => encodeUnsigned(get(row), bits) };
}

export function nullableUnsigned<Row>(
  name: string,
  bits: UnsignedBits,
  get: Getter<Row, number | bigint | null>,
): Column<Row> {
  const encode = orNull(get, (value) => encodeUnsigned(value, bits));
  return { name, type: `Nullable(UInt${bits})`, codec: COMPRESSED, select: name, encode };
}

/** A double of arbitrary sign; keeps every finite JavaScript number exactly. */
export function nullableFloat<Row>(name: string, get: Getter<Row, number | null>): Column<Row> {
  return { name, type: 'Nullable(Float64)', codec: COMPRESSED, select: name, encode: orNull(get, encodeFloat) };
}

export function boolean<Row>(name: string, get: Getter<Row, boolean>): Column<Row> {
  return { name, type: 'Bool', codec: COMPRESSED, select: name, encode: (row) => String(get(row)) };
}

export function nullableBoolean<Row>(name: string, get: Getter<Row, boolean | null>): Column<Row> {
  return { name, type: 'Nullable(Bool)', codec: COMPRESSED, select: name, encode: orNull(get, String) };
}

/** Raw bytes of a fixed length in bytes. */
export function fixedBytes<Row>(name: string, length: number, get: Getter<Row, Hex>): Column<Row> {
  const type = `FixedString(${length})`;
  return { name, type, codec: COMPRESSED, select: hexOf(name), encode: (row) => encodeBytes(get(row), length) };
}

export function nullableFixedBytes<Row>(name: string, length: number, get: Getter<Row, Hex | null>): Column<Row> {
  const encode = orNull(get, (value) => encodeBytes(value, length));
  return { name, type: `Nullable(FixedString(${length}))`, codec: COMPRESSED, select: hexOf(name), encode };
}

/** Raw bytes of any length. */
export function bytes<Row>(name: string, get: Getter<Row, Hex>): Column<Row> {
  return { name, type: 'String', codec: COMPRESSED, select: hexOf(name), encode: (row) => encodeBytes(get(row)) };
}

/** Raw bytes of which a table has few different values. */
export function frequentBytes<Row>(name: string, get: Getter<Row, Hex>): Column<Row> {
  return { ...bytes(name, get), type: 'LowCardinality(String)' };
}

/** Unicode text of which a table has few different values. */
export function frequentText<Row>(name: string, get: Getter<Row, string>): Column<Row> {
  const type = 'LowCardinality(String)';
  return { name, type, codec: COMPRESSED, select: name, encode: (row) => encodeText(get(row)) };
}

/** One of a closed list of names. Append to the list, never reorder it: the position is what is stored. */
export function oneOf<Row, Name extends string>(
  name: string,
  names: readonly Name[],
  get: Getter<Row, Name>,
): Column<Row> {
  const type = `Enum8(${names.map((value, index) => `'${value}' = ${index}`).join(', ')})`;
  return { name, type, codec: COMPRESSED, select: name, encode: (row) => get(row) };
}

/** A column of arrays, with the encoder of one element and the SQL that reads one element called `item`. */
export function arrayOf<Row, Item>(
  name: string,
  get: Getter<Row, readonly Item[]>,
  item: { readonly type: string; readonly encode: (item: Item) => string; readonly select: string },
): Column<Row> {
  return {
    name,
    type: `Array(${item.type})`,
    codec: COMPRESSED,
    encode: (row) => encodeArray(get(row), item.encode),
    select: `arrayMap(item -> ${item.select}, ${name})`,
  };
}

export function hexOf(expression: string): string {
  return `lower(hex(${expression}))`;
}

// ---------------------------------------------------------------------------------------------------------- encoders

export function encodeUnsigned(value: number | bigint, bits: UnsignedBits): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new RangeError(`expected a whole number of at most 2^53 - 1, got ${value}`);
  }
  if (value < 0 || value >= LIMITS[bits]) {
    throw new RangeError(`expected an unsigned integer of ${bits} bits, got ${value}`);
  }
  return String(value);
}

/** Bytes in the escapes of TabSeparated, which serve inside quoted strings too. */
export function encodeBytes(hex: Hex, length?: number): string {
  const raw = Buffer.from(hex.slice(2), 'hex');
  // Buffer.from stops at the first character that is not a digit, and at an odd last digit.
  if (!hex.startsWith('0x') || hex.length !== 2 + 2 * raw.length) {
    throw new RangeError(`expected 0x and an even number of hexadecimal digits, got ${hex.slice(0, 80)}`);
  }
  if (length !== undefined && raw.length !== length) {
    throw new RangeError(`expected ${length} bytes, got ${raw.length}: ${hex.slice(0, 80)}`);
  }
  return escapeBytes(hex);
}

/** `\\x` before each pair of digits. A loop, because this is most of the time of an ingest. */
function escapeBytes(hex: Hex): string {
  const escaped = Buffer.allocUnsafe(2 * (hex.length - 2));
  for (let from = 2, to = 0; from < hex.length; from += 2, to += 4) {
    escaped[to] = BACKSLASH;
    escaped[to + 1] = LETTER_X;
    escaped[to + 2] = hex.charCodeAt(from);
    escaped[to + 3] = hex.charCodeAt(from + 1);
  }
  return escaped.toString('latin1');
}

export function encodeArray<Item>(items: readonly Item[], encode: (item: Item) => string): string {
  return `[${items.map(encode).join(',')}]`;
}

export function quoted(field: string): string {
  return `'${field}'`;
}

/** Text as an element of an array or a tuple. */
export function quotedText(value: string): string {
  return quoted(encodeText(value).replaceAll("'", '\\x27'));
}

function encodeFloat(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`expected a finite number, got ${value}`);
  return String(value);
}

function encodeText(value: string): string {
  return value.replace(/[\\\t\n\r\0]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function orNull<Row, Value>(get: Getter<Row, Value | null>, encode: (value: Value) => string): (row: Row) => string {
  return (row) => {
    const value = get(row);
    return value === null ? NULL_FIELD : encode(value);
  };
}
