/** Generated load: blocks of transactions that call contracts of mainnet, the same for the same seed. */
import { LanecastError } from '../../errors.js';
import type { BlockResult, BlockSnapshot } from '../../types.js';
import { Chain } from './chain.js';
import { createCodec } from './codec.js';
import { MAINNET } from './profiles/mainnet.js';
import { PAYMENT_PROFILES } from './profiles/payments.js';
import type { Profile } from './profiles/profile.js';
import { SWAP_PROFILES } from './profiles/swaps.js';
import { TOKEN_PROFILES } from './profiles/tokens.js';
import { Random } from './random.js';
import { Site } from './site.js';
import { World } from './world.js';

export { calibrate, Calibration, type CalibrationRow } from './calibration/index.js';

export interface GenerateOptions {
  /** One of PROFILES. */
  readonly profile: string;
  readonly blocks: number;
  /** Per block; the mean for `mainnet`, whose blocks differ in size. Each profile has its own default. */
  readonly transactions?: number;
  readonly seed: number;
  readonly execute: (snapshot: BlockSnapshot) => Promise<BlockResult>;
  readonly keccak256: (data: Uint8Array) => Uint8Array;
}

const ALL: readonly Profile[] = [MAINNET, ...PAYMENT_PROFILES, ...TOKEN_PROFILES, ...SWAP_PROFILES];

export const PROFILES: readonly { readonly name: string; readonly description: string }[] = ALL.map(
  ({ name, description }) => ({ name, description }),
);

/** Raised when the same seed gives other blocks than before: chains of different versions must not mix in a store. */
const VERSION = 1;
/** No block of a chain needs more; beyond it the gas limit is no safe number of gas. */
const MAX_TRANSACTIONS = 10_000_000;

/**
 * Yields consecutive blocks of a chain that (profile, seed, transactions) determine to the byte, however many of them
 * are asked for. Each was executed once, by `execute`, to learn its header and the state after it.
 * Throws INVALID_ARGUMENT for an unknown profile or a bad count, UNSUPPORTED where a contract build can't be read.
 */
export function generateBlocks(options: GenerateOptions): AsyncGenerator<BlockSnapshot> {
  const profile = findProfile(options.profile);
  checkCount('blocks', options.blocks, { least: 1, most: Number.MAX_SAFE_INTEGER });
  checkCount('seed', options.seed, { least: 0, most: Number.MAX_SAFE_INTEGER });
  const transactions = options.transactions ?? profile.transactions;
  checkCount('transactions', transactions, { least: 1, most: MAX_TRANSACTIONS });
  return generate(profile, transactions, options);
}

async function* generate(
  profile: Profile,
  transactions: number,
  { blocks, seed, execute, keccak256 }: GenerateOptions,
): AsyncGenerator<BlockSnapshot> {
  const label = `lanecast/${VERSION}/${profile.name}/${seed}/${transactions}`;
  const origin = `generated:${profile.name}`;
  const codec = createCodec(keccak256);
  const world = new World(codec);
  const chain = new Chain({ label, origin, gasLimit: profile.gasLimit(transactions), codec, world, execute });
  const site = new Site(label, { chain, codec, world });
  const makeBlock = await profile.build(site, transactions);
  chain.open();
  for (let index = 0; index < blocks; index += 1) {
    yield await chain.next(makeBlock(new Random(site.seedOf(`block ${index}`)), index));
  }
}

function findProfile(name: string): Profile {
  const profile = ALL.find((candidate) => candidate.name === name);
  if (profile !== undefined) return profile;
  const names = ALL.map((candidate) => candidate.name).join(', ');
  throw new LanecastError('INVALID_ARGUMENT', `No profile "${name}". Expected one of ${names}.`);
}

function checkCount(name: string, value: number, { least, most }: { least: number; most: number }): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new LanecastError('INVALID_ARGUMENT', `Expected a whole number of ${name} from ${least} on, got ${value}.`);
}
