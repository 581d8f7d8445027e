import { float64At } from '../numbers.js';
import { BaselineFitter, type FitRange, type FittedBaseline } from './baselines.js';
import type { ColumnTarget } from './columns.js';
import type { ForecastModel, ForecastTarget } from './forecast-model.js';
import { blockAt, type LoadHistory } from './history.js';
import { FORECAST_LEVELS } from './levels.js';
import { LoadForecaster, type ObservedBlock } from './load-forecaster.js';
import { compareScores, ScoreSheet, type BootstrapOptions, type Difference, type ForecastScores } from './scores.js';
import { viewOf, type FeatureStream, type TargetView } from './target-view.js';

export interface JudgeForecastsOptions {
  /** Origins whose outcomes trained the model: baselines are fitted on them too. */
  readonly training: FitRange;
  /** Origins that are judged, each at every horizon whose outcome is in the series. */
  readonly judged: FitRange;
  readonly bootstrap: BootstrapOptions;
  /** See LoadForecaster. */
  readonly recalibrationRate?: number | undefined;
  readonly progress?: ((share: number) => void) | undefined;
}

export interface ContenderScores extends ForecastScores {
  /** Of base fees also in gwei. */
  readonly gwei?: ForecastScores | undefined;
}

export interface BaselineScores extends ContenderScores {
  /** Of the model over this baseline. */
  readonly crpsGain: Difference;
}

export interface HorizonScores {
  /** Outcomes that were known. */
  readonly outcomes: number;
  readonly model: ContenderScores;
  readonly baselines: Readonly<Record<string, BaselineScores>>;
}

/** By target, then by horizon. */
export type ForecastJudgement = Readonly<Partial<Record<ForecastTarget, Readonly<Record<string, HorizonScores>>>>>;

const WEI_PER_GWEI = 1e9;

/** Judges a model beside baselines: each forecast is made from earlier blocks only, then all learn what came out. */
export function judgeForecasts(
  history: LoadHistory,
  model: ForecastModel,
  options: JudgeForecastsOptions,
): ForecastJudgement {
  const { judged, training, progress } = options;
  const forecaster = new LoadForecaster(model, { recalibrationRate: options.recalibrationRate });
  const courts = forecaster.targets.map((target) => {
    const view = viewOf(target, history);
    const fitter = new BaselineFitter(view, training, history.series.timestampSeconds);
    return new Court(view, fitter, { ...options, horizons: model.horizons });
  });
  for (let index = 0; index < judged.from; index++) forecaster.remember(observedBlock(history, index));
  const step = Math.max(1, Math.floor((judged.to - judged.from) / 100));
  for (let index = judged.from; index < judged.to; index++) {
    forecaster.observe(observedBlock(history, index));
    for (const court of courts) court.judge(index, forecaster);
    if ((index - judged.from) % step === 0) progress?.((index - judged.from) / (judged.to - judged.from));
  }
  return Object.fromEntries(courts.map((court) => [court.target, court.scores(options.bootstrap)]));
}

/** The block of a history with all that is known of it. */
export function observedBlock({ series }: Pick<LoadHistory, 'series'>, index: number): ObservedBlock {
  const known = (column: ColumnTarget): number => series[column]?.[index] ?? NaN;
  return {
    ...blockAt(series, index),
    transactionCount: known('transactionCount'),
    conflictDensity: known('conflictDensity'),
    parallelism: known('parallelism'),
  };
}

interface Trial extends Pick<JudgeForecastsOptions, 'judged' | 'recalibrationRate'> {
  readonly horizons: readonly number[];
}

/** Keeps the scores of everybody who forecasts one quantity. */
class Court {
  readonly target: ForecastTarget;
  readonly #stream: FeatureStream;
  readonly #fitter: BaselineFitter;
  readonly #features: Float32Array;
  readonly #benches: readonly HorizonBench[];

