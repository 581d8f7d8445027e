import type { Command } from 'commander';
import { openCryoFolder, hasParquetFiles, type CryoFolder } from '../datasets/cryo/folder.js';
import { generateBlocks } from '../datasets/generate/index.js';
import { readBlocks } from '../datasets/read.js';
import type { Store } from '../datasets/store/index.js';
import { LanecastError } from '../errors.js';
import type { BlockResult, BlockSnapshot, SourceBlock } from '../types.js';
import { integerFrom } from './arguments.js';
import { refuseNodeFlags, type NodeFlags } from './node-options.js';
import { isNode, shownSource, type NodeSource, type NodeSourceFlags } from './node-source.js';
import { printNotice } from './terminal.js';
import { refuseWithoutTransactions } from './without-transactions.js';

export const SOURCE_HELP =
  'a file or folder of blocks (*.json[.gz]), a folder of Parquet files of cryo, generated:PROFILE, a JSON-RPC node ' +
  '(http://… or https://…), or what the store holds: store: or store:CHAIN_ID';

/** Size of a generated source; other sources have no use for it. */
export interface GeneratedSize {
  readonly blocks?: number;
  readonly transactions?: number;
  readonly seed?: number;
}

const DEFAULT_BLOCKS = 5;
export const DEFAULT_SEED = 1;

/** Flags that say which blocks of a source, and how to get them. */
export type SourceFlags = GeneratedSize & NodeFlags;

/** What opening a source may need; `store` is asked for only by `store:`. */
export interface SourceTools {
  readonly execute: (snapshot: BlockSnapshot) => Promise<BlockResult>;
  readonly keccak256: (data: Uint8Array) => Uint8Array;
  readonly store: () => Promise<Store>;
  /** The same for the same source and flags, so that reading it again gives the same blocks. */
  readonly node: (source: string, flags: NodeSourceFlags) => NodeSource;
  /** The blocks of a folder of cryo's Parquet files. */
  readonly cryo: (folder: CryoFolder) => AsyncIterable<SourceOutcome>;
}

/** One block, or why it could not be had. */
export type SourceOutcome =
  { readonly ok: true; readonly block: SourceBlock } | { readonly ok: false; readonly error: LanecastError };

/** `seedOf`: what the seed is of, besides a generated source. */
export function addGeneratedSizeOptions(command: Command, seedOf?: string): Command {
  const seeded = seedOf === undefined ? 'a generated source' : `${seedOf}, and of a generated source`;
  return command
    .option(
      '--blocks <count>',
      `blocks of a generated source, or the last ones of a node (default: ${DEFAULT_BLOCKS})`,
      integerFrom(1),
    )
    .option('--transactions <count>', 'transactions per block of a generated source', integerFrom(1))
    .option('--seed <number>', `seed of ${seeded} (default: ${DEFAULT_SEED})`, integerFrom(0));
}

/** The blocks of a SOURCE in order. Throws LanecastError where the source as a whole is not to be had. */
export function openSource(source: string, size: SourceFlags, tools: SourceTools): AsyncIterable<SourceOutcome> {
  if (isNode(source)) return checkedNode(source, size, tools).blocks();
  refuseNodeFlags(source, size);
  if (isGenerated(source)) return generated(source.slice('generated:'.length), size, tools);
  refuseSize(source, size);
  if (isStored(source)) return stored(parseChainId(source), tools);
  return onDisk(source, tools);
}

async function* onDisk(path: string, tools: SourceTools): AsyncGenerator<SourceOutcome> {
  await refuseWithoutTransactions(path);
  if (!(await hasParquetFiles(path))) {
    yield* readBlocks(path);
    return;
  }
  const folder = await openCryoFolder(path);
  for (const loss of folder.losses) printNotice(`notice: ${path}: ${loss}`);
  yield* tools.cryo(folder);
}

/** A node as a source. Throws INVALID_ARGUMENT for flags that are of generated sources only. */
export function checkedNode(source: string, flags: SourceFlags, tools: Pick<SourceTools, 'node'>): NodeSource {
  const { transactions, seed, ...rest } = flags;
  refuseSize(source, {
    ...(transactions === undefined ? {} : { transactions }),
    ...(seed === undefined ? {} : { seed }),
  });
  return tools.node(source, rest);
}

/** The same; the first block that is not to be had is thrown. */
export async function* soundBlocks(source: string, size: SourceFlags, tools: SourceTools): AsyncGenerator<SourceBlock> {
  for await (const outcome of openSource(source, size, tools)) {
    if (!outcome.ok) throw outcome.error;
    yield outcome.block;
  }
}

export function isStored(source: string): boolean {
  return source.startsWith('store:');
}

export function isGenerated(source: string): boolean {
  return source.startsWith('generated:');
}

/** The size of a source where the seed is not of the source alone. */
export function sizeOf(source: string, { seed, ...size }: SourceFlags): SourceFlags {
  return isGenerated(source) && seed !== undefined ? { ...size, seed } : size;
}

/** How many blocks the source will yield, where that is known beforehand. */
export async function expectedBlocks(
  source: string,
  size: SourceFlags,
  tools: Pick<SourceTools, 'node'>,
): Promise<number | null> {
  if (isGenerated(source)) return generatedBlocks(size);
  if (!isNode(source)) return null;
  const { from, to } = await checkedNode(source, sizeOf(source, size), tools).span();
  return to - from + 1;
}

export function generatedBlocks({ blocks }: GeneratedSize): number {
  return blocks ?? DEFAULT_BLOCKS;
}

/** Throws INVALID_ARGUMENT where a size is given for a source that has none to choose. */
export function refuseSize(source: string, size: GeneratedSize): void {
  const given = (['blocks', 'transactions', 'seed'] as const).find((name) => size[name] !== undefined);
  if (given === undefined) return;
  const kinds = given === 'blocks' ? 'generated sources and nodes' : 'generated sources';
  const shown = shownSource(source);
  throw new LanecastError('INVALID_ARGUMENT', `--${given} is for ${kinds} only; "${shown}" is none.`);
}

async function* generated(profile: string, size: GeneratedSize, tools: SourceTools): AsyncGenerator<SourceOutcome> {
  for await (const block of generateSnapshots(profile, size, tools)) yield { ok: true, block };
}

/** The blocks of a profile. Throws INVALID_ARGUMENT where there is no such profile. */
export function generateSnapshots(
  profile: string,
  size: GeneratedSize,
  tools: Pick<SourceTools, 'execute' | 'keccak256'>,
): AsyncIterable<BlockSnapshot> {
  return generateBlocks({
    profile,
    blocks: generatedBlocks(size),
    ...(size.transactions === undefined ? {} : { transactions: size.transactions }),
    seed: size.seed ?? DEFAULT_SEED,
    execute: tools.execute,
    keccak256: tools.keccak256,
  });
}

/** The chain that `store:CHAIN_ID` names; undefined for `store:`. */
export function parseChainId(source: string): number | undefined {
  const text = source.slice('store:'.length);
  if (text === '') return undefined;
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new LanecastError('INVALID_ARGUMENT', `${source}: expected store: or store:CHAIN_ID.`);
}

async function* stored(chainId: number | undefined, tools: SourceTools): AsyncGenerator<SourceOutcome> {
  const store = await tools.store();
  let found = false;
  for await (const block of store.records({ chainId })) {
    found = true;
    yield { ok: true, block };
  }
  if (found) return;
  const what = chainId === undefined ? 'no blocks' : `no blocks of chain ${chainId}`;
  throw new LanecastError('SOURCE_NOT_FOUND', `The store in ${store.target} holds ${what}; lanecast ingest adds some.`);
}
