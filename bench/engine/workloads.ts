import { generateBlocks } from '../../datasets/generate/index.js';
import { keccak256 } from '../../executor/reference/index.js';
import type { BlockSnapshot } from '../../types.js';
import type { Bench } from './bench.js';
import type { BlockKind } from './document.js';
import { chainedTransfers, transfersOfOneSender } from './hand-made.js';
import type { BlockToMeasure } from './measure-block.js';

interface GeneratedWorkload {
  readonly name: string;
  readonly profile: string;
  readonly kind: BlockKind;
  readonly perCore: boolean;
  readonly blocks: number;
  /** Null: as the profile has it. */
  readonly transactions: number | null;
  /** Whether the profile's own size is one gigagas. */
  readonly gigagas?: boolean;
  /** Makes another block of a generated one. */
  readonly remake?: (snapshot: BlockSnapshot) => BlockSnapshot;
}

const WORKLOADS: readonly GeneratedWorkload[] = [
  ...perCore('conflict-free', [
    { name: 'ERC-20, a holder each', profile: 'gigagas-erc20', transactions: 10_000, gigagas: true },
    { name: 'AMM swaps, a pair each', profile: 'gigagas-swaps', transactions: 3_000, gigagas: true },
    { name: 'transfers, an account each', profile: 'gigagas-transfers', transactions: 10_000, gigagas: true },
  ]),
  ...perCore('contended', [
    { name: 'ERC-20, 10,000 holders', profile: 'erc20', transactions: 10_000 },
    { name: 'AMM swaps, 8 pairs', profile: 'uniswap', transactions: 2_000 },
    { name: 'payments, 1,000 accounts', profile: 'payments', transactions: 10_000 },
  ]),
  ...perCore('mixed', [{ name: 'like mainnet', profile: 'mainnet', transactions: null, blocks: 3 }]),
  ...contended([
    { name: 'payments, 100 accounts', profile: 'payments-100', transactions: 5_000 },
    { name: 'payments, 10 accounts', profile: 'payments-10', transactions: 5_000 },
    { name: 'payments, 2 accounts', profile: 'payments-2', transactions: 5_000 },
    { name: 'hotspot', profile: 'hotspot', transactions: 2_000 },
    { name: 'referral', profile: 'referral', transactions: 2_000 },
    { name: 'Grevm hot mix', profile: 'grevm-hot', transactions: 5_000 },
    { name: 'chain of payments', profile: 'chain', transactions: 5_000 },
    { name: 'chain of ERC-20', profile: 'gigagas-erc20', transactions: 5_000, remake: chainedTransfers },
    { name: 'ERC-20 of one sender', profile: 'gigagas-erc20', transactions: 5_000, remake: transfersOfOneSender },
  ]),
];

type Part = Pick<GeneratedWorkload, 'name' | 'profile' | 'transactions'> & Partial<GeneratedWorkload>;

function perCore(kind: BlockKind, parts: readonly Part[]): GeneratedWorkload[] {
  return parts.map((part) => ({ kind, perCore: true, blocks: 1, ...part }));
}

function contended(parts: readonly Part[]): GeneratedWorkload[] {
  return parts.map((part) => ({ kind: 'contended', perCore: false, blocks: 1, ...part }));
}

/** The generated blocks of the wanted sections, made one at a time. */
export async function* generatedBlocks(bench: Bench): AsyncGenerator<BlockToMeasure> {
  const wanted = WORKLOADS.filter((workload) => bench.wants('parallel') || workload.perCore);
  for (const workload of wanted) yield* blocksOf(bench, workload);
}

/** The block of which the way from end to end is measured. */
export async function erc20Block(bench: Bench): Promise<BlockToMeasure> {
  const workload = WORKLOADS.find(({ profile }) => profile === 'erc20');
  if (workload === undefined) throw new Error('The list of workloads has no ERC-20 transfers.');
  for await (const block of blocksOf(bench, workload)) return block;
  throw new Error('The generator made no block.');
}

async function* blocksOf(bench: Bench, workload: GeneratedWorkload): AsyncGenerator<BlockToMeasure> {
  const { name, kind, perCore, profile, blocks, remake } = workload;
  const { engine, settings } = bench;
  bench.progress(`generating ${name}`);
  const transactions = sizeOf(workload, settings);
  const source = generateBlocks({
    ...{ profile, blocks, seed: settings.seed, keccak256 },
    ...(transactions === null ? {} : { transactions }),
    execute: (snapshot) => engine.execute(snapshot),
  });
  for await (const snapshot of source) {
    const fullName = blocks === 1 ? name : `${name}, ${snapshot.header.number}`;
    yield { name: fullName, kind, perCore, snapshot: remake === undefined ? snapshot : remake(snapshot) };
  }
}

function sizeOf(workload: GeneratedWorkload, { gigagas, mostTransactions }: Bench['settings']): number | null {
  if (mostTransactions !== null) return Math.min(mostTransactions, workload.transactions ?? mostTransactions);
  return gigagas && workload.gigagas === true ? null : workload.transactions;
}
