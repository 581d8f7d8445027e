import type { Hash } from '../../types.js';
import { bytes, fixedBytes, frequentText, unsigned } from './columns.js';
import type { Table } from './ddl.js';

/** Something that was learned from the blocks of a chain up to one, as bytes that only their writer understands. */
export interface LearnedState {
  readonly chainId: number;
  /** What the bytes are. */
  readonly name: string;
  /** Version of what the bytes are, below 2^16. */
  readonly format: number;
  /** Number of the last block that was learned. */
  readonly lastBlock: number;
  /** Hash of that block. */
  readonly lastHash: Hash;
  readonly payload: Uint8Array;
}

/** A piece of a state under the number of the write that it belongs to. */
export interface LearnedStateRow {
  readonly state: LearnedState;
  readonly writeId: bigint;
  /** From 0. */
  readonly chunk: number;
  readonly chunkCount: number;
  readonly bytes: Uint8Array;
}

/** One row a chunk; a write counts when all its chunks are there, and of several for the same block the latest one does. */
export const LEARNED_STATES: Table<LearnedStateRow> = {
  name: 'learned_states',
  engine: 'MergeTree',
  orderBy: ['chain_id', 'name', 'last_block', 'write_id', 'chunk'],
  shardBy: 'cityHash64(chain_id, name)',
  columns: [
    unsigned('chain_id', 64, ({ state }) => state.chainId),
    frequentText('name', ({ state }) => state.name),
    unsigned('format', 16, ({ state }) => state.format),
    unsigned('last_block', 64, ({ state }) => state.lastBlock),
    fixedBytes('last_hash', 32, ({ state }) => state.lastHash),
    unsigned('write_id', 128, ({ writeId }) => writeId),
    unsigned('chunk', 32, ({ chunk }) => chunk),
    unsigned('chunk_count', 32, ({ chunkCount }) => chunkCount),
    bytes('payload', (row) => `0x${Buffer.from(row.bytes).toString('hex')}`),
  ],
};
