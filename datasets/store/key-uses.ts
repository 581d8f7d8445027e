import type { Address, Hash } from '../../types.js';
import type { Database } from './client.js';
import { decodeHex, decodeInteger } from './decode.js';
import { committedInRange, type BlockRange } from './range.js';

export interface KeyUsesQuery extends BlockRange {
  readonly chainId: number;
  readonly field: 'slot' | 'account';
  /** Only of the keys that most transactions accessed in the range, at most so many. */
  readonly keys: number;
}

/** The transactions of a block that accessed a key in any way. */
export interface StoredKeyUse {
  readonly address: Address;
  /** Null for the key of an account. */
  readonly slot: Hash | null;
  readonly blockNumber: number;
  readonly transactions: number;
  /** Pairs (i < j) of them of which i changed it. */
  readonly conflicts: number;
}

/** How often each of the hottest keys of a range was used, block by block. */
export function readKeyUses(database: Database, query: KeyUsesQuery): Promise<StoredKeyUse[]> {
  const { sql: condition, params } = committedInRange(query);
  const rows = `FROM accesses WHERE ${condition} AND field = '${query.field}'`;
  const hottest = `SELECT address, slot ${rows}
    GROUP BY address, slot ORDER BY uniqExact((block_number, transaction_index)) DESC, address, slot LIMIT {keys:UInt32}`;
  const uses = `SELECT address, slot, block_number, transaction_index, max(kind != 'read') AS changes
    ${rows} AND (address, slot) GLOBAL IN (${hottest}) GROUP BY address, slot, block_number, transaction_index`;
  const sql = `SELECT lower(hex(address)) AS address_hex, lower(hex(slot)) AS slot_hex, block_number,
      count() AS transactions, sum(changed_before) AS conflicts
    FROM (
      SELECT address, slot, block_number, sum(changes) OVER (
        PARTITION BY block_number, address, slot ORDER BY transaction_index
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS changed_before
      FROM (${uses}))
    GROUP BY address, slot, block_number ORDER BY block_number, address, slot`;
  return database.select({ sql, params: { ...params, keys: query.keys } }, (row) => ({
    address: decodeHex(row, 'address_hex'),
    slot: query.field === 'slot' ? decodeHex(row, 'slot_hex') : null,
    blockNumber: decodeInteger(row, 'block_number'),
    transactions: decodeInteger(row, 'transactions'),
    conflicts: decodeInteger(row, 'conflicts'),
  }));
}
