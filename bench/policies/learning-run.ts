import { isVerified } from '../../cli/replay/aggregate.js';
import type { ReplayBlock } from '../../cli/replay/document.js';
import { measureBlock } from '../../cli/replay/measure.js';
import { Scheduling, type Machine } from '../../cli/replay/scheduling.js';
import { LanecastError } from '../../errors.js';
import { keccak256 } from '../../executor/reference/index.js';
import { ModelHints } from '../../model/hints/model-hints.js';
import { ModelPredictor } from '../../model/predictor.js';
import { untrainedModel } from '../../model/untrained.js';
import { Calibrator } from '../../scheduler/calibrator.js';
import type { Overheads } from '../../scheduler/overheads.js';
import type { Policy } from '../../scheduler/policy.js';
import type { HintSource } from '../../scheduler/predictor.js';
import type { SourceBlock } from '../../types.js';
import type { Bench } from '../engine/bench.js';

/** Where policies are compared, and what parallel execution costs there. */
export interface PolicyBench {
  readonly bench: Bench;
  readonly overheads: Overheads;
}

export interface LearningRunOptions {
  /** For messages. */
  readonly name: string;
  readonly policies: readonly Policy[];
  readonly simulatedWorkers: readonly number[];
  readonly hints: HintSource;
}

/** Hints that know nothing yet. */
export function untaughtHints(): ModelHints {
  return new ModelHints(new ModelPredictor(untrainedModel(keccak256)));
}

/** Measures blocks one after the other with several policies, and learns each; what it knew before is nothing. */
export class LearningRun {
  readonly scheduling: Scheduling;
  /** Threads of this machine. */
  readonly machine: Machine;
  readonly #bench: Bench;
  readonly #options: LearningRunOptions;
  readonly #simulatedMachines: readonly Machine[];

  constructor({ bench, overheads }: PolicyBench, options: LearningRunOptions) {
    this.#bench = bench;
    this.#options = options;
    this.machine = { workers: bench.engine.workers, isReal: true };
    this.#simulatedMachines = options.simulatedWorkers.map((workers) => ({ workers, isReal: false }));
    this.scheduling = new Scheduling({
      ...{ policies: options.policies, hints: options.hints },
      machines: [this.machine, ...this.#simulatedMachines],
      calibrator: new Calibrator(overheads),
    });
  }

  /** Measures and learns all blocks; those that can't be run are failures of the benchmark. */
  async measureAll(blocks: AsyncIterable<SourceBlock> | Iterable<SourceBlock>): Promise<ReplayBlock[]> {
    const measured: ReplayBlock[] = [];
    try {
      for await (const block of blocks) {
        const outcome = await this.measure(block);
        if (outcome !== null) measured.push(outcome);
      }
    } catch (error) {
      if (!(error instanceof LanecastError)) throw error;
      this.#bench.fail({ block: this.#options.name, variant: 'blocks', problem: error.message });
    }
    return measured;
  }

  /** Null, after the failure was kept, where the block can't be run. */
  async measure(source: SourceBlock): Promise<ReplayBlock | null> {
    const { name, policies } = this.#options;
    const { engine, reference, settings } = this.#bench;
    const where = `${name}, block ${source.header.number}`;
    this.#bench.progress(`measuring ${where}: ${source.transactions.length} transactions`);
    this.#bench.settle();
    try {
      const { block } = await measureBlock(
        source,
        { reference, wasm: engine },
        {
          ...{ policies, repeats: settings.policies.repeats, cost: 'auto', scheduling: this.scheduling },
          ...{ machine: this.machine, simulatedMachines: this.#simulatedMachines },
        },
      );
      this.#check(block, where);
      return block;
    } catch (error) {
      if (!(error instanceof LanecastError)) throw error;
      this.#bench.fail({ block: where, variant: 'policies', problem: error.message });
      return null;
    }
  }

  #check(block: ReplayBlock, where: string): void {
    if (block.fallback !== null) this.#bench.notice(`notice: ${where} does not run on the engine: ${block.fallback}`);
    if (isVerified(block)) return;
    const wrong = Object.entries(block.header).filter(([, isRight]) => isRight === false);
    for (const [figure] of wrong) {
      this.#bench.fail({ block: where, variant: 'reference', problem: `differs from the header: ${figure}` });
    }
    if (!block.sequentialVerified) {
      this.#bench.fail({ block: where, variant: 'sequential', problem: 'differs from the reference' });
    }
    for (const { policy, workers, simulated } of block.runs.filter(({ verified }) => !verified)) {
      const variant = `${policy}, ${workers} ${simulated ? 'simulated ' : ''}workers`;
      this.#bench.fail({ block: where, variant, problem: 'did not come to what sequential execution comes to' });
    }
  }
}
