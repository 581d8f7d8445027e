import type { Column } from './columns.js';

/** A table, from which `createTable` writes the DDL and `ingest.ts` its inserts. */
export interface Table<Row> {
  readonly name: string;
  readonly columns: readonly Column<Row>[];
  /** Of rows with equal keys, a replacing engine keeps the one that is greatest in a column, or else the last written. */
  readonly engine: 'MergeTree' | 'ReplacingMergeTree' | { readonly replacingBy: string };
  readonly partitionBy?: string;
  readonly orderBy: readonly string[];
}

/** A loss of power must not keep the row that commits a block and lose the rows that it commits. About 5 ms an insert. */
const DURABLE = 'SETTINGS fsync_after_insert = 1, fsync_part_directory = 1';

/** The statement that makes a table where it does not exist. All DDL of tables is written here. */
export function createTable<Row>(table: Table<Row>): string {
  const columns = table.columns.map(declare);
  const engine = typeof table.engine === 'string' ? table.engine : `ReplacingMergeTree(${table.engine.replacingBy})`;
  return [
    `CREATE TABLE IF NOT EXISTS ${table.name} (${columns.join(', ')})`,
    `ENGINE = ${engine}`,
    ...(table.partitionBy === undefined ? [] : [`PARTITION BY ${table.partitionBy}`]),
    `ORDER BY (${table.orderBy.join(', ')})`,
    DURABLE,
  ].join(' ');
}

/** The statement that adds a column, with the default of its type in rows that are there, where the table lacks it. */
export function addColumn<Row>(table: Table<Row>, name: string): string {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw new Error(`table ${table.name} has no column ${name}`);
  return `ALTER TABLE ${table.name} ADD COLUMN IF NOT EXISTS ${declare(column)}`;
}

/** The expressions that read all columns of a table, each under the column's name. */
export function selectList<Row>(table: Table<Row>): string {
  return table.columns.map(({ name, select }) => (select === name ? name : `${select} AS ${name}`)).join(', ');
}

function declare<Row>({ name, type, codec }: Column<Row>): string {
  return `${name} ${type} CODEC(${codec})`;
}
