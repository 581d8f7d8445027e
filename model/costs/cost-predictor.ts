import type { BlockCall } from '../conflicts/block-call.js';
import { createEvaluator, type Evaluator } from '../network/evaluate.js';
import type { NetworkWeights } from '../network/network.js';
import { float32At, float64At } from '../numbers.js';
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

  /** As many values as `QUANTILE_LEVELS`. */
  predict(call: BlockCall): Float64Array {
    const quantiles = new Float64Array(QUANTILE_LEVELS.length);
    const { values: features, base } = this.#statistics.describe(call);
    for (const { evaluate } of this.#evaluators) {
      evaluate(features, 0, this.#output);
      for (let level = 0; level < quantiles.length; level++) {
        quantiles[level] = float64At(quantiles, level) + float32At(this.#output, level) / this.#evaluators.length;
      }
    }
    for (let level = 0; level < quantiles.length; level++) quantiles[level] = 2 ** (base + float64At(quantiles, level));
    return quantiles;
  }

  /** Gas is bounded by the limit and by what a transaction pays in any case, which is all that a plain transfer pays. */
  predictGas(call: BlockCall): Float64Array {
    const lowest = intrinsicGas(call.call);
    if (!call.runsCode) return new Float64Array(QUANTILE_LEVELS.length).fill(lowest);
    const { gasLimit } = call.call.transaction;
    return this.predict(call).map((gas) => Math.max(lowest, Math.min(gasLimit, gas)));
  }
}
