import { existsSync } from 'node:fs';
import { generateBlocks, PROFILES } from '../../datasets/generate/index.js';
import { readBlocks } from '../../datasets/read.js';
import { keccak256 } from '../../executor/reference/index.js';
import type { BlockSnapshot, SourceBlock } from '../../types.js';
import type { Bench } from '../engine/bench.js';
import { chainedTransfers, transfersOfOneSender } from '../engine/hand-made.js';

type Remake = (snapshot: BlockSnapshot) => BlockSnapshot;

/** Made of the blocks of a generated profile. */
const HAND_MADE: ReadonlyMap<string, { readonly profile: string; readonly remake: Remake }> = new Map([
  ['erc20-chain', { profile: 'gigagas-erc20', remake: chainedTransfers }],
  ['erc20-one-sender', { profile: 'gigagas-erc20', remake: transfersOfOneSender }],
]);
/** Its blocks differ in size. */
export const MAINNET_PROFILE = 'mainnet';

/** Another name of `payments-1000`. */
const ALIAS = 'payments';

/** Generated profiles, and those that are made of them by hand. */
export const PROFILE_NAMES: readonly string[] = [
  ...PROFILES.map(({ name }) => name).filter((name) => name !== ALIAS),
  ...HAND_MADE.keys(),
];

/** The blocks of a profile, one at a time, the same for the same seed. Errors: those of the generator and of the engine. */
export async function* profileBlocks(bench: Bench, name: string, blocks: number): AsyncGenerator<BlockSnapshot> {
  const { seed, policies } = bench.settings;
  const { profile, remake } = HAND_MADE.get(name) ?? { profile: name, remake: null };
  const source = generateBlocks({
    ...{ profile, blocks, seed, keccak256 },
    ...(name === MAINNET_PROFILE ? {} : { transactions: policies.profileTransactions }),
    execute: (snapshot) => bench.engine.execute(snapshot),
  });
  for await (const snapshot of source) {
    yield remake === null ? snapshot : await withGasUsed(bench, remake(snapshot));
  }
}

/** Other addresses have other zero bytes, which cost other gas. */
async function withGasUsed({ engine }: Bench, snapshot: BlockSnapshot): Promise<BlockSnapshot> {
  const { gasUsed } = await engine.execute(snapshot);
  return { ...snapshot, header: { ...snapshot.header, gasUsed } };
}

/** Consecutive recorded blocks; null, after a notice, where the folder is missing. */
export function traceBlocks(bench: Bench): AsyncGenerator<SourceBlock> | null {
  const { tracesFolder } = bench.settings.policies;
  if (existsSync(tracesFolder)) return readSound(bench, tracesFolder);
  bench.notice(`notice: no traces in ${tracesFolder} (--traces names another folder); what needs them is left out`);
  return null;
}

async function* readSound(bench: Bench, folder: string): AsyncGenerator<SourceBlock> {
  for await (const outcome of readBlocks(folder)) {
    if (outcome.ok) yield outcome.block;
    else bench.fail({ block: folder, variant: 'reading', problem: outcome.error.message });
  }
}
