import type { PredictedQuantiles } from '../../scheduler/predictor.js';
import type { BlockCall } from '../conflicts/block-call.js';
import { createEvaluator, type Evaluator } from '../network/evaluate.js';
import type { NetworkWeights } from '../network/network.js';
import { at } from '../numbers.js';
import { QUANTILE_LEVELS } from '../quantiles.js';
import type { CostStatistics } from './cost-statistics.js';
import { intrinsicGas } from './intrinsic-gas.js';

/** Quantiles of a cost: a plain guess from the last similar calls, corrected by networks where there are any. */
export class CostPredictor {
  readonly #statistics: CostStatistics;
  readonly #evaluators: readonly Evaluator[];
  readonly #output = new Float32Array(QUANTILE_LEVELS.length);

  /** Of several networks the quantiles are averaged. */
  constructor(statistics: CostStatistics, networks: readonly NetworkWeights[]) {
    this.#statistics = statistics;
    this.#evaluators = networks.map(createEvaluator);
  }

  predict(calls: readonly BlockCall[]): PredictedQuantiles {
    const width = QUANTILE_LEVELS.length;
    const values = new Float64Array(calls.length * width);
    for (const [index, call] of calls.entries()) {
      const { values: features, base } = this.#statistics.describe(call);
      const distances = values.subarray(index * width, (index + 1) * width);
      for (const { evaluate } of this.#evaluators) {
        evaluate(features, 0, this.#output);
        for (let level = 0; level < width; level++) {
          distances[level] = at(distances, level) + at(this.#output, level) / this.#evaluators.length;
        }
      }
      for (let level = 0; level < width; level++) distances[level] = 2 ** (base + at(distances, level));
    }
    return { levels: QUANTILE_LEVELS, values };
  }

  /** Gas is bounded by the limit and by what a transaction pays in any case, which is all that a plain transfer pays. */
  predictGas(calls: readonly BlockCall[]): PredictedQuantiles {
    const { levels, values } = this.predict(calls);
    for (const [index, call] of calls.entries()) {
      const lowest = intrinsicGas(call.call);
      const highest = call.runsCode ? call.call.transaction.gasLimit : lowest;
      for (let level = 0; level < levels.length; level++) {
        const position = index * levels.length + level;
        values[position] = Math.max(lowest, Math.min(highest, at(values, position)));
      }
    }
    return { levels, values };
  }
}
