import { LanecastError } from '../errors.js';

/** Throws UNSUPPORTED for files that other commands take, but that have no transactions to replay, train on or keep. */
export function refuseWithoutTransactions(path: string): void {
  if (/\.csv(?:\.gz)?$/i.test(path)) {
    throw new LanecastError(
      'UNSUPPORTED',
      `${path}: a block series has no transactions, so there is nothing to replay or to learn accesses from. ` +
        'lanecast ingest keeps it in the store, lanecast forecast reads it.',
    );
  }
  if (!/\.rlp(?:\.gz)?$/i.test(path)) return;
  throw new LanecastError(
    'UNSUPPORTED',
    `${path}: a block access list (EIP-7928) has no transactions: no senders, no gas, and no telling which transaction ` +
      'read a slot, so it can be neither replayed nor kept as history. lanecast stats shows what it says; for replay and ingest ' +
      'take the block with its state or its traces.',
  );
}
