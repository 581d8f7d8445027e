import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LanecastError } from '../../errors.js';

/** The datasets of cryo (https://github.com/paradigmxyz/cryo) that say what transactions touched. */
const CRYO_DATASETS = [
  'blocks',
  'transactions',
  'storage_reads',
  'storage_diffs',
  'balance_reads',
  'balance_diffs',
  'nonce_reads',
  'nonce_diffs',
  'code_reads',
  'code_diffs',
] as const;
export type CryoDataset = (typeof CRYO_DATASETS)[number];

/** A Parquet file with the blocks from `first` to `last`. */
export interface CryoFile {
  readonly path: string;
  readonly first: number;
  readonly last: number;
}

export interface CryoFolder {
  readonly path: string;
  /** The chain as the names of the files have it; cryo calls one that it does not know `network_ID`. */
  readonly network: string;
  /** By first block. */
  readonly files: ReadonlyMap<CryoDataset, readonly CryoFile[]>;
  /** What is not there or not used, and what that costs: for notices. */
  readonly losses: readonly string[];
}

const FILE_NAME = /^(.+?)__([a-z0-9_]+?)__(?:.+__)?(\d+)_to_(\d+)\.parquet$/;

const ALIASES: Readonly<Record<string, CryoDataset>> = {
  txs: 'transactions',
  slot_reads: 'storage_reads',
  slot_diffs: 'storage_diffs',
  geth_storage_diffs: 'storage_diffs',
  geth_balance_diffs: 'balance_diffs',
  geth_nonce_diffs: 'nonce_diffs',
  geth_code_diffs: 'code_diffs',
};

const NEEDED: readonly CryoDataset[] = ['transactions', 'storage_reads', 'storage_diffs'];

const LOSSES: Readonly<Partial<Record<CryoDataset, string>>> = {
  blocks:
    'base fees, gas limits and times of blocks are unknown, a block is told by the hashes of its transactions, ' +
    'its fee recipient by who gains in most of them, and blocks without transactions are missed',
  balance_reads: 'accounts whose balance was only looked at are missed',
  balance_diffs: 'payments are missed',
  nonce_reads: 'accounts of which the nonce alone was looked at are missed',
  nonce_diffs: 'creations of accounts are missed',
  code_reads: 'that code ran is known only of accounts with storage, and code hashes are unknown',
  code_diffs: 'deployments and destructions of code are missed',
};

/** Whether a path is a folder with Parquet files in it or in its sub-folders. */
export async function hasParquetFiles(path: string): Promise<boolean> {
  return (await parquetFiles(path).catch(() => [])).length > 0;
}

/**
 * Finds the files of a cryo folder, its sub-folders included (`cryo --subdirs`). Throws INVALID_INPUT where datasets are
 * missing that nothing can be said without, where the files are of several chains, or where no name is cryo's.
 */
export async function openCryoFolder(path: string): Promise<CryoFolder> {
  const files = new Map<CryoDataset, CryoFile[]>();
  const networks = new Set<string>();
  const unused = new Set<string>();
  for (const file of await parquetFiles(path)) {
    const [, network, name, first, last] = FILE_NAME.exec(file.name) ?? [];
    const dataset = datasetOf(name ?? '');
    if (network === undefined || dataset === null) {
      unused.add(name ?? file.name);
      continue;
    }
    networks.add(network);
    files.set(dataset, [...(files.get(dataset) ?? []), { path: file.path, first: Number(first), last: Number(last) }]);
  }
  for (const list of files.values()) list.sort((a, b) => a.first - b.first);
  const [network, ...others] = networks;
  const missing = NEEDED.filter((dataset) => !files.has(dataset));
  if (network === undefined || missing.length > 0) throw missingDatasets(path, missing);
  if (others.length > 0)
    throw bad(path, `files of several chains: ${[...networks].join(', ')}. Take one folder a chain`);
  const absent = Object.entries(LOSSES).filter(([dataset]) => !files.has(dataset as CryoDataset));
  const losses = [
    ...absent.map(([dataset, loss]) => `without the cryo dataset ${dataset}, ${loss}`),
    ...(unused.size === 0 ? [] : [`not used: ${[...unused].join(', ')}`]),
    'cryo states no logs, declared access lists, blob hashes and authorizations with a transaction',
  ];
  return { path, network, files, losses };
}

/** The files of a dataset that may hold blocks of a range. */
export function filesOf(folder: CryoFolder, dataset: CryoDataset, range: { first: number; last: number }): CryoFile[] {
  return (folder.files.get(dataset) ?? []).filter(({ first, last }) => first <= range.last && last >= range.first);
}

async function parquetFiles(path: string): Promise<{ readonly name: string; readonly path: string }[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => !entry.isDirectory() && entry.name.endsWith('.parquet'))
    .map((entry) => ({ name: entry.name, path: join(entry.parentPath, entry.name) }));
}

function datasetOf(name: string): CryoDataset | null {
  const known = CRYO_DATASETS.find((dataset) => dataset === name);
  return known ?? (Object.hasOwn(ALIASES, name) ? (ALIASES[name] ?? null) : null);
}

function missingDatasets(path: string, missing: readonly CryoDataset[]): LanecastError {
  const optional = CRYO_DATASETS.filter((dataset) => !NEEDED.includes(dataset)).join(' ');
  return bad(
    path,
    `Parquet files, but none named as cryo names those of ${missing.join(', ')} (like ` +
      'ethereum__transactions__15000001_to_15000010.parquet). Needed are the datasets ' +
      `${NEEDED.join(', ')}; what the others add is told when they are missing. All of them: ` +
      `cryo ${NEEDED.join(' ')} ${optional} --blocks FIRST:LAST`,
  );
}

function bad(path: string, found: string): LanecastError {
  return new LanecastError('INVALID_INPUT', `${path}: has ${found}.`);
}
