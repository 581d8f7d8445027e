import { at, float32At, float64At, int32At, uint8At } from '../numbers.js';
import { createCalibrator, type Calibration } from './calibration.js';
import { createEvaluator } from './evaluate.js';
import type { NetworkWeights } from './network.js';

/** Networks whose outputs are averaged before they are calibrated, output by output. */
export interface Ensemble {
  readonly members: readonly NetworkWeights[];
  /** One an output. */
  readonly calibrations: readonly Calibration[];
}

const CACHE_BITS = 17;
const CACHE_ENTRIES = 1 << CACHE_BITS;
/** At three quarters a cache begins anew. */
const MAX_CACHED = CACHE_ENTRIES * 0.75;

/**
 * Probabilities of an ensemble over features that are small integers. Equal features recur within a block and from block to
 * block, so results are remembered by two independent 32-bit hashes of the features.
 */
export class QuantisedEnsemble {
  readonly outputs: number;
  readonly #inputs: number;
  readonly #lanes: number;
  readonly #evaluate: (features: Float32Array, output: Float64Array) => void;
  readonly #row: Float32Array;
  readonly #result: Float64Array;
  /** Both hashes and the outputs of an entry side by side; the second hash is 0 where there is none. */
  readonly #entries: Int32Array;
  readonly #cached: Float32Array;
  readonly #stride: number;
  #size = 0;
  #evaluations = 0;
  #rows = 0;

  /** `inputs`: a multiple of 4. */
  constructor(ensemble: Ensemble, inputs: number) {
    this.#inputs = inputs;
    this.#lanes = inputs / 4;
    this.outputs = ensemble.calibrations.length;
    this.#row = new Float32Array(inputs);
    this.#result = new Float64Array(this.outputs);
    this.#stride = 2 + this.outputs;
    this.#entries = new Int32Array(CACHE_ENTRIES * this.#stride);
    this.#cached = new Float32Array(this.#entries.buffer);
    this.#evaluate = createEnsembleEvaluator(ensemble);
  }

  /** Results that were asked for. */
  get rows(): number {
    return this.#rows;
  }

  /** Evaluations that no earlier one spared. */
  get evaluations(): number {
    return this.#evaluations;
  }

  get byteLength(): number {
    return this.#entries.byteLength;
  }

  /** Where the results for features stand: `result(position, output)`. `lanes` views the features four at a time. */
  find(features: Uint8Array, lanes: Int32Array, offset: number): number {
    this.#rows += 1;
    let [first, second] = [0x9e3779b1, 0x7f4a7c15];
    const start = offset >>> 2;
    const end = start + this.#lanes;
    for (let lane = start; lane < end; lane++) {
      const value = int32At(lanes, lane);
      first = Math.imul(first ^ value, 0x85ebca6b);
      first ^= first >>> 13;
      second = Math.imul(second + value, 0xc2b2ae35);
      second ^= second >>> 16;
    }
    second |= 1;
    const entries = this.#entries;
    const mask = CACHE_ENTRIES - 1;
    let entry = first & mask;
    for (; entries[entry * this.#stride + 1] !== 0; entry = (entry + 1) & mask) {
      const position = entry * this.#stride;
      if (entries[position] === first && entries[position + 1] === second) return position;
    }
    if (this.#size >= MAX_CACHED) {
      entries.fill(0);
      this.#size = 0;
      entry = first & mask;
    }
    const position = entry * this.#stride;
    entries[position] = first;
    entries[position + 1] = second;
    this.#size += 1;
    this.#compute(features, offset, position);
    return position;
  }

  result(position: number, output: number): number {
    return float32At(this.#cached, position + 2 + output);
  }

  #compute(features: Uint8Array, offset: number, position: number): void {
    this.#evaluations += 1;
    for (let input = 0; input < this.#inputs; input++) this.#row[input] = uint8At(features, offset + input);
    this.#evaluate(this.#row, this.#result);
    for (let output = 0; output < this.outputs; output++) {
      this.#cached[position + 2 + output] = float64At(this.#result, output);
    }
  }
}

/** Calibrated probabilities of one row of features. */
function createEnsembleEvaluator(ensemble: Ensemble): (features: Float32Array, output: Float64Array) => void {
  const calibrators = ensemble.calibrations.map(createCalibrator);
  const logitsOf = createLogitEvaluator(ensemble.members);
  return (features, output) => {
    const logits = logitsOf(features, 0);
    for (const [index, calibrate] of calibrators.entries()) output[index] = calibrate(at(logits, index));
  };
}

/** Mean logits of networks; the array is overwritten by the next call. */
export function createLogitEvaluator(
  members: readonly NetworkWeights[],
): (features: Float32Array, offset: number) => Float64Array {
  const evaluators = members.map(createEvaluator);
  const outputs = evaluators[0]?.outputs ?? 0;
  const one = new Float32Array(outputs);
  const mean = new Float64Array(outputs);
  return (features, offset) => {
    mean.fill(0);
    for (const { evaluate } of evaluators) {
      evaluate(features, offset, one);
      for (let index = 0; index < outputs; index++) mean[index] = at(mean, index) + at(one, index) / members.length;
    }
    return mean;
  };
}
