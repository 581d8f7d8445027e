import { medianOf } from './fitting.js';
import type { Overheads } from './overheads.js';
import type { Plan } from './plan.js';
import type { SimulatedRun } from './simulated-run.js';
import { simulate } from './simulator.js';
import type { Workload } from './workload.js';

/** A run to simulate. */
export interface CalibratedSetting {
  /** Costs are ns. */
  readonly workload: Workload;
  readonly plan: Plan;
  readonly workers: number;
  /** Of runs that are judged together: of one policy, for instance. */
  readonly kind: string;
  /** Whether the run tells what ran where and when. False if absent. */
  readonly trace?: boolean | undefined;
}

/** A simulated run and how long it would take. */
export interface CalibratedRun {
  readonly run: SimulatedRun;
  readonly wallNs: number;
}

/** A run of the engine that can be simulated. */
export interface ObservedRun extends CalibratedSetting {
  readonly wallNs: number;
  readonly inOrderFrom: number | null;
}

/** What was simulated of a block, by what earlier blocks had taught, beside what came. */
export interface Judgement {
  readonly simulatedNs: number;
  /** (simulated − real) / real. */
  readonly errorShare: number;
}

/** Over the judged blocks: shares of the real time. */
export interface SimulationErrors {
  readonly blocks: number;
  /** Of |simulated − real|. */
  readonly medianShare: number;
  readonly worstShare: number;
  /** Of simulated − real: negative where the simulation is too fast. */
  readonly medianSignedShare: number;
}

/** The last so many blocks of each kind tell the factor. */
const REMEMBERED = 15;
const [LEAST_FACTOR, MOST_FACTOR] = [0.25, 4];

/** What is known of one kind. */
interface History {
  /** Real time by simulated time with factor 1, the last ones. */
  readonly ratios: number[];
  /** Signed, of all blocks. */
  readonly errors: number[];
}

/**
 * Simulates runs in ns and learns from real ones, block by block, by which factor the clock differs from the simulation. A block
 * is judged before it is learned; how far off is kept by kind of run.
 */
export class Calibrator {
  readonly #overheads: Overheads;
  readonly #histories = new Map<string, History>();

  constructor(overheads: Overheads) {
    this.#overheads = overheads;
  }

  /** Errors: those of `simulate`. */
  simulate(setting: CalibratedSetting): CalibratedRun {
    const run = this.#run(setting);
    return { run, wallNs: run.makespanCost * this.#factorFor(setting) };
  }

  /**
   * Judges the simulation of the real runs of one block, and only then learns from them. Null, and nothing learned, of a run in
   * block order from its start, of which there is nothing to simulate. Errors: those of `simulate`.
   */
  observe(block: readonly ObservedRun[]): readonly (Judgement | null)[] {
    const factor = this.#factor();
    const simulated = block.map((observed) => (isParallel(observed) ? this.#run(observed) : null));
    const judged = simulated.map((run, index) => judgementOf(run, block[index], factor));
    for (const [index, observed] of block.entries()) {
      const [run, judgement] = [simulated[index], judged[index]];
      if (run === null || run === undefined || judgement === null || judgement === undefined) continue;
      this.#learn(observed, run, judgement);
    }
    return judged;
  }

  #learn({ kind, wallNs, inOrderFrom }: ObservedRun, run: SimulatedRun, { errorShare }: Judgement): void {
    const history = this.#historyOf(kind);
    history.errors.push(errorShare);
    // Where only one of them gave up working together, what is left between them is no matter of speed.
    const isAlike = (inOrderFrom === null) === (run.inOrderFrom === null);
    if (isAlike && run.makespanCost > 0) history.ratios.push(wallNs / run.makespanCost);
    if (history.ratios.length > REMEMBERED) history.ratios.shift();
  }

  /** Of one kind of runs, or of all; null where none was observed. */
  errors(kind?: string): SimulationErrors | null {
    const known = kind === undefined ? [...this.#histories.values()] : [this.#histories.get(kind)];
    const errors = known.flatMap((history) => history?.errors ?? []);
    if (errors.length === 0) return null;
    const shares = errors.map(Math.abs);
    return {
      blocks: errors.length,
      medianShare: medianOf(shares),
      worstShare: shares.reduce((worst, share) => Math.max(worst, share), 0),
      medianSignedShare: medianOf(errors),
    };
  }

  #run({ workload, plan, workers, trace }: CalibratedSetting): SimulatedRun {
    return simulate(workload, plan, { workers, overheads: this.#overheads, trace });
  }

  /**
   * One for all kinds: what machine and moment do to one they do to all, and factors of their own would put the noise of single
   * kinds into comparisons between them. One worker needs none: its time is the costs' sum.
   */
  #factorFor({ plan, workers }: CalibratedSetting): number {
    return Math.min(plan.workers, workers) === 1 ? 1 : this.#factor();
  }

  #factor(): number {
    const ratios = [...this.#histories.values()].flatMap((history) => history.ratios);
    return ratios.length === 0 ? 1 : Math.min(MOST_FACTOR, Math.max(LEAST_FACTOR, medianOf(ratios)));
  }

  #historyOf(kind: string): History {
    const known = this.#histories.get(kind);
    if (known !== undefined) return known;
    const history: History = { ratios: [], errors: [] };
    this.#histories.set(kind, history);
    return history;
  }
}

function isParallel({ plan, workers, wallNs, inOrderFrom }: ObservedRun): boolean {
  return Math.min(plan.workers, workers) > 1 && inOrderFrom !== 0 && wallNs > 0;
}

function judgementOf(run: SimulatedRun | null, observed: ObservedRun | undefined, factor: number): Judgement | null {
  if (run === null || observed === undefined) return null;
  const simulatedNs = run.makespanCost * factor;
  return { simulatedNs, errorShare: (simulatedNs - observed.wallNs) / observed.wallNs };
}
