import { generateBlocks } from '../../datasets/generate/index.js';
import { readBlocks } from '../../datasets/read.js';
import { createReferenceExecutor, keccak256 } from '../../executor/reference/index.js';
import { createWasmExecutor } from '../../executor/wasm/index.js';
import { ACCESS_FEATURES } from '../../model/accesses/candidates.js';
import { Evidence } from '../../model/evidence.js';
import { pendingOf } from '../../model/pending.js';
import type { Model } from '../../model/training/trainer.js';
import type { BlockRecord, BlockSnapshot } from '../../types.js';
import { sharedData } from '../shared-data.js';

const SEED = 7;
/** More than any test takes. */
const MOST_BLOCKS = 100;

/**
 * Generated blocks, of a fixed seed. The engine executes them while they are made, in a fraction of the time of the
 * reference; that both make the same is a test of the generator.
 */
export function generatedSnapshots(profile: string, blocks: number, transactions = 40): AsyncIterable<BlockSnapshot> {
  const executor = createWasmExecutor();
  const execute = (snapshot: BlockSnapshot) => executor.execute(snapshot);
  return generateBlocks({ profile, blocks, transactions, seed: SEED, execute, keccak256 });
}

/** What the generated blocks of one kind did, executed when they are first asked for. */
class RecordedChain {
  readonly #snapshots: AsyncIterator<BlockSnapshot>;
  readonly #records: Promise<BlockRecord>[] = [];
  readonly #executor = createReferenceExecutor();

  constructor(profile: string, transactions: number) {
    this.#snapshots = generatedSnapshots(profile, MOST_BLOCKS, transactions)[Symbol.asyncIterator]();
  }

  first(blocks: number): Promise<BlockRecord[]> {
    while (this.#records.length < blocks) this.#records.push(this.#record(this.#records.at(-1)));
    return Promise.all(this.#records.slice(0, blocks));
  }

  async #record(previous?: Promise<BlockRecord>): Promise<BlockRecord> {
    await previous;
    const next = await this.#snapshots.next();
    if (next.done === true) throw new RangeError(`expected at most ${MOST_BLOCKS} blocks to be asked for`);
    const { record } = await this.#executor.record(next.value, []);
    // Times differ from run to run.
    const timed = record.transactions.map((transaction, index) => ({ ...transaction, executionNs: 1000 + 7 * index }));
    return { ...record, transactions: timed };
  }
}

/** Each kind of blocks is made once a process: the same blocks come first however many are asked for. */
const recordedChains = new Map<string, RecordedChain>();

/** What generated blocks of a fixed seed did. Nobody may change them: others get the same. */
export function generatedRecords(profile: string, blocks: number, transactions = 40): Promise<BlockRecord[]> {
  const kind = `${profile} ${transactions}`;
  const chain = recordedChains.get(kind) ?? new RecordedChain(profile, transactions);
  recordedChains.set(kind, chain);
  return chain.first(blocks);
}

/** The first blocks of the shared traces, and of each the first transactions. */
export async function tracedRecords(blocks: number, transactions = 50): Promise<BlockRecord[]> {
  const records: BlockRecord[] = [];
  for await (const outcome of readBlocks(sharedData('mainnet-traces'))) {
    if (!outcome.ok) throw outcome.error;
    if (outcome.block.kind !== 'record') continue;
    records.push({ ...outcome.block, transactions: outcome.block.transactions.slice(0, transactions) });
    if (records.length === blocks) break;
  }
  return records;
}

export function learn(records: readonly BlockRecord[]): Evidence {
  const evidence = new Evidence({ keccak256, halfLifeBlocks: 100 });
  for (const record of records) evidence.learn(record);
  return evidence;
}

/** Statistics that speak alone, without networks. */
export function modelOf(evidence: Evidence): Model {
  const thresholds = { conflict: 0.5, dependent: 0.5, latestBlocker: 0.5, access: 0.5, write: 0.5 };
  return { evidence, conflicts: null, accesses: null, gasUsed: [], executionNs: [], thresholds };
}

/** All that evidence says of a block, in words that do not depend on how it numbers things. */
export function predictionsOf(evidence: Evidence, record: BlockRecord): unknown[] {
  const said: unknown[] = [];
  const calls = evidence.describe(pendingOf(record), (_, { features, keys }) =>
    said.push(Buffer.from(features.subarray(0, keys.length * ACCESS_FEATURES))),
  );
  for (const call of calls) {
    const { keys, readEvidence, writeEvidence, functionCalls, runsCode } = call;
    const names = Array.from(keys, (key) => [evidence.space.keyAddress(key), evidence.space.keySlot(key)]);
    said.push({ names, readEvidence, writeEvidence, functionCalls, runsCode });
    said.push(evidence.gasUsed.describe(call), evidence.executionNs.describe(call));
  }
  evidence.forEachPair(calls, ({ earlierIndex, laterIndex, relation }) => {
    said.push([earlierIndex, laterIndex, relation, Buffer.from(evidence.describer.values)]);
  });
  return said;
}
