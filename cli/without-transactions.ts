import { readdir } from 'node:fs/promises';
import { LanecastError } from '../errors.js';

const LIST_FILE = /\.rlp(?:\.gz)?$/i;

/** Throws UNSUPPORTED for files that other commands take, but that have no transactions to replay, train on or keep. */
export async function refuseWithoutTransactions(path: string): Promise<void> {
  if (/\.csv(?:\.gz)?$/i.test(path)) {
    throw new LanecastError(
      'UNSUPPORTED',
      `${path}: a block series has no transactions, so there is nothing to replay or to learn accesses from. ` +
        'lanecast ingest keeps it in the store, lanecast forecast reads it.',
    );
  }
  if (!LIST_FILE.test(path) && !(await hasListsAlone(path))) return;
  throw new LanecastError(
    'UNSUPPORTED',
    `${path}: a block access list (EIP-7928) has no transactions: no senders, no gas, and no telling which transaction ` +
      'read a slot, so it can be neither replayed nor kept as history. lanecast stats shows what it says; for replay and ingest ' +
      'take the block with its state or its traces.',
  );
}

async function hasListsAlone(path: string): Promise<boolean> {
  const names = await readdir(path).catch((): string[] => []);
  return (
    names.some((name) => LIST_FILE.test(name)) && !names.some((name) => /\.(?:jsonl?|ndjson)(?:\.gz)?$/i.test(name))
  );
}
