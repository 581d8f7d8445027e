import { LanecastError } from '../../errors.js';
import type { Database } from './client.js';
import { decodeInteger, decodeText } from './decode.js';
import { addColumn, createTable, type Cluster, type Table } from './ddl.js';
import { encodeRows } from './encode.js';
import { CALL_EXPRESSIONS, EXPRESSION_BLOCKS } from './expression-schema.js';
import { LEARNED_STATES } from './learned-state-schema.js';
import {
  ACCESSES,
  BLOCKS,
  CALL_FRAMES,
  CODE_HASHES,
  INGESTS,
  KECCAK_PREIMAGES,
  MIGRATIONS,
  TRANSACTIONS,
} from './schema.js';

import { BLOCK_SERIES } from './series-schema.js';

/**
 * One step of the schema's history. A step that died half-way is run again from its start, so each statement must be
 * harmless when repeated (`IF NOT EXISTS`). Append steps; never edit one that was released.
 */
export interface Migration {
  /** 1, 2, 3, … without gaps. */
  readonly version: number;
  readonly name: string;
  readonly statements: readonly string[];
}

/** Tables are made as `schema.ts` has them now; the later steps bring those of older stores to the same. */
export function schemaHistory(cluster: Cluster): readonly Migration[] {
  const create = <Row>(table: Table<Row>): string[] => createTable(table, cluster);
  const add = <Row>(table: Table<Row>, name: string): string[] => addColumn(table, name, cluster);
  return [
    {
      version: 1,
      name: 'blocks, transactions, accesses, keccak preimages, call frames',
      statements: [
        ...create(INGESTS),
        ...create(BLOCKS),
        ...create(TRANSACTIONS),
        ...create(ACCESSES),
        ...create(KECCAK_PREIMAGES),
        ...create(CALL_FRAMES),
      ],
    },
    {
      version: 2,
      name: 'values of slots, code hashes',
      statements: [...add(ACCESSES, 'value'), ...add(BLOCKS, 'code_hash_count'), ...create(CODE_HASHES)],
    },
    {
      version: 3,
      name: 'access expressions of calls',
      statements: [...create(CALL_EXPRESSIONS), ...create(EXPRESSION_BLOCKS)],
    },
    {
      version: 4,
      name: 'learned states',
      statements: [...create(LEARNED_STATES)],
    },
    {
      version: 5,
      name: 'block series',
      statements: [...create(BLOCK_SERIES)],
    },
    {
      version: 6,
      name: 'hashes of block series',
      statements: [...add(BLOCK_SERIES, 'hash'), ...add(BLOCK_SERIES, 'parent_hash')],
    },
  ];
}

/** The steps without a cluster. */
export const SCHEMA_HISTORY: readonly Migration[] = schemaHistory(null);

/**
 * Brings a database to the last version of the history and returns that version; each step is applied once. Error:
 * UNSUPPORTED where the database is newer than the history, or was made for a cluster and is opened without, or the other way
 * round: `IF NOT EXISTS` would leave a mixture.
 */
export async function migrate(
  database: Database,
  history: readonly Migration[] = schemaHistory(database.cluster),
): Promise<number> {
  if (!database.exclusive) await refuseOtherLayout(database);
  for (const statement of createTable(MIGRATIONS, database.cluster)) await database.command(statement);
  const applied = await schemaVersion(database);
  const known = history.at(-1)?.version ?? 0;
  if (applied > known) {
    throw new LanecastError(
      'UNSUPPORTED',
      `The store in ${database.target} has schema version ${applied}, newer than this program knows (${known}). ` +
        'Use the version of Lanecast that wrote it, or a later one.',
    );
  }
  for (const step of history) if (step.version > applied) await apply(database, step);
  return known;
}

async function schemaVersion(database: Database): Promise<number> {
  const rows = await database.select({ sql: 'SELECT max(version) AS version FROM migrations' }, (row) =>
    decodeInteger(row, 'version'),
  );
  return rows[0] ?? 0;
}

async function apply(database: Database, step: Migration): Promise<void> {
  for (const statement of step.statements) await database.command(statement);
  await database.insert(...encodeRows(MIGRATIONS, [step]));
}

async function refuseOtherLayout(database: Database): Promise<void> {
  const { target, cluster } = database;
  const sql = `SELECT engine FROM system.tables WHERE database = currentDatabase() AND name = '${MIGRATIONS.name}'`;
  const [engine] = await database.select({ sql }, (row) => decodeText(row, 'engine'));
  if (engine === undefined || (engine === 'Distributed') === (cluster !== null)) return;
  throw new LanecastError(
    'UNSUPPORTED',
    cluster === null
      ? `The store in ${target} is spread over a cluster. Name it in CLICKHOUSE_CLUSTER, or use another database.`
      : `The store in ${target} was made without CLICKHOUSE_CLUSTER. Leave it out, or use another database of the server.`,
  );
}
