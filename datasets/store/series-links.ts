import type { Database } from './client.js';
import { decodeHex, decodeInteger } from './decode.js';
import type { StoredLink } from './queries.js';
import { inRange, type BlockRange } from './range.js';

type ChainRange = BlockRange & { readonly chainId: number };

const COLUMNS = 'number, lower(hex(hash)) AS hash_digits, lower(hex(parent_hash)) AS parent_digits';
const TOLD = 'hash IS NOT NULL AND parent_hash IS NOT NULL';

/**
 * Where the blocks of a series stand in their chain, by number: as the series was told, else as a block that is held with
 * its gas limit says. Blocks of which neither knows a hash are left out.
 */
export function readSeriesLinks(database: Database, range: ChainRange): Promise<StoredLink[]> {
  const { sql: condition } = inRange(range);
  const told = `FROM block_series FINAL WHERE ${condition} AND ${TOLD}`;
  return select(
    database,
    range,
    `SELECT ${COLUMNS} ${told}
      UNION ALL
      SELECT ${COLUMNS} FROM blocks FINAL
      WHERE ${condition} AND gas_limit > 0 AND number NOT IN (SELECT number ${told})`,
  );
}

/** The same of what the series was told alone. */
export function readOwnLinks(database: Database, range: ChainRange): Promise<StoredLink[]> {
  return select(database, range, `SELECT ${COLUMNS} FROM block_series FINAL WHERE ${inRange(range).sql} AND ${TOLD}`);
}

function select(database: Database, range: ChainRange, links: string): Promise<StoredLink[]> {
  const sql = `SELECT number, hash_digits AS hash, parent_digits AS parent_hash FROM (${links}) ORDER BY number`;
  return database.select({ sql, params: inRange(range).params }, (row) => ({
    number: decodeInteger(row, 'number'),
    hash: decodeHex(row, 'hash'),
    parentHash: decodeHex(row, 'parent_hash'),
  }));
}

/** The last block of a chain's series, whoever wrote it, blocks with accesses included; null where there is none. */
export async function readLastOfSeries(database: Database, chainId: number): Promise<number | null> {
  const { sql: condition, params } = inRange({ chainId });
  const sql = `SELECT count() AS blocks, max(number) AS last FROM (
      SELECT number FROM block_series WHERE ${condition}
      UNION ALL
      SELECT number FROM blocks WHERE ${condition} AND gas_limit > 0)`;
  const [end] = await database.select({ sql, params }, (row) => ({
    blocks: decodeInteger(row, 'blocks'),
    last: decodeInteger(row, 'last'),
  }));
  return end === undefined || end.blocks === 0 ? null : end.last;
}
