import { float64At } from '../numbers.js';
import { excessOf, LONDON, nextBaseFeeWei, type FeeRule, type FeeRuleChange } from './fee-rule.js';
import { FeeRuleTracker } from './fee-rule-tracker.js';
import { MovingAverages } from './moving-averages.js';
import { PhaseProfile } from './phase-profile.js';

/** What a forecast needs to know of a block: its header. All numbers whole and below 2^53. */
export interface LoadBlock {
  readonly number: number;
  readonly timestampSeconds: number;
  readonly baseFeePerGasWei: number;
  readonly gasLimit: number;
  readonly gasUsed: number;
}

export interface LoadStateOptions {
  /** Usual time from block to block. */
  readonly slotSeconds: number;
  /** Fee rules that are known; with none they are found from the fees. */
  readonly feeRules?: readonly FeeRuleChange[] | undefined;
}

const LAGS = 32;
const FEE_SPANS = [4, 16, 64, 256, 1024, 4096, 16_384];
const EXCESS_SPANS = [4, 16, 64, 256, 1024];
const SPREAD_SPANS = [8, 32, 128, 512, 2048];
const SWING_SPANS = [16, 128, 1024];
const SHARE_SPANS = [32, 512];
const RECENT_FULL = 4;
/** A minute, an epoch of Ethereum, an hour. */
const PROFILE_PERIODS_SECONDS = [60, 384, 3600];
const PROFILE_VISITS = 300;
/** Blocks over which a profile's next slots are averaged. */
const PROFILE_REACHES = [1, 2, 5, 10, 50];
const CALENDAR = [
  { periodSeconds: 86_400, harmonics: 3 },
  { periodSeconds: 604_800, harmonics: 2 },
  { periodSeconds: 3600, harmonics: 3 },
];
const FULL = 0.95;
const EMPTY = 0.1;
/** What is taken for nothing in a logarithm. */
const NEGLIGIBLE = 1e-3;

/** Numbers that `LoadState.write` writes. */
export const LOAD_FEATURES =
  LAGS +
  FEE_SPANS.length +
  EXCESS_SPANS.length +
  SPREAD_SPANS.length +
  SWING_SPANS.length +
  2 * SHARE_SPANS.length +
  RECENT_FULL +
  1 +
  PROFILE_PERIODS_SECONDS.length * PROFILE_REACHES.length +
  CALENDAR.reduce((sum, { harmonics }) => sum + 2 * harmonics, 0) +
  1;
/** Over how many blocks each of them looks back, or has its period. */
export function loadFeatureReaches(slotSeconds: number): number[] {
  const blocks = (seconds: number): number => seconds / slotSeconds;
  return [
    ...Array.from({ length: LAGS }, (_, lag) => lag + 1),
    ...FEE_SPANS,
    ...EXCESS_SPANS,
    ...SPREAD_SPANS,
    ...SWING_SPANS,
    ...SHARE_SPANS.flatMap((span) => [span, span]),
    ...Array.from({ length: RECENT_FULL + 1 }, () => RECENT_FULL),
    ...PROFILE_PERIODS_SECONDS.flatMap((period) => PROFILE_REACHES.map(() => blocks(period))),
    ...CALENDAR.flatMap(({ periodSeconds, harmonics }) =>
      Array.from({ length: 2 * harmonics }, () => blocks(periodSeconds)),
    ),
    1,
  ];
}

/** The first of them, in which forecasts may be linear: earlier excesses, moving averages of fee and excess. */
export const LINEAR_FEATURES = LAGS + FEE_SPANS.length + EXCESS_SPANS.length;

/**
 * What is remembered of a chain's load, block by block, and how a network sees it. Everything is relative: gas to the target of
 * its block (the excess: 0 on target, 1 at twice the target), the fee to its own past, so that another gas limit or fee rule
 * changes little. Starts from the fee that the rule gives the next block.
 */
export class LoadState {
  readonly #rules: FeeRuleTracker;
  readonly #slotSeconds: number;
  readonly #excesses = new Float64Array(LAGS);
  readonly #fullness = new Float64Array(RECENT_FULL);
  readonly #fee = new MovingAverages(FEE_SPANS);
  readonly #excess = new MovingAverages(EXCESS_SPANS);
  readonly #spread = new MovingAverages(SPREAD_SPANS);
  readonly #swing = new MovingAverages(SWING_SPANS);
  readonly #swingCentre = new MovingAverages(SWING_SPANS);
  readonly #full = new MovingAverages(SHARE_SPANS);
  readonly #empty = new MovingAverages(SHARE_SPANS);
  readonly #profiles: readonly PhaseProfile[];
  #count = 0;
  #block: LoadBlock | null = null;
  #rule: FeeRule | null = LONDON;
  #nextFeeWei = 0n;
  #nextLogFee = 0;
  #delay = 0;
  #explained: boolean | null = null;

  constructor({ slotSeconds, feeRules }: LoadStateOptions) {
    this.#rules = new FeeRuleTracker(feeRules);
    this.#slotSeconds = slotSeconds;
    this.#profiles = PROFILE_PERIODS_SECONDS.map((period) => new PhaseProfile(period, slotSeconds, PROFILE_VISITS));
  }

  /** The latest block; null before the first one. */
  get block(): LoadBlock | null {
    return this.#block;
  }

