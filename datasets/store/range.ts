import { LanecastError } from '../../errors.js';
import type { Query } from './client.js';

/** Blocks by chain and number; both ends belong to the range, and what is left out does not limit it. */
export interface BlockRange {
  readonly chainId?: number | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** A piece of SQL with the values of its placeholders. */
export interface Condition {
  readonly sql: string;
  readonly params: NonNullable<Query['params']>;
}

/** What a range means for a table. Throws INVALID_ARGUMENT for a bound that is not a whole number from 0. */
export function inRange(range: BlockRange, numberColumn: 'number' | 'block_number' = 'number'): Condition {
  const limits = [
    { name: 'chain_id', value: range.chainId, sql: 'chain_id = {chain_id:UInt64}' },
    { name: 'from', value: range.from, sql: `${numberColumn} >= {from:UInt64}` },
    { name: 'to', value: range.to, sql: `${numberColumn} <= {to:UInt64}` },
  ].flatMap(({ name, value, sql }) => (value === undefined ? [] : [{ name, sql, value: checked(name, value) }]));
  return {
    sql: ['true', ...limits.map((limit) => limit.sql)].join(' AND '),
    params: Object.fromEntries(limits.map(({ name, value }) => [name, value])),
  };
}

/** The condition that rows of a child table are in the range and belong to blocks which count. */
export function committedInRange(range: BlockRange): Condition {
  const { sql, params } = inRange(range, 'block_number');
  const committed = `SELECT chain_id, number, ingest_id FROM blocks FINAL WHERE ${inRange(range).sql}`;
  return { sql: `${sql} AND (chain_id, block_number, ingest_id) IN (${committed})`, params };
}

function checked(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new LanecastError('INVALID_ARGUMENT', `Block range: ${name} must be a whole number from 0, got ${value}.`);
}
