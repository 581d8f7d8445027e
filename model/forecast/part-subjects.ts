import { float64At } from '../numbers.js';
import { COLUMN_FEATURES, ColumnState } from './column-state.js';
import type { ColumnTarget } from './columns.js';
import { logFeeBounds } from './fee-rule.js';
import type { ForecastNetwork } from './forecast-network.js';
import type { PartSubject } from './forecast-part.js';
import { LOAD_FEATURES, logOfWei, type LoadState } from './load-state.js';

/** A column that was known of fewer blocks is not forecast. */
const LEAST_OBSERVED = 64;

/**
 * Base fee at the horizons beyond 1 and mean fullness at all of them. The fee can't leave what empty or full blocks make
 * of it by the rule, nor fullness what is between 0 and 1.
 */
export function loadSubject(network: ForecastNetwork, horizons: readonly number[], state: LoadState): PartSubject {
  const fees = network.outputs.length - horizons.length;
  const horizonOf = (output: number): number => network.outputs[output]?.horizon ?? 1;
  let fullnessSum = 0;
  return {
    targets: network.outputs.map((_, output) => (output < fees ? 'baseFee' : 'gasUsedRatio')),
    inputs: LOAD_FEATURES,
    anchors: 4,
    remember: ({ gasUsed, gasLimit }) => {
      fullnessSum += gasUsed / gasLimit;
    },
    isReady: () => true,
    writeFeatures: (features) => state.write(features, 0),
    writeAnchors: (anchors, offset) => {
      anchors[offset] = state.nextLogFee;
      anchors[offset + 1] = state.feeScale;
      anchors[offset + 2] = fullnessSum;
      anchors[offset + 3] = state.elasticity;
    },
    outcomeOf: (output, anchors, offset) => {
      if (output < fees) {
        const logFee = logOfWei(state.block?.baseFeePerGasWei ?? 0);
        return (logFee - float64At(anchors, offset)) * float64At(anchors, offset + 1);
      }
      const fullness = (fullnessSum - float64At(anchors, offset + 2)) / horizonOf(output);
      return fullness * float64At(anchors, offset + 3) - 1;
    },
    translate: (output, quantiles) => {
      if (output < fees) translateFees(state, horizonOf(output), quantiles);
      else clamp(quantiles, (excess) => (excess + 1) / state.elasticity, { least: 0, most: 1 });
    },
  };
}

/** Sums of excesses into logarithms of fees. */
function translateFees(state: LoadState, horizon: number, quantiles: Float64Array): void {
  const { feeScale, nextLogFee, rule } = state;
  clamp(quantiles, (sum) => nextLogFee + sum / feeScale, logFeeBounds(nextLogFee, horizon - 1, rule));
}

/** The mean of one column over each horizon. */
export function columnSubject(
  column: ColumnTarget,
  network: ForecastNetwork,
  load: LoadState,
  slotSeconds: number,
): PartSubject {
  const state = new ColumnState(column, slotSeconds);
  const { fromScale, toScale, least, most } = state.scale;
  let [sum, known] = [0, 0];
  return {
    targets: network.outputs.map(() => column),
    inputs: LOAD_FEATURES + COLUMN_FEATURES,
    anchors: 3,
    remember: ({ timestampSeconds, [column]: value = NaN }) => {
      state.observe(timestampSeconds, value);
      if (Number.isNaN(value)) return;
      sum += value;
      known += 1;
    },
    isReady: () => state.count >= LEAST_OBSERVED,
    writeFeatures: (features) => {
      load.write(features, 0);
      state.write(features, LOAD_FEATURES);
    },
    writeAnchors: (anchors, offset) => {
      anchors[offset] = state.centre;
      anchors[offset + 1] = sum;
      anchors[offset + 2] = known;
    },
    outcomeOf: (output, anchors, offset) => {
      const seen = known - float64At(anchors, offset + 2);
      // As in training: the mean of what is known, if that is half of it.
      if (seen === 0 || 2 * seen < (network.outputs[output]?.horizon ?? 1)) return NaN;
      return toScale((sum - float64At(anchors, offset + 1)) / seen) - float64At(anchors, offset);
    },
    translate: (_, quantiles) => clamp(quantiles, (scaled) => fromScale(scaled + state.centre), { least, most }),
  };
}

function clamp(
  values: Float64Array,
  translate: (value: number) => number,
  { least, most }: { readonly least: number; readonly most: number },
): void {
  for (let index = 0; index < values.length; index++) {
    values[index] = Math.min(most, Math.max(least, translate(float64At(values, index))));
  }
}
