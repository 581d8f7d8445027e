import { SERIES_COLUMNS, type SeriesColumn } from './series.js';

/** What a field of a line holds; `position` is its place in SERIES_COLUMNS. */
export interface SeriesField {
  readonly name: string;
  readonly column: SeriesColumn;
  readonly position: number;
  /** May be empty, which means unknown. */
  readonly optional: boolean;
  /** Whole below 2^53, or with a fraction. */
  readonly whole: boolean;
  /** The largest value allowed. */
  readonly max: number;
}

export interface ColumnPlan {
  /** In the order of the file; null: a column that means nothing here. */
  readonly fields: readonly (SeriesField | null)[];
  readonly unknownColumns: readonly string[];
}

const NAMES: Readonly<Record<string, SeriesColumn>> = {
  block_number: 'number',
  number: 'number',
  timestamp: 'timestampSeconds',
  timestamp_seconds: 'timestampSeconds',
  block_timestamp: 'timestampSeconds',
  base_fee_per_gas: 'baseFeePerGasWei',
  base_fee_per_gas_wei: 'baseFeePerGasWei',
  gas_limit: 'gasLimit',
  gas_used: 'gasUsed',
  transaction_count: 'transactionCount',
  excess_blob_gas: 'excessBlobGas',
  blob_gas_used: 'blobGasUsed',
  conflict_density: 'conflictDensity',
  parallelism: 'parallelism',
};

const REQUIRED: Readonly<Partial<Record<SeriesColumn, string>>> = {
  number: 'block_number',
  timestampSeconds: 'timestamp',
  baseFeePerGasWei: 'base_fee_per_gas',
  gasLimit: 'gas_limit',
  gasUsed: 'gas_used',
};

/** Reads the line with the names of columns; `fail` throws. */
export function readHeader(line: string, fail: (problem: string) => never): ColumnPlan {
  const names = line
    .replace(/^\u{feff}/u, '')
    .split(',')
    .map(plainName);
  const fields = names.map(toField);
  const missing = Object.entries(REQUIRED).filter(([column]) => !fields.some((field) => field?.column === column));
  if (missing.length > 0) {
    const wanted = missing.map(([, name]) => name).join(', ');
    fail(`expected the names of columns, with ${wanted} among them, got "${line.slice(0, 120)}"`);
  }
  for (const [place, field] of fields.entries()) {
    const earlier = fields.findIndex((other) => other !== null && other.column === field?.column);
    if (field !== null && earlier < place) fail(`expected one column ${names[earlier] ?? ''}, got "${field.name}" too`);
  }
  return { fields, unknownColumns: names.filter((_, place) => fields[place] === null) };
}

function plainName(name: string): string {
  return name
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .trim();
}

function toField(name: string): SeriesField | null {
  const key = name.toLowerCase();
  const column = Object.hasOwn(NAMES, key) ? NAMES[key] : undefined;
  if (column === undefined) return null;
  return {
    name,
    column,
    position: SERIES_COLUMNS.indexOf(column),
    optional: !(column in REQUIRED),
    whole: column !== 'conflictDensity' && column !== 'parallelism',
    max: column === 'conflictDensity' ? 1 : Number.MAX_SAFE_INTEGER,
  };
}
