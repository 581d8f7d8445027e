import { InputError } from '../../errors.js';
import type { BlockRecord, TransactionRecord } from '../../types.js';
import type { Table } from './ddl.js';
import {
  ACCESSES,
  BLOCKS,
  CALL_FRAMES,
  CODE_HASHES,
  KECCAK_PREIMAGES,
  TRANSACTIONS,
  type BlockRow,
  type CodeHashRow,
  type ItemRow,
  type TransactionRow,
} from './schema.js';

/** The arguments of `Database.insert`. */
export type Insert = readonly [table: string, columns: readonly string[], lines: readonly string[]];

/** The inserts of a batch, the table of blocks last: its rows commit the others. */
export interface EncodedBatch {
  readonly children: readonly Insert[];
  readonly blocks: Insert;
}

/** What to throw for an error while a field (`table.column`) of a row was encoded. */
type Fail<Row> = (error: unknown, field: string, row: Row) => unknown;

/** Turns rows into TabSeparated lines. Throws what `fail` makes of a value that its column can't hold. */
export function encodeRows<Row>(table: Table<Row>, rows: readonly Row[], fail: Fail<Row> = describeColumn): Insert {
  const { name, columns } = table;
  const lines = rows.map((row) => {
    const fields = columns.map((column) => {
      try {
        return column.encode(row);
      } catch (error) {
        throw fail(error, `${name}.${column.name}`, row);
      }
    });
    return `${fields.join('\t')}\n`;
  });
  return [name, columns.map((column) => column.name), lines];
}

/**
 * Turns blocks into inserts before anything is written, so that bad data leaves nothing behind. Transactions come first
 * among the children: whatever an interrupted batch left of a block with transactions can be found by them.
 * Throws InputError that names block, transaction and column.
 */
export function encodeBatch(records: readonly BlockRecord[], ingestId: bigint): EncodedBatch {
  const blocks = records.map((record): BlockRow => ({ ingestId, record }));
  const transactions = blocks.flatMap((row) =>
    row.record.transactions.map((outcome): TransactionRow => ({ ...row, outcome })),
  );
  const children: Insert[] = [
    encodeRows(TRANSACTIONS, transactions, locate),
    encodeRows(
      ACCESSES,
      itemRows(transactions, (outcome) => outcome.accesses),
      locate,
    ),
    encodeRows(
      KECCAK_PREIMAGES,
      itemRows(transactions, (outcome) => outcome.keccakPreimages),
      locate,
    ),
    encodeRows(
      CALL_FRAMES,
      itemRows(transactions, (outcome) => outcome.callFrames),
      locate,
    ),
    encodeRows(CODE_HASHES, blocks.flatMap(codeHashRows), locate),
  ];
  return { children: children.filter(([, , lines]) => lines.length > 0), blocks: encodeRows(BLOCKS, blocks, locate) };
}

function itemRows<Item>(
  transactions: readonly TransactionRow[],
  items: (outcome: TransactionRecord) => readonly Item[],
): ItemRow<Item>[] {
  return transactions.flatMap((row) =>
    items(row.outcome).map((item, position): ItemRow<Item> => ({ ...row, item, position })),
  );
}

function codeHashRows(row: BlockRow): CodeHashRow[] {
  return [...row.record.codeHashes].map(([address, codeHash]) => ({ ...row, address, codeHash }));
}

function describeColumn(error: unknown, field: string): unknown {
  return error instanceof RangeError ? new RangeError(`${field}: ${error.message}`, { cause: error }) : error;
}

function locate(error: unknown, field: string, row: BlockRow & Partial<TransactionRow>): unknown {
  if (!(error instanceof RangeError)) return error;
  const { record, outcome } = row;
  const location = { origin: record.origin, blockNumber: record.header.number, field };
  return new InputError({ ...location, transactionIndex: outcome?.transaction.index }, error.message, { cause: error });
}
