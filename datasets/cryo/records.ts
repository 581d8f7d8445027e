import { InputError } from '../../errors.js';
import { ZERO_WORD, type Address, type BlockHeader, type BlockRecord, type Hash, type Hex } from '../../types.js';
import type { Transaction, TransactionRecord } from '../../types.js';
import { keccak256 } from '../keccak.js';
import type { StoredRow } from '../store/client.js';
import { decodeBigInt, decodeHex, decodeInteger, nullable } from '../store/decode.js';
import { extractAccesses } from '../tracer-accesses.js';
import { addCodeHashes } from '../tracer-code.js';
import type { CryoDataset } from './folder.js';
import { tracedStates, wide } from './states.js';

/** The rows of one block. A dataset that the folder lacks is absent. */
export interface CryoBlock {
  readonly origin: string;
  readonly number: number;
  readonly network: string;
  readonly rows: Readonly<Partial<Record<CryoDataset, readonly StoredRow[]>>>;
}

const ZERO_ADDRESS: Address = `0x${'00'.repeat(20)}`;

/** Makes a record of a block's rows. Throws InputError. */
export function recordOfRows(block: CryoBlock): BlockRecord {
  const rows = block.rows.transactions ?? [];
  const transactions = rows.map((row, index) => readTransaction(block, row, index));
  const header = readHeader(block, rows);
  checkGas(block, header, rows);
  const codeHashes = new Map<Address, Hash>();
  const states = tracedStates(block.rows, transactions, rows.map(gasUsedOf));
  const records = transactions.map((transaction, index): TransactionRecord => {
    const state = states[index] ?? { prestate: new Map(), before: new Map(), after: new Map() };
    const traced = { transaction, feeRecipient: header.feeRecipient, ...state };
    addCodeHashes(codeHashes, withKnownCode(traced));
    const row = rows[index] ?? {};
    const success = nullable(row, 'success', (own, column) => String(own[column]));
    return {
      transaction,
      gasUsed: gasUsedOf(row),
      succeeded: success === null ? null : success === '1' || success === 'true',
      logs: [],
      accesses: extractAccesses(traced),
      keccakPreimages: [],
      callFrames: [],
      executionNs: null,
    };
  });
  return {
    kind: 'record',
    origin: block.origin,
    chainId: chainOf(block, rows),
    header,
    transactions: records,
    codeHashes,
  };
}

function gasUsedOf(row: StoredRow): number {
  return decodeInteger(row, 'gas_used');
}

type Traced = Parameters<typeof addCodeHashes>[1];

/** Leaves out the stand-ins for code of which no hash is known. */
function withKnownCode(traced: Traced): Traced {
  const known = (state: Traced['before']): Traced['before'] =>
    new Map([...state].filter(([, account]) => account.codeHash !== null));
  return { ...traced, prestate: known(traced.prestate), before: known(traced.before), after: known(traced.after) };
}

function readTransaction(block: CryoBlock, row: StoredRow, index: number): Transaction {
  const stated = decodeInteger(row, 'transaction_index');
  if (stated !== index) fail(block, `expected transaction ${index} in the dataset transactions, got ${stated}`);
  const type = nullable(row, 'transaction_type', decodeInteger) ?? 0;
  const fee = (name: string, applies: boolean): bigint | null => (applies ? nullable(row, name, decodeBigInt) : null);
  return {
    index,
    hash: decodeHex(row, 'transaction_hash'),
    type,
    from: decodeHex(row, 'from_address'),
    to: nullable(row, 'to_address', decodeHex),
    nonce: decodeInteger(row, 'nonce'),
    valueWei: wide(row, 'value'),
    input: decodeHex(row, 'input'),
    gasLimit: decodeInteger(row, 'gas_limit'),
    gasPriceWei: fee('gas_price', type < 2 || type > 4),
    maxFeePerGasWei: fee('max_fee_per_gas', type >= 2),
    maxPriorityFeePerGasWei: fee('max_priority_fee_per_gas', type >= 2),
    maxFeePerBlobGasWei: null,
    accessList: [],
    blobVersionedHashes: [],
    authorizationList: [],
  };
}

