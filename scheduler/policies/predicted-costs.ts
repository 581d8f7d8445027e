import type { BlockPrediction, PredictedQuantiles } from '../predictor.js';
import { at } from '../rows.js';
import type { PlanInput } from './plan-input.js';

const MEDIAN_LEVEL = 0.5;

/** By transaction: the gas that it will use, the median of the prediction; without one, its gas limit. */
export function predictedGas({ block, prediction }: PlanInput): Float64Array {
  if (prediction !== null) return mediansOf(prediction.gasUsed);
  return Float64Array.from(block.transactions, ({ gasLimit }) => gasLimit);
}

/** By transaction: the median of its time in ns where times are predicted, else of its gas. One unit for the whole block. */
export function predictedCosts({ executionNs, gasUsed }: BlockPrediction): Float64Array {
  return mediansOf(executionNs ?? gasUsed);
}

function mediansOf({ levels, values }: PredictedQuantiles): Float64Array {
  const median = levels.indexOf(MEDIAN_LEVEL);
  const medians = new Float64Array(values.length / levels.length);
  for (let index = 0; index < medians.length; index++) medians[index] = at(values, index * levels.length + median);
  return medians;
}
