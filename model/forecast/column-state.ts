import { float64At } from '../numbers.js';
import { COLUMN_SCALES, type ColumnScale, type ColumnTarget } from './columns.js';
import { MovingAverages } from './moving-averages.js';
import { PhaseProfile } from './phase-profile.js';

const LAGS = 8;
const SPANS = [4, 16, 64, 256, 1024];
/** Place of the span that forecasts start from. */
const CENTRE = 2;
const SPREAD_SPANS = [16, 128];
const PROFILE_PERIODS_SECONDS = [60, 384, 3600];
const PROFILE_VISITS = 300;
const PROFILE_REACHES = [1, 5, 20];
const NEGLIGIBLE = 1e-4;

/** Numbers that `ColumnState.write` writes. */
export const COLUMN_FEATURES =
  LAGS + SPANS.length + SPREAD_SPANS.length + PROFILE_PERIODS_SECONDS.length * PROFILE_REACHES.length;
/** Over how many blocks each of them looks back, or has its period. */
export function columnFeatureReaches(slotSeconds: number): number[] {
  return [
    ...Array.from({ length: LAGS }, (_, lag) => lag + 1),
    ...SPANS,
    ...SPREAD_SPANS,
    ...PROFILE_PERIODS_SECONDS.flatMap((period) => PROFILE_REACHES.map(() => period / slotSeconds)),
  ];
}

/** The first of them, in which a forecast may be linear. */
export const COLUMN_LINEAR_FEATURES = LAGS + SPANS.length;

/** What is remembered of one column of a series. Blocks of which it is not known are passed over. */
export class ColumnState {
  readonly scale: ColumnScale;
  readonly #slotSeconds: number;
  readonly #latest = new Float64Array(LAGS);
  readonly #means = new MovingAverages(SPANS);
  readonly #spread = new MovingAverages(SPREAD_SPANS);
  readonly #profiles: readonly PhaseProfile[];
  #count = 0;
  #now = 0;

  constructor(column: ColumnTarget, slotSeconds: number) {
    this.scale = COLUMN_SCALES[column];
    this.#slotSeconds = slotSeconds;
    this.#profiles = PROFILE_PERIODS_SECONDS.map((period) => new PhaseProfile(period, slotSeconds, PROFILE_VISITS));
  }

  /** Blocks of which it was known. */
  get count(): number {
    return this.#count;
  }

  /** Where forecasts start from, on the column's scale. */
  get centre(): number {
    return this.#means.mean(CENTRE);
  }

  /** `value`: NaN where it is not known. */
  observe(timestampSeconds: number, value: number): void {
    this.#now = timestampSeconds;
    if (Number.isNaN(value)) return;
    const scaled = this.scale.toScale(value);
    if (this.#count > 0) {
      const deviation = scaled - this.centre;
      this.#spread.observe(deviation * deviation);
      for (const profile of this.#profiles) profile.observe(timestampSeconds, deviation);
    }
    this.#latest[this.#count % LAGS] = scaled;
    this.#means.observe(scaled);
    this.#count += 1;
  }

  /** Writes `COLUMN_FEATURES` numbers from an index on. */
  write(features: Float32Array, offset: number): void {
    let at = offset;
    const { centre } = this;
    for (let lag = 1; lag <= LAGS; lag++) {
      features[at++] = this.#count < lag ? 0 : float64At(this.#latest, (this.#count - lag) % LAGS) - centre;
    }
    for (let index = 0; index < SPANS.length; index++) {
      // The centre would be 0; how far it has come from where the column was for long says more.
      features[at++] = index === CENTRE ? centre : this.#means.mean(index) - centre;
    }
    for (let index = 0; index < SPREAD_SPANS.length; index++) {
      features[at++] = Math.log(this.#spread.mean(index) + NEGLIGIBLE);
    }
    for (const profile of this.#profiles) {
      let [sum, ahead] = [0, 0];
      for (const reach of PROFILE_REACHES) {
        for (; ahead < reach; ahead++) sum += profile.expect(this.#now + (ahead + 1) * this.#slotSeconds);
        features[at++] = sum / reach;
      }
    }
  }
}
