import type { SeriesField } from './header.js';
import { SERIES_COLUMNS } from './series.js';

const COMMA = 0x2c;
const QUOTE = 0x22;
const ZERO = 0x30;
const NINE = 0x39;
const DECIMAL = /^\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;
/** Of a whole number below 2^53; one more digit may be rounded. */
const EXACT_DIGITS = 15;

/**
 * Takes the numbers of one line out of its bytes. CSV libraries make a string of every field first, which costs three to
 * six seconds for a million lines; here a field is a number or empty, so that digits are added up where they stand. What
 * is anything else (quotes, fractions, nonsense) goes the long way, by a string.
 */
export class LineParser {
  /** Of the last line, in the order of SERIES_COLUMNS; NaN: unknown. */
  readonly values = new Float64Array(SERIES_COLUMNS.length).fill(NaN);
  private readonly fields: readonly (SeriesField | null)[];
  private readonly fail: (problem: string) => never;

  constructor(fields: readonly (SeriesField | null)[], fail: (problem: string) => never) {
    this.fields = fields;
    this.fail = fail;
  }

  /** Reads the bytes from `start` to `end`. */
  parse(bytes: Buffer, start: number, end: number): void {
    let place = 0;
    let from = start;
    while (from <= end) {
      const field = this.fields[place];
      const to = field === null ? skipField(bytes, from, end) : endOfField(bytes, from, end);
      if (field === undefined) break;
      if (field !== null) this.values[field.position] = this.number(bytes, { from, to, field });
      place += 1;
      from = to + 1;
    }
    if (from <= end || place < this.fields.length) this.refuseWidth(bytes.toString('utf8', start, end));
  }

  private number(
    bytes: Buffer,
    { from, to, field }: { readonly from: number; readonly to: number; readonly field: SeriesField },
  ): number {
    if (to - from > EXACT_DIGITS || to === from) return this.numberOf(bytes.toString('utf8', from, to), field);
    let value = 0;
    for (let at = from; at < to; at += 1) {
      const digit = bytes[at] ?? 0;
      if (digit < ZERO || digit > NINE) return this.numberOf(bytes.toString('utf8', from, to), field);
      value = 10 * value + (digit - ZERO);
    }
    return value <= field.max ? value : this.refuse(String(value), field);
  }

  private numberOf(quoted: string, field: SeriesField): number {
    const text = quoted
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .trim();
    if (text === '' && field.optional) return NaN;
    const wellFormed = field.whole ? /^\d+$/.test(text) : DECIMAL.test(text);
    const value = Number(text);
    return wellFormed && value <= field.max ? value : this.refuse(text, field);
  }

  private refuse(text: string, { name, whole, max, optional }: SeriesField): never {
    const range = max === Number.MAX_SAFE_INTEGER ? 'from 0 to 2^53 - 1' : `from 0 to ${max}`;
    const expected = `a ${whole ? 'whole number' : 'number'} ${range}${optional ? ', or nothing for unknown' : ''}`;
    this.fail(`expected ${expected}, as ${name}, got "${text.slice(0, 42)}"`);
  }

  private refuseWidth(line: string): never {
    const count = line.split(',').length;
    this.fail(
      `expected ${this.fields.length} fields, as in the line with the names, got ${count} in "${line.slice(0, 80)}"`,
    );
  }
}

function endOfField(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== COMMA) at += 1;
  return at;
}

/** A text that means nothing here may be quoted, and have commas in its quotes. */
function skipField(bytes: Buffer, from: number, end: number): number {
  if (bytes[from] !== QUOTE) return endOfField(bytes, from, end);
  let at = from + 1;
  while (at < end && !(bytes[at] === QUOTE && (at + 1 === end || bytes[at + 1] === COMMA))) at += 1;
  return Math.min(at + 1, end);
}