function readHeader(block: CryoBlock, transactions: readonly StoredRow[]): BlockHeader {
  const row = block.rows.blocks?.[0];
  return row === undefined ? inferHeader(block, transactions) : statedHeader(block.number, row);
}

function statedHeader(number: number, row: StoredRow): BlockHeader {
  return {
    ...UNSTATED,
    number,
    hash: decodeHex(row, 'block_hash'),
    parentHash: nullable(row, 'parent_hash', decodeHex) ?? ZERO_WORD,
    feeRecipient: decodeHex(row, 'author'),
    timestampSeconds: decodeInteger(row, 'timestamp'),
    gasLimit: nullable(row, 'gas_limit', decodeInteger) ?? 0,
    gasUsed: decodeInteger(row, 'gas_used'),
    baseFeePerGasWei: nullable(row, 'base_fee_per_gas', decodeBigInt),
    receiptsRoot: nullable(row, 'receipts_root', decodeHex),
    logsBloom: nullable(row, 'logs_bloom', decodeHex),
    extraData: nullable(row, 'extra_data', decodeHex) ?? '0x',
    excessBlobGas: nullable(row, 'excess_blob_gas', decodeInteger),
    blobGasUsed: nullable(row, 'blob_gas_used', decodeInteger),
  };
}

const UNSTATED = {
  receiptsRoot: null,
  logsBloom: null,
  difficulty: 0n,
  mixHash: null,
  extraData: '0x',
  baseFeePerGasWei: null,
  excessBlobGas: null,
  blobGasUsed: null,
  parentBeaconBlockRoot: null,
} as const;

/** Without the dataset `blocks`; its hash is that of the transactions' hashes unless they state the block's. */
function inferHeader(block: CryoBlock, rows: readonly StoredRow[]): BlockHeader {
  const hashes = rows.map((row) => decodeHex(row, 'transaction_hash').slice(2)).join('');
  const [first = {}] = rows;
  return {
    ...UNSTATED,
    number: block.number,
    hash: 'block_hash' in first ? (nullable(first, 'block_hash', decodeHex) ?? keccak256(`0x${hashes}`)) : ZERO_WORD,
    parentHash: ZERO_WORD,
    feeRecipient: inferFeeRecipient(block),
    timestampSeconds: nullable(first, 'timestamp', decodeInteger) ?? 0,
    gasLimit: 0,
    gasUsed: rows.reduce((sum, row) => sum + gasUsedOf(row), 0),
  };
}

/** Who gains in more than half of the transactions, and in more than any other; nobody where there is no such account. */
function inferFeeRecipient({ rows }: CryoBlock): Address {
  const gains = new Map<Hex, number>();
  for (const row of rows.balance_diffs ?? []) {
    if (wide(row, 'to_value') <= wide(row, 'from_value')) continue;
    const address = decodeHex(row, 'address');
    gains.set(address, (gains.get(address) ?? 0) + 1);
  }
  const [best] = [...gains].sort(([, a], [, b]) => b - a);
  const transactions = rows.transactions?.length ?? 0;
  return best !== undefined && transactions > 1 && best[1] > transactions / 2 ? best[0] : ZERO_ADDRESS;
}

function chainOf(block: CryoBlock, transactions: readonly StoredRow[]): number {
  const row = block.rows.blocks?.[0] ?? transactions[0] ?? {};
  const stated = row['chain_id'] === undefined ? null : nullable(row, 'chain_id', decodeInteger);
  const named = block.network === 'ethereum' ? 1 : Number(/^network_(\d+)$/.exec(block.network)?.[1] ?? NaN);
  if (stated !== null) return stated;
  if (Number.isSafeInteger(named)) return named;
  return fail(block, `expected a column chain_id, as the chain of "${block.network}" is not known: include it`);
}

function checkGas(block: CryoBlock, header: BlockHeader, rows: readonly StoredRow[]): void {
  const gasUsed = rows.reduce((sum, row) => sum + gasUsedOf(row), 0);
  if (gasUsed === header.gasUsed) return;
  fail(block, `its ${rows.length} transactions used ${gasUsed} gas, but the block ${header.gasUsed}: some are missing`);
}

function fail(block: CryoBlock, problem: string): never {
  throw new InputError({ origin: block.origin, blockNumber: block.number }, problem);
}
