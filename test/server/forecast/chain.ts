import { LONDON, nextBaseFeeWei } from '../../../model/forecast/fee-rule.js';
import type { ForecastModel } from '../../../model/forecast/forecast-model.js';
import type { ForecastNetwork } from '../../../model/forecast/forecast-network.js';
import { FORECAST_LEVELS } from '../../../model/forecast/levels.js';
import { LOAD_FEATURES } from '../../../model/forecast/load-state.js';
import type { BlockHeader, BlockRecord } from '../../../types.js';
import { recordOf, slotAccess } from '../../datasets/store-records.js';

export const FIRST_BLOCK = 100;
const FIRST_FEE_WEI = 20_000_000_000n;

/**
 * Consecutive recorded blocks whose fees follow EIP-1559: three transactions each, of which the second reads what the first wrote
 * (one pair of three), and in every second block the third changes a slot of its own.
 */
export function chainOf(blocks: number): BlockRecord[] {
  const chain: BlockRecord[] = [];
  for (let place = 0; place < blocks; place++) {
    const gas = 3_000_000 + 1_000_000 * ((place * 7) % 5);
    const own = place % 2 === 0 ? [slotAccess('write', 2, 2)] : [];
    const record = recordOf(FIRST_BLOCK + place, [
      { gasUsed: gas, accesses: [slotAccess('read', 1, 1), slotAccess('write', 1, 1)] },
      { gasUsed: gas, accesses: [slotAccess('read', 1, 1)] },
      { gasUsed: gas, accesses: own },
    ]);
    const parent = chain.at(-1)?.header;
    chain.push(
      withHeader(record, {
        timestampSeconds: 1_700_000_000 + 12 * place,
        baseFeePerGasWei: parent === undefined ? FIRST_FEE_WEI : nextFeeWei(parent),
      }),
    );
  }
  return chain;
}

/** By the rule of London. */
export function nextFeeWei({ baseFeePerGasWei, gasLimit, gasUsed }: BlockHeader): bigint {
  return nextBaseFeeWei({ baseFeePerGasWei: Number(baseFeePerGasWei), gasLimit, gasUsed }, LONDON);
}

export function withHeader(record: BlockRecord, changes: Partial<BlockHeader>): BlockRecord {
  return { ...record, header: { ...record.header, ...changes } };
}

/** Expects blocks on target, with ranges around it; base fees and fullness only. */
export function plainModel(horizons: readonly number[]): ForecastModel {
  const fees = horizons.filter((horizon) => horizon > 1);
  return {
    horizons,
    slotSeconds: 12,
    feeRules: [],
    load: plainNetwork([...fees, ...horizons]),
    nextFee: FORECAST_LEVELS.map(() => 0),
    columns: {},
  };
}

function plainNetwork(horizons: readonly number[]): ForecastNetwork {
  const units = horizons.length * FORECAST_LEVELS.length;
  const ones = (): Float32Array => new Float32Array(LOAD_FEATURES).fill(1);
  return {
    scaler: { mean: new Float32Array(LOAD_FEATURES), scale: ones() },
    outputs: horizons.map((horizon) => ({
      ...{ horizon, centre: 0, scale: 0.01 },
      linear: new Float64Array(LOAD_FEATURES + 1),
    })),
    members: [
      {
        inputs: LOAD_FEATURES,
        normaliser: { mean: new Float32Array(LOAD_FEATURES), scale: ones() },
        layers: [
          {
            units,
            activation: 'linear',
            kernel: new Float32Array(LOAD_FEATURES * units),
            bias: new Float32Array(units),
          },
        ],
        head: 'ascending',
        groups: horizons.length,
      },
    ],
  };
}
