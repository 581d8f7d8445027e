import { LanecastError } from '../../errors.js';
import type { Database } from './client.js';
import { decodeInteger } from './decode.js';
import { addColumn, createTable } from './ddl.js';
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
export const SCHEMA_HISTORY: readonly Migration[] = [
  {
    version: 1,
    name: 'blocks, transactions, accesses, keccak preimages, call frames',
    statements: [
      createTable(INGESTS),
      createTable(BLOCKS),
      createTable(TRANSACTIONS),
      createTable(ACCESSES),
      createTable(KECCAK_PREIMAGES),
      createTable(CALL_FRAMES),
    ],
  },
  {
    version: 2,
    name: 'values of slots, code hashes',
    statements: [addColumn(ACCESSES, 'value'), addColumn(BLOCKS, 'code_hash_count'), createTable(CODE_HASHES)],
  },
  {
    version: 3,
    name: 'access expressions of calls',
    statements: [createTable(CALL_EXPRESSIONS), createTable(EXPRESSION_BLOCKS)],
  },
  {
    version: 4,
    name: 'learned states',
    statements: [createTable(LEARNED_STATES)],
  },
  {
    version: 5,
    name: 'block series',
    statements: [createTable(BLOCK_SERIES)],
  },
];

/**
 * Brings a database to the last version of the history and returns that version; each step is applied once. Error:
 * UNSUPPORTED where the database is newer than the history.
 */
export async function migrate(database: Database, history: readonly Migration[] = SCHEMA_HISTORY): Promise<number> {
  await database.command(createTable(MIGRATIONS));
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