  constructor(view: TargetView, fitter: BaselineFitter, { horizons, judged, recalibrationRate }: Trial) {
    this.target = view.target;
    this.#fitter = fitter;
    this.#stream = view.openFeatures();
    this.#features = new Float32Array(fitter.inputs);
    this.#benches = horizons.map(
      (horizon) => new HorizonBench(view, horizon, fitter.fit(horizon, recalibrationRate), judged),
    );
  }

  judge(index: number, forecaster: LoadForecaster): void {
    this.#stream.write(index, this.#features, 0);
    this.#fitter.scale(this.#features, 0);
    for (const bench of this.#benches) bench.judge(index, forecaster, this.#features);
  }

  scores(bootstrap: BootstrapOptions): Readonly<Record<string, HorizonScores>> {
    return Object.fromEntries(
      this.#benches.flatMap((bench) => {
        const scores = bench.scores(bootstrap);
        return scores === null ? [] : [[`${bench.horizon}`, scores]];
      }),
    );
  }
}

interface Sheets {
  readonly main: ScoreSheet;
  readonly gwei: ScoreSheet | null;
}

/** One quantity at one horizon. */
class HorizonBench {
  readonly horizon: number;
  readonly #view: TargetView;
  readonly #baselines: readonly FittedBaseline[];
  readonly #model: Sheets;
  readonly #sheets: readonly Sheets[];
  /** The latest points of each baseline, for when their outcomes come. */
  readonly #points: Float64Array;
  readonly #from: number;
  readonly #quantiles = new Float64Array(FORECAST_LEVELS.length);

  constructor(view: TargetView, horizon: number, baselines: readonly FittedBaseline[], judged: FitRange) {
    this.horizon = horizon;
    this.#view = view;
    this.#baselines = baselines;
    this.#from = judged.from;
    const sheets = (): Sheets => ({
      main: new ScoreSheet(judged.to - judged.from),
      gwei: view.target === 'baseFee' ? new ScoreSheet(judged.to - judged.from) : null,
    });
    this.#model = sheets();
    this.#sheets = baselines.map(sheets);
    this.#points = new Float64Array(baselines.length * (horizon + 1));
  }

  judge(index: number, forecaster: LoadForecaster, features: Float32Array): void {
    this.#learn(index);
    const outcome = this.#view.outcome(index, this.horizon);
    const isForecast = forecaster.read(this.#view.target, this.horizon, this.#quantiles);
    const isJudged = isForecast && !Number.isNaN(outcome);
    if (isJudged) this.#score(this.#model, outcome);
    for (const [place, baseline] of this.#baselines.entries()) {
      this.#points[this.#slot(index) + place] = baseline.forecast(index, features, this.#quantiles);
      const sheets = this.#sheets[place];
      if (isJudged && sheets !== undefined) this.#score(sheets, outcome);
    }
  }

  scores(bootstrap: BootstrapOptions): HorizonScores | null {
    const { main } = this.#model;
    if (main.count === 0) return null;
    const options = { ...bootstrap, blockLength: Math.min(bootstrap.blockLength, Math.ceil(main.count / 10)) };
    const baselines = this.#baselines.map((baseline, place) => {
      const sheets = this.#sheets[place] ?? this.#model;
      const crpsGain = compareScores(main.each, sheets.main.each, options);
      return [baseline.name, { ...scoresOf(sheets), crpsGain }] as const;
    });
    return { outcomes: main.count, model: scoresOf(this.#model), baselines: Object.fromEntries(baselines) };
  }

  #slot(index: number): number {
    return (index % (this.horizon + 1)) * this.#baselines.length;
  }

  /** What was said that many blocks ago has come out. */
  #learn(index: number): void {
    const origin = index - this.horizon;
    if (origin < this.#from) return;
    const outcome = this.#view.outcome(origin, this.horizon);
    if (Number.isNaN(outcome)) return;
    for (const [place, baseline] of this.#baselines.entries()) {
      baseline.learn(float64At(this.#points, this.#slot(origin) + place), outcome);
    }
  }

  #score({ main, gwei }: Sheets, outcome: number): void {
    main.add(this.#quantiles, outcome);
    if (gwei === null) return;
    for (let level = 0; level < this.#quantiles.length; level++) {
      this.#quantiles[level] = Math.exp(float64At(this.#quantiles, level)) / WEI_PER_GWEI;
    }
    gwei.add(this.#quantiles, Math.exp(outcome) / WEI_PER_GWEI);
  }
}

function scoresOf({ main, gwei }: Sheets): ContenderScores {
  return gwei === null ? main.scores() : { ...main.scores(), gwei: gwei.scores() };
}
