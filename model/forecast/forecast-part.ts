import { ForecastEvaluator, type ForecastNetwork } from './forecast-network.js';
import type { ForecastTarget } from './forecast-model.js';
import type { LoadBlock } from './load-state.js';
import { FORECAST_LEVELS } from './levels.js';
import { Recalibration } from './recalibration.js';

/** A block with what else is known of it; NaN or left out: unknown. */
export interface ObservedBlock extends LoadBlock {
  readonly transactionCount?: number | undefined;
  readonly conflictDensity?: number | undefined;
  readonly parallelism?: number | undefined;
}

/** What a network forecasts, and how that relates to blocks. */
export interface PartSubject {
  /** Of each output of the network. */
  readonly targets: readonly ForecastTarget[];
  readonly inputs: number;
  /** Numbers that outcomes need of the block that a forecast was made from. */
  readonly anchors: number;
  readonly remember: (block: ObservedBlock) => void;
  /** Whether it has seen enough to forecast. */
  readonly isReady: () => boolean;
  readonly writeFeatures: (features: Float32Array) => void;
  readonly writeAnchors: (anchors: Float64Array, offset: number) => void;
  /** What an output should have said of the latest block, as the network was trained; NaN: not known. */
  readonly outcomeOf: (output: number, anchors: Float64Array, offset: number) => number;
  /** Quantiles of an output as people mean them, in place; base fees as logarithms of wei. */
  readonly translate: (output: number, quantiles: Float64Array) => void;
}

/** One network's forecasts: made from each block, kept until they come due, learned from for calibration. */
export class ForecastPart {
  readonly #network: ForecastNetwork;
  readonly #subject: PartSubject;
  readonly #evaluator: ForecastEvaluator;
  readonly #features: Float32Array;
  readonly #calibrations: readonly Recalibration[];
  /** The latest forecasts, one for each block, the oldest overwritten first. */
  readonly #made: readonly Float32Array[];
  readonly #anchors: Float64Array;
  #count = 0;
  #isReady = false;

  constructor(network: ForecastNetwork, subject: PartSubject, rate: number | undefined) {
    this.#network = network;
    this.#subject = subject;
    this.#evaluator = new ForecastEvaluator(network);
    this.#features = new Float32Array(subject.inputs);
    this.#calibrations = network.outputs.map(({ horizon }) => new Recalibration(horizon, rate));
    const slots = Math.max(...network.outputs.map(({ horizon }) => horizon)) + 1;
    const quantiles = network.outputs.length * FORECAST_LEVELS.length;
    this.#made = Array.from({ length: slots }, () => new Float32Array(quantiles));
    this.#anchors = new Float64Array(slots * subject.anchors);
  }

  /** Takes a block into the memory. */
  remember(block: ObservedBlock): void {
    this.#subject.remember(block);
  }

  /** Learns from the forecasts that come due with the latest block. */
  settle(): void {
    for (const [output, { horizon }] of this.#network.outputs.entries()) {
      if (this.#count < horizon) continue;
      const slot = (this.#count - horizon) % this.#made.length;
      const outcome = this.#subject.outcomeOf(output, this.#anchors, slot * this.#subject.anchors);
      const made = this.#made[slot];
      if (made !== undefined) this.#calibrations[output]?.learn(made, output * FORECAST_LEVELS.length, outcome);
    }
  }

  /** Forecasts from the latest block. */
  predict(): void {
    this.#isReady = this.#subject.isReady();
    const slot = this.#count % this.#made.length;
    const made = this.#made[slot];
    if (made === undefined) return;
    this.#subject.writeFeatures(this.#features);
    this.#evaluator.evaluate(this.#features, made);
    this.#subject.writeAnchors(this.#anchors, slot * this.#subject.anchors);
    this.#count += 1;
  }

  /** Forecasts that were made will never come due. */
  forget(): void {
    this.#count = 0;
  }

  /** Writes the latest quantiles; answers whether there are any. */
  read(target: ForecastTarget, horizon: number, quantiles: Float64Array): boolean {
    const { outputs } = this.#network;
    const output = outputs.findIndex(
      (each, index) => each.horizon === horizon && this.#subject.targets[index] === target,
    );
    const made = this.#made[(this.#count - 1) % this.#made.length];
    if (output < 0 || made === undefined || !this.#isReady) return false;
    this.#calibrations[output]?.apply(made, output * FORECAST_LEVELS.length, quantiles);
    this.#subject.translate(output, quantiles);
    return true;
  }

  has(target: ForecastTarget): boolean {
    return this.#subject.targets.includes(target);
  }
}
