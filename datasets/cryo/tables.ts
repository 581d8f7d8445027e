import { anyHex, codeHash, fixedHex, integer, wideInteger, type CryoColumn } from './columns.js';
import type { CryoDataset } from './folder.js';

const KEY = [integer('block_number', { also: ['number'] }), integer('transaction_index')];
const ADDRESS = fixedHex('address', 20, { also: ['contract_address'] });
const HASH = { name: 'transaction_hash', bytes: 32 };
const AUTHOR = { name: 'author', bytes: 20 };

/** What is read of each dataset, of those columns that any version of cryo writes. */
export const CRYO_TABLES: Readonly<Record<CryoDataset, readonly CryoColumn[]>> = {
  blocks: [
    integer('block_number', { also: ['number'] }),
    fixedHex('block_hash', 32, { also: ['hash'] }),
    fixedHex('parent_hash', 32, { optional: true }),
    fixedHex('author', 20),
    integer('timestamp'),
    integer('gas_used'),
    integer('gas_limit', { optional: true }),
    integer('base_fee_per_gas', { optional: true }),
    fixedHex('receipts_root', 32, { optional: true }),
    fixedHex('logs_bloom', 256, { optional: true }),
    anyHex('extra_data', AUTHOR, { optional: true }),
    integer('excess_blob_gas', { optional: true }),
    integer('blob_gas_used', { optional: true }),
    integer('chain_id', { optional: true }),
  ],
  transactions: [
    ...KEY,
    fixedHex('transaction_hash', 32),
    fixedHex('block_hash', 32, { optional: true }),
    integer('timestamp', { optional: true }),
    integer('nonce'),
    fixedHex('from_address', 20),
    fixedHex('to_address', 20),
    wideInteger('value'),
    anyHex('input', HASH),
    integer('gas_limit'),
    integer('gas_used'),
    integer('gas_price', { optional: true }),
    integer('transaction_type', { optional: true }),
    integer('max_priority_fee_per_gas', { optional: true }),
    integer('max_fee_per_gas', { optional: true }),
    integer('success', { optional: true }),
    integer('chain_id', { optional: true }),
  ],
  storage_reads: [...KEY, ADDRESS, fixedHex('slot', 32), fixedHex('value', 32)],
  storage_diffs: [...KEY, ADDRESS, fixedHex('slot', 32), fixedHex('from_value', 32), fixedHex('to_value', 32)],
  balance_reads: [...KEY, ADDRESS, wideInteger('balance', { as: 'value' })],
  balance_diffs: [...KEY, ADDRESS, wideInteger('from_value'), wideInteger('to_value')],
  nonce_reads: [...KEY, ADDRESS, integer('nonce', { as: 'value' })],
  nonce_diffs: [...KEY, ADDRESS, wideInteger('from_value'), wideInteger('to_value')],
  code_reads: [...KEY, ADDRESS, codeHash('code', { as: 'value' })],
  code_diffs: [...KEY, ADDRESS, codeHash('from_value'), codeHash('to_value')],
};
