import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CryoDataset } from '../../../datasets/cryo/folder.js';
import type { Database } from '../../../datasets/store/client.js';

/** A row as cryo has it: `0x…` is binary, other text and numbers are themselves. */
export type CryoRow = Readonly<Record<string, string | number | boolean | null>>;
export type CryoTables = Readonly<Partial<Record<CryoDataset, readonly CryoRow[]>>>;

interface TracedAccountJson {
  readonly balance?: string;
  readonly nonce?: number;
  readonly code?: string;
  readonly codeHash?: string;
  readonly storage?: Readonly<Record<string, string>>;
}
type StateJson = Readonly<Record<string, TracedAccountJson>>;

/** Tracer output as files have it; only what is used here. */
export interface TracerJson {
  readonly chainId: number;
  readonly block: Readonly<Record<string, string>> & {
    readonly transactions: readonly Readonly<Record<string, string>>[];
  };
  readonly receipts: readonly Readonly<Record<string, string>>[];
  readonly prestateTracer: readonly { readonly result: StateJson }[];
  readonly prestateTracerDiff: readonly { readonly result: { readonly pre: StateJson; readonly post: StateJson } }[];
}

const ZERO = `0x${'00'.repeat(32)}`;
const NO_CODE = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470';

/** What cryo would have written of a node that answers so. Where the trace states no code, its hash serves as code. */
export function cryoTables(documents: readonly TracerJson[]): Record<CryoDataset, CryoRow[]> {
  const tables = new Tables();
  for (const document of documents) addBlock(tables, document);
  return tables.rows;
}

class Tables {
  readonly rows: Record<CryoDataset, CryoRow[]> = {
    blocks: [],
    transactions: [],
    storage_reads: [],
    storage_diffs: [],
    balance_reads: [],
    balance_diffs: [],
    nonce_reads: [],
    nonce_diffs: [],
    code_reads: [],
    code_diffs: [],
  };
}

function addBlock(
  { rows }: Tables,
  { chainId, block, receipts, prestateTracer, prestateTracerDiff }: TracerJson,
): void {
  const block_number = Number(block['number']);
  rows.blocks.push({
    block_number,
    block_hash: block['hash'] ?? null,
    parent_hash: block['parentHash'] ?? null,
    author: block['miner'] ?? null,
    timestamp: Number(block['timestamp']),
    gas_used: Number(block['gasUsed']),
    base_fee_per_gas: block['baseFeePerGas'] === undefined ? null : Number(block['baseFeePerGas']),
    extra_data: '0x',
    chain_id: chainId,
  });
  for (const [index, transaction] of block.transactions.entries()) {
    const key = { block_number, transaction_index: index, transaction_hash: transaction['hash'] ?? null };
    const quantity = (name: string): number | null => (name in transaction ? Number(transaction[name]) : null);
    const receipt = receipts[index];
    rows.transactions.push({
      ...key,
      nonce: quantity('nonce'),
      from_address: transaction['from'] ?? null,
      to_address: transaction['to'] ?? null,
      ...wide('value', BigInt(transaction['value'] ?? 0)),
      input: transaction['input'] ?? null,
      gas_limit: quantity('gas'),
      gas_used: Number(receipt?.['gasUsed']),
      gas_price: quantity('gasPrice'),
      transaction_type: quantity('type'),
      max_priority_fee_per_gas: quantity('maxPriorityFeePerGas'),
      max_fee_per_gas: quantity('maxFeePerGas'),
      success: receipt?.['status'] === '0x1',
      chain_id: chainId,
    });
    const { pre, post } = prestateTracerDiff[index]?.result ?? { pre: {}, post: {} };
    addReads(rows, key, prestateTracer[index]?.result ?? {});
    addDiffs(rows, key, { state: prestateTracer[index]?.result ?? {}, pre, post });
  }
}

function addReads(rows: Tables['rows'], key: CryoRow, state: StateJson): void {
  for (const [address, account] of Object.entries(state)) {
    if (account.balance !== undefined)
      rows.balance_reads.push({ ...key, address, ...wide('balance', BigInt(account.balance)) });
    if (account.nonce !== undefined) rows.nonce_reads.push({ ...key, address, nonce: account.nonce });
    const code = codeOf(account);
    if (code !== '0x') rows.code_reads.push({ ...key, contract_address: address, code });
    for (const [slot, value] of Object.entries(account.storage ?? {})) {
      rows.storage_reads.push({ ...key, contract_address: address, slot, value });
    }
  }
}

