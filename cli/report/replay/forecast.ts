import type { ReplayForecast } from '../../replay/document.js';
import { formatNumber } from '../../table.js';
import { FAN_NOTES, fanPicture } from '../fan-picture.js';
import { markup, type Content } from '../markup.js';

interface TargetText {
  readonly title: string;
  readonly factor: number;
  readonly digits: number;
}

const WEI_PER_GWEI = 1e9;
const TEXTS: Readonly<Record<string, TargetText>> = {
  baseFeePerGas: { title: 'Base fee, gwei', factor: 1 / WEI_PER_GWEI, digits: 2 },
  gasUsedRatio: { title: 'Gas used, % of the limit', factor: 100, digits: 0 },
  transactions: { title: 'Transactions', factor: 1, digits: 0 },
  conflictDensity: { title: 'Conflicting pairs, % of all', factor: 100, digits: 1 },
  parallelism: { title: 'Parallelism (gas over that of the longest chain)', factor: 1, digits: 1 },
};

/** What is expected after the last replayed block: a fan for each quantity, and what forecast it. */
export function nextBlocks({ forecaster, nextBaseFeePerGasWei, lastBlock, levels, targets }: ReplayForecast): Content {
  const by = forecaster.kind === 'trained' ? 'a trained forecaster' : 'baselines';
  const fee =
    nextBaseFeePerGasWei === null
      ? ''
      : ` The base fee of block ${lastBlock + 1} follows by rule: ${formatNumber(Number(nextBaseFeePerGasWei) / WEI_PER_GWEI, 3)} gwei.`;
  const fans = targets.flatMap(({ name, history, horizons }) => {
    const text = TEXTS[name];
    if (text === undefined || horizons.length === 0) return [];
    const { title, factor, digits } = text;
    return fanPicture(title, {
      times: history.map(({ blockNumber }) => blockNumber),
      observed: history.map(({ value }) => value * factor),
      horizons: horizons.map(({ blockNumber, values }) => ({
        time: blockNumber,
        quantiles: values.map((value) => value * factor),
      })),
      ...{ levels, label: title, isMean: name !== 'baseFeePerGas' },
      format: (value) => formatNumber(value, digits),
    });
  });
  return [
    markup`<p>After block ${lastBlock}, by ${by}.${fee}${forecaster.notice === null ? '' : ` ${forecaster.notice}`}</p>
`,
    ...fans,
    fans.length === 0 ? null : FAN_NOTES,
  ];
}