  /** The rule that the next base fee follows; null where the chain's fees follow none. */
  get rule(): FeeRule | null {
    return this.#rule;
  }

  /** Base fee of the next block by the rule, exact. */
  get nextBaseFeeWei(): bigint {
    return this.#nextFeeWei;
  }

  /** Logarithm of `nextBaseFeeWei`. */
  get nextLogFee(): number {
    return this.#nextLogFee;
  }

  /** Whether the rule said the fee of the latest block; null where its parent was not seen. */
  get explained(): boolean | null {
    return this.#explained;
  }

  /** Takes the next block. After a gap the memory goes on as if there were none. */
  observe(block: LoadBlock): void {
    this.#explained = this.#rules.observe(block);
    this.#rule = this.#rules.at(block.number + 1);
    const before = this.#block;
    this.#delay = before === null ? 0 : (block.timestampSeconds - before.timestampSeconds) / this.#slotSeconds - 1;
    this.#block = block;
    this.#nextFeeWei = nextBaseFeeWei(block, this.#rule);
    this.#nextLogFee = logOfWei(Number(this.#nextFeeWei));
    this.#remember(block);
    this.#count += 1;
  }

  /** Fees move by excess / denominator: factor between a difference of log fees and a sum of excesses. */
  get feeScale(): number {
    return (this.#rule ?? LONDON).denominator;
  }

  /** Mean gas used over gas limit ↔ mean excess. */
  get elasticity(): number {
    return (this.#rule ?? LONDON).elasticity;
  }

  /** Writes `LOAD_FEATURES` numbers from an index on. */
  write(features: Float32Array, offset: number): void {
    let at = offset;
    for (let lag = 1; lag <= LAGS; lag++) features[at++] = this.#excessAgo(lag);
    for (let index = 0; index < FEE_SPANS.length; index++) features[at++] = this.#nextLogFee - this.#fee.mean(index);
    for (let index = 0; index < EXCESS_SPANS.length; index++) features[at++] = this.#excess.mean(index);
    for (let index = 0; index < SPREAD_SPANS.length; index++) features[at++] = logOf(this.#spread.mean(index));
    for (let index = 0; index < SWING_SPANS.length; index++) {
      features[at++] = logOf(Math.sqrt(this.#swing.mean(index)));
    }
    for (let index = 0; index < SHARE_SPANS.length; index++) {
      features[at++] = this.#full.mean(index);
      features[at++] = this.#empty.mean(index);
    }
    for (let lag = 1; lag <= RECENT_FULL; lag++) {
      const fullness = this.#count < lag ? 0 : float64At(this.#fullness, (this.#count - lag) % RECENT_FULL);
      features[at++] = fullness > FULL ? 1 : 0;
    }
    features[at++] = Math.abs(this.#excessAgo(1));
    at = this.#writeProfiles(features, at);
    this.#writeCalendar(features, at);
  }

  #remember(block: LoadBlock): void {
    const excess = excessOf(block, this.#rule);
    const logFee = logOfWei(block.baseFeePerGasWei);
    const fullness = block.gasUsed / block.gasLimit;
    this.#excesses[this.#count % LAGS] = excess;
    this.#fullness[this.#count % RECENT_FULL] = fullness;
    this.#fee.observe(logFee);
    this.#excess.observe(excess);
    this.#spread.observe(excess * excess);
    this.#swingCentre.observe(logFee);
    const scale = this.feeScale / LONDON.denominator;
    this.#swing.observeEach((index) => ((logFee - this.#swingCentre.mean(index)) * scale) ** 2);
    this.#full.observe(fullness > FULL ? 1 : 0);
    this.#empty.observe(fullness < EMPTY ? 1 : 0);
    for (const profile of this.#profiles) profile.observe(block.timestampSeconds, excess);
  }

  #excessAgo(lag: number): number {
    return this.#count < lag ? 0 : float64At(this.#excesses, (this.#count - lag) % LAGS);
  }

  /** What is usual of the next slots, on average over each reach. */
  #writeProfiles(features: Float32Array, offset: number): number {
    let at = offset;
    const now = this.#block?.timestampSeconds ?? 0;
    for (const profile of this.#profiles) {
      let [sum, ahead] = [0, 0];
      for (const reach of PROFILE_REACHES) {
        for (; ahead < reach; ahead++) sum += profile.expect(now + (ahead + 1) * this.#slotSeconds);
        features[at++] = sum / reach;
      }
    }
    return at;
  }

  #writeCalendar(features: Float32Array, offset: number): void {
    let at = offset;
    const now = this.#block?.timestampSeconds ?? 0;
    for (const { periodSeconds, harmonics } of CALENDAR) {
      const angle = (2 * Math.PI * (now % periodSeconds)) / periodSeconds;
      for (let harmonic = 1; harmonic <= harmonics; harmonic++) {
        features[at++] = Math.sin(harmonic * angle);
        features[at++] = Math.cos(harmonic * angle);
      }
    }
    features[at] = Math.min(4, Math.max(0, this.#delay));
  }
}

/** Logarithm of a fee; a fee of nothing counts as one wei. */
export function logOfWei(wei: number): number {
  return Math.log(Math.max(1, wei));
}

function logOf(value: number): number {
  return Math.log(value + NEGLIGIBLE);
}
