import { InputError } from '../../errors.js';
import { readPieces } from '../read-files.js';
import { readHeader, type ColumnPlan } from './header.js';
import { LineParser } from './line-parser.js';
import { SERIES_COLUMNS, type BlockSeries, type SeriesColumn } from './series.js';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const PLACES = {
  number: SERIES_COLUMNS.indexOf('number'),
  timestampSeconds: SERIES_COLUMNS.indexOf('timestampSeconds'),
  gasLimit: SERIES_COLUMNS.indexOf('gasLimit'),
};

/**
 * Reads a block series from CSV, plain or gzipped, in one pass and without holding the text.
 *
 * The first line names the columns, in any order: `block_number`, `timestamp` (seconds), `base_fee_per_gas` (wei),
 * `gas_limit`, `gas_used`, and where the source has them `transaction_count`, `excess_blob_gas`, `blob_gas_used`,
 * `conflict_density`, `parallelism`; in these latter an empty field means unknown.
 *
 * Throws InputError with the number of the line: a field that is no number, a line with more or fewer fields than the
 * first, a gap, a repeated or descending block number, a timestamp that descends. More gas used than the limit is let pass: sources round
 * the limit.
 */
export async function readSeries(path: string): Promise<BlockSeries> {
  const reader = new SeriesReader(path);
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of readPieces(path)) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end !== -1; end = bytes.indexOf(LINE_FEED, start)) {
      reader.readLine(bytes, start, end);
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
  if (rest.length > 0) reader.readLine(rest, 0, rest.length);
  return reader.finish();
}

/** Takes the lines one after another. */
class SeriesReader {
  private readonly path: string;
  private plan: ColumnPlan | null = null;
  private parser: LineParser | null = null;
  private readonly table = new SeriesTable();
  private line = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** The bytes from `start` to `end` are one line without its line feed; empty lines say nothing. */
  readLine(bytes: Buffer, start: number, end: number): void {
    this.line += 1;
    const stop = end > start && bytes[end - 1] === CARRIAGE_RETURN ? end - 1 : end;
    if (stop === start) return;
    if (this.parser === null) {
      this.plan = readHeader(bytes.toString('utf8', start, stop), (problem) => this.fail(problem));
      this.parser = new LineParser(this.plan.fields, (problem) => this.fail(problem));
      return;
    }
    this.parser.parse(bytes, start, stop);
    this.check(this.parser.values);
    this.table.append(this.parser.values);
  }

  finish(): BlockSeries {
    const plan = this.plan;
    if (plan === null)
      throw new InputError({ origin: this.path }, 'is empty, expected a line with the names of columns');
    if (this.table.length === 0)
      throw new InputError({ origin: this.path }, 'has no blocks below the names of columns');
    const present = new Set(plan.fields.map((field) => field?.column));
    const optional = (column: SeriesColumn): Float64Array | null =>
      present.has(column) ? this.table.column(column) : null;
    return {
      origin: this.path,
      length: this.table.length,
      number: this.table.column('number'),
      timestampSeconds: this.table.column('timestampSeconds'),
      baseFeePerGasWei: this.table.column('baseFeePerGasWei'),
      gasLimit: this.table.column('gasLimit'),
      gasUsed: this.table.column('gasUsed'),
      transactionCount: this.table.column('transactionCount'),
      excessBlobGas: optional('excessBlobGas'),
      blobGasUsed: optional('blobGasUsed'),
      conflictDensity: optional('conflictDensity'),
      parallelism: optional('parallelism'),
      unknownColumns: plan.unknownColumns,
    };
  }

  private check(values: Float64Array): void {
    const number = values[PLACES.number] ?? NaN;
    const timestampSeconds = values[PLACES.timestampSeconds] ?? NaN;
    const gasLimit = values[PLACES.gasLimit] ?? NaN;
    if (gasLimit === 0) this.fail('expected a gas limit above 0');
    if (this.table.length === 0) return;
    const previous = this.table.last('number');
    if (number !== previous + 1) this.fail(describeOrder(number, previous));
    const previousSeconds = this.table.last('timestampSeconds');
    if (timestampSeconds < previousSeconds) {
      this.fail(`expected a timestamp from ${previousSeconds} up, that of the block before, got ${timestampSeconds}`);
    }
  }

  private fail(problem: string): never {
    throw new InputError({ origin: `${this.path}:${this.line}` }, problem);
  }
}

function describeOrder(number: number, previous: number): string {
  const expected = `expected block ${previous + 1} after block ${previous}, got ${number}`;
  if (number === previous) return `${expected} (a duplicate)`;
  if (number < previous) return `${expected} (not in order: sort by number and leave duplicates out)`;
  return `${expected} (a gap: a series has to be without any)`;
}

/** Columns that grow; in the order of SERIES_COLUMNS. */
class SeriesTable {
  length = 0;
  private columns = SERIES_COLUMNS.map(() => new Float64Array(4_096));

  append(values: Float64Array): void {
    if (this.length === this.columns[0]?.length) this.columns = this.columns.map(doubled);
    // By index: for a million lines an iterator costs as much as all else.
    for (let position = 0; position < values.length; position += 1) {
      const column = this.columns[position];
      if (column !== undefined) column[this.length] = values[position] ?? NaN;
    }
    this.length += 1;
  }

  last(column: SeriesColumn): number {
    return this.stored(column)[this.length - 1] ?? NaN;
  }

  /** As long as the series, in memory of its own. */
  column(column: SeriesColumn): Float64Array {
    return this.stored(column).slice(0, this.length);
  }

  private stored(column: SeriesColumn): Float64Array {
    return this.columns[SERIES_COLUMNS.indexOf(column)] ?? new Float64Array(0);
  }
}

function doubled(column: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * column.length);
  larger.set(column);
  return larger;
}
