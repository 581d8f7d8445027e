import type { Column } from './columns.js';

/** A table, from which `createTable` writes the DDL and `ingest.ts` its inserts. */
export interface Table<Row> {
  readonly name: string;
  readonly columns: readonly Column<Row>[];
  /** Of rows with equal keys, a replacing engine keeps the one that is greatest in a column, or else the last written. */
  readonly engine: 'MergeTree' | 'ReplacingMergeTree' | { readonly replacingBy: string };
  readonly partitionBy?: string;
  readonly orderBy: readonly string[];
  /**
   * On a cluster, the expression that tells the shard of a row; all on one shard where it is left out. Rows with equal keys,
   * and all rows of a block in whichever table, have to be on one shard: FINAL and IN are answered shard by shard.
   */
  readonly shardBy?: string;
}

/** The name of a cluster of ClickHouse servers, as their configuration has it; null: one server, or the embedded engine. */
export type Cluster = string | null;

/** A loss of power must not keep the row that commits a block and lose the rows that it commits. About 5 ms an insert. */
const DURABLE = 'SETTINGS fsync_after_insert = 1, fsync_part_directory = 1';

/** Runs of so many blocks are on one shard: one ingest of a chain writes to few, and a long range is spread over all. */
const BLOCKS_PER_SHARD_RUN = 1_000;

/** Where each replica finds the others in Keeper; the servers' macros fill in the braces. */
const REPLICA = "'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'";

/** The shard of a row by chain and block number. */
export function shardByBlock(numberColumn: 'number' | 'block_number'): string {
  return `cityHash64(chain_id, intDiv(${numberColumn}, ${BLOCKS_PER_SHARD_RUN}))`;
}

/**
 * The statements that make a table where it does not exist. All DDL of tables is written here. On a cluster, each server
 * has a replicated table NAME_local, and NAME distributes over them.
 */
export function createTable<Row>(table: Table<Row>, cluster: Cluster = null): string[] {
  const columns = table.columns.map(declare);
  const create = (name: string, engine: string): string =>
    [
      `CREATE TABLE IF NOT EXISTS ${name} (${columns.join(', ')})`,
      `ENGINE = ${engine}`,
      ...(table.partitionBy === undefined ? [] : [`PARTITION BY ${table.partitionBy}`]),
      `ORDER BY (${table.orderBy.join(', ')})`,
      DURABLE,
    ].join(' ');
  if (cluster === null) return [create(table.name, plainEngine(table))];
  const local = localName(table);
  const shards = `'${cluster}', currentDatabase(), '${local}', ${table.shardBy ?? '0'}`;
  return [
    create(onCluster(local, cluster), replicatedEngine(table)),
    `CREATE TABLE IF NOT EXISTS ${onCluster(table.name, cluster)} AS ${local} ENGINE = Distributed(${shards})`,
  ];
}

/** The statements that add a column, with the default of its type in rows that are there, where the table lacks it. */
export function addColumn<Row>(table: Table<Row>, name: string, cluster: Cluster = null): string[] {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw new Error(`table ${table.name} has no column ${name}`);
  const tables = cluster === null ? [table.name] : [localName(table), table.name].map((own) => onCluster(own, cluster));
  return tables.map((own) => `ALTER TABLE ${own} ADD COLUMN IF NOT EXISTS ${declare(column)}`);
}

/** The statement that deletes rows and waits until they are gone, on all replicas. A distributed table can't delete. */
export function deleteRows<Row>(table: Pick<Table<Row>, 'name'>, condition: string, cluster: Cluster): string {
  const target = cluster === null ? table.name : onCluster(localName(table), cluster);
  return `ALTER TABLE ${target} DELETE WHERE ${condition} SETTINGS mutations_sync = 2`;
}

/** The expressions that read all columns of a table, each under the column's name. */
export function selectList<Row>(table: Table<Row>): string {
  return table.columns.map(({ name, select }) => (select === name ? name : `${select} AS ${name}`)).join(', ');
}

function plainEngine({ engine }: Pick<Table<never>, 'engine'>): string {
  return typeof engine === 'string' ? engine : `ReplacingMergeTree(${engine.replacingBy})`;
}

function replicatedEngine({ engine }: Pick<Table<never>, 'engine'>): string {
  if (typeof engine === 'string') return `Replicated${engine}(${REPLICA})`;
  return `ReplicatedReplacingMergeTree(${REPLICA}, ${engine.replacingBy})`;
}

function localName({ name }: { readonly name: string }): string {
  return `${name}_local`;
}

function onCluster(name: string, cluster: string): string {
  return `${name} ON CLUSTER '${cluster}'`;
}

function declare<Row>({ name, type, codec }: Column<Row>): string {
  return `${name} ${type} CODEC(${codec})`;
}