interface Diff {
  readonly state: StateJson;
  readonly pre: StateJson;
  readonly post: StateJson;
}

function addDiffs(rows: Tables['rows'], key: CryoRow, { state, pre, post }: Diff): void {
  for (const address of new Set([...Object.keys(pre), ...Object.keys(post)])) {
    const [held, before, after] = [state[address], pre[address], post[address]];
    const died = before?.balance !== undefined && after === undefined;
    const oldBalance = BigInt(before?.balance ?? held?.balance ?? 0);
    const newBalance = died ? 0n : BigInt(after?.balance ?? oldBalance);
    const row = { ...key, address };
    if (newBalance !== oldBalance) {
      rows.balance_diffs.push({ ...row, ...wide('from_value', oldBalance), ...wide('to_value', newBalance) });
    }
    const oldNonce = before?.nonce ?? held?.nonce ?? 0;
    const newNonce = died ? 0 : (after?.nonce ?? oldNonce);
    if (newNonce !== oldNonce) rows.nonce_diffs.push({ ...row, from_value: oldNonce, to_value: newNonce });
    const oldCode = codeOf(before ?? {}) === '0x' ? codeOf(held ?? {}) : codeOf(before ?? {});
    const stated = after?.code ?? after?.codeHash;
    const newCode = died ? '0x' : stated === undefined ? oldCode : codeOf(after ?? {});
    if (newCode !== oldCode) rows.code_diffs.push({ ...row, from_value: oldCode, to_value: newCode });
    for (const slot of new Set([...Object.keys(before?.storage ?? {}), ...Object.keys(after?.storage ?? {})])) {
      const from_value = before?.storage?.[slot] ?? held?.storage?.[slot] ?? ZERO;
      const to_value = after?.storage?.[slot] ?? ZERO;
      if (from_value !== to_value) rows.storage_diffs.push({ ...row, slot, from_value, to_value });
    }
  }
}

function codeOf({ code, codeHash }: TracedAccountJson): string {
  if (code !== undefined) return code;
  return codeHash === undefined || codeHash === NO_CODE || codeHash === ZERO ? '0x' : codeHash;
}

/** As cryo writes numbers of 256 bits by default. */
function wide(name: string, value: bigint): CryoRow {
  const hex = `0x${value.toString(16).padStart(64, '0')}`;
  return { [`${name}_binary`]: hex, [`${name}_string`]: String(value), [`${name}_f64`]: Number(value) };
}

interface WriteOptions {
  readonly hex?: boolean;
  readonly first: number;
  readonly last: number;
}

/** Lets ClickHouse write Parquet files with cryo's names into a folder. */
export async function writeCryo(
  database: Database,
  folder: string,
  tables: CryoTables,
  options: WriteOptions,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const [dataset, rows] of Object.entries(tables)) {
    const [sample] = rows;
    if (sample === undefined) continue;
    const lines = join(folder, 'rows.jsonl');
    writeFileSync(lines, rows.map((row) => JSON.stringify(row)).join('\n'));
    const types = Object.keys(sample).map((name) => [name, typeOf(name, rows)] as const);
    const list = types.map(([name, type]) => `${name} Nullable(${type})`).join(', ');
    const binary = (name: string): boolean =>
      options.hex !== true && rows.some((row) => String(row[name]).startsWith('0x'));
    const select = types.map(([name]) => (binary(name) ? `unhex(substring(${name}, 3)) AS ${name}` : name)).join(', ');
    const path = join(folder, `ethereum__${dataset}__${options.first}_to_${options.last}.parquet`);
    await database.command(`INSERT INTO FUNCTION file('${path}', 'Parquet', '${list}')
      SELECT ${select} FROM file('${lines}', 'JSONEachRow', '${list}') SETTINGS engine_file_truncate_on_insert = 1`);
    rmSync(lines);
  }
}

function typeOf(name: string, rows: readonly CryoRow[]): string {
  const value = rows.map((row) => row[name]).find((other) => other !== null && other !== undefined) ?? null;
  if (typeof value === 'boolean') return 'Bool';
  if (typeof value === 'number') return name.endsWith('_f64') ? 'Float64' : 'UInt64';
  return 'String';
}
