import { Random } from '../../datasets/generate/random.js';
import { LanecastError } from '../../errors.js';
import { checkHeader, createReferenceExecutor } from '../../executor/reference/index.js';
import { createWasmExecutor, type RunOptions } from '../../executor/wasm/index.js';
import { findDifference } from '../difference.js';
import { soakBlocks, type SoakBlock } from './blocks.js';
import { sampleMemory, type MemorySample } from './memory.js';
import { PLANS } from './plans.js';

export interface SoakSettings {
  readonly blocks: number;
  readonly seed: number;
  /** Most workers of a run. */
  readonly workers: number;
  readonly sampleEvery: number;
  readonly referenceEvery: number;
}

export interface SoakOutcome {
  readonly blocks: number;
  readonly transactions: number;
  readonly executions: number;
  readonly comparedWithReference: number;
  readonly failures: number;
  readonly samples: readonly MemorySample[];
}

export interface SoakListener {
  readonly sampled: (sample: MemorySample) => void;
  readonly failed: (message: string) => void;
}

/** Runs generated blocks on the engine straight and in parallel, under plans of ill will, and compares what they come to. */
export async function soak(settings: SoakSettings, listener: SoakListener): Promise<SoakOutcome> {
  const run = new SoakRun(settings, listener);
  try {
    return await run.all();
  } finally {
    await run.close();
  }
}

class SoakRun {
  readonly #settings: SoakSettings;
  readonly #listener: SoakListener;
  readonly #engine;
  readonly #reference = createReferenceExecutor();
  readonly #random: Random;
  readonly #samples: MemorySample[] = [];
  readonly #counts = { blocks: 0, transactions: 0, executions: 0, comparedWithReference: 0, failures: 0 };
  #mostHeapBytes = 0;

  constructor(settings: SoakSettings, listener: SoakListener) {
    this.#settings = settings;
    this.#listener = listener;
    this.#engine = createWasmExecutor({ workers: settings.workers });
    this.#random = new Random(settings.seed);
  }

  async all(): Promise<SoakOutcome> {
    const { blocks, seed, sampleEvery } = this.#settings;
    const source = soakBlocks({ blocks, seed, execute: (snapshot) => this.#engine.execute(snapshot) });
    for await (const block of source) {
      await this.#try(block);
      this.#counts.blocks += 1;
      this.#counts.transactions += block.snapshot.transactions.length;
      if (this.#counts.blocks % sampleEvery === 0) this.#sample();
    }
    return { ...this.#counts, samples: this.#samples };
  }

  async close(): Promise<void> {
    await this.#engine.close();
  }

  async #try(block: SoakBlock): Promise<void> {
    try {
      await this.#compare(block);
    } catch (error) {
      if (!(error instanceof LanecastError)) throw error;
      this.#fail(block, error.message);
    }
  }

  async #compare(block: SoakBlock): Promise<void> {
    const { snapshot } = block;
    const loaded = await this.#engine.load(snapshot);
    await this.#engine.warmUp(this.#engine.workers);
    await loaded.run({ workers: 1 });
    const [expected, fingerprint] = [loaded.describe([]), loaded.fingerprint()];
    if (Object.values(checkHeader(snapshot, expected)).includes(false)) this.#fail(block, 'differs from its header');
    const { name, options } = this.#nextRun(snapshot.transactions.length);
    const { executions, heapBytes } = await loaded.run(options);
    this.#counts.executions += executions;
    this.#mostHeapBytes = Math.max(this.#mostHeapBytes, heapBytes);
    if (loaded.fingerprint() !== fingerprint) {
      const difference = findDifference(loaded.describe([]), expected, snapshot) ?? 'fingerprint';
      this.#fail(block, `${name}: differs from the straight run: ${difference}`);
    }
    if (this.#counts.blocks % this.#settings.referenceEvery !== 0) return;
    this.#counts.comparedWithReference += 1;
    const difference = findDifference(await this.#reference.execute(snapshot), expected, snapshot);
    if (difference !== null) this.#fail(block, `reference: differs from the straight run: ${difference}`);
  }

  /** Workers, plans, and whether one thread may finish the block: all in turn, each combination sooner or later. */
  #nextRun(count: number): { readonly name: string; readonly options: RunOptions } {
    const turn = this.#counts.blocks;
    const workers = 1 + (turn % this.#settings.workers);
    const [planName, makePlan] = PLANS[Math.floor(turn / this.#settings.workers) % PLANS.length] ?? [];
    const plan = makePlan?.(count, workers, this.#random);
    const mayContinueInOrder = this.#random.chance(0.5);
    const name = `${workers} workers, ${planName ?? ''}, ${mayContinueInOrder ? 'in order where it must' : 'to the end'}`;
    return { name, options: { workers, plan, tracked: true, mayContinueInOrder } };
  }

  #fail({ origin }: SoakBlock, problem: string): void {
    this.#counts.failures += 1;
    this.#listener.failed(`${origin}: ${problem}`);
  }

  #sample(): void {
    const sample = sampleMemory(this.#counts.blocks, this.#mostHeapBytes);
    this.#mostHeapBytes = 0;
    this.#samples.push(sample);
    this.#listener.sampled(sample);
  }
}
