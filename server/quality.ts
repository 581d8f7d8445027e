import { Mean, ratio, Reliability } from '../model/evaluation/metrics.js';
import type { ObservedBlock } from './engine/observe.js';
import type { Confusion, OnlineQuality, QualityPoint } from './live.js';

const MOST_POINTS = 500;

interface Counts {
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
}

/** How good the predictions of this process were, each block judged before it was learned. */
export class QualityKeeper {
  readonly #conflicts: Counts = { truePositives: 0, falsePositives: 0, falseNegatives: 0 };
  readonly #dependent: Counts = { truePositives: 0, falsePositives: 0, falseNegatives: 0 };
  readonly #reliability = new Reliability();
  readonly #gasError = new Mean();
  readonly #history: QualityPoint[] = [];
  #blocks = 0;
  #aborts = 0;
  #executions = 0;

  add(blockNumber: number, { quality, pairs, lanes, makespans }: ObservedBlock): void {
    this.#blocks += 1;
    addTo(this.#conflicts, quality.conflicts);
    addTo(this.#dependent, quality.dependent);
    for (const { probability, observed } of pairs) this.#reliability.add(probability, observed);
    this.#gasError.add(quality.gasErrorShare);
    this.#aborts += lanes.aborts;
    this.#executions += lanes.executions;
    const { sequential, observed, oracle, optimistic } = makespans;
    this.#history.push({
      blockNumber,
      conflictF1: quality.conflicts.f1,
      dependentF1: quality.dependent.f1,
      speedup: ratio(sequential, observed),
      oracleSpeedup: ratio(sequential, oracle),
      optimisticSpeedup: ratio(sequential, optimistic),
    });
    if (this.#history.length > MOST_POINTS) this.#history.shift();
  }

  quality(): OnlineQuality {
    return {
      blocks: this.#blocks,
      conflicts: scoresOf(this.#conflicts),
      dependent: scoresOf(this.#dependent),
      expectedCalibrationError: this.#reliability.error(),
      calibration: this.#reliability.table().map(({ from, to, count, meanProbability, frequency }) => ({
        ...{ from, to, predictions: count, meanProbability, observedShare: frequency },
      })),
      gasErrorShare: this.#gasError.value(),
      aborts: this.#aborts,
      executions: this.#executions,
    };
  }

  /** By block as observed. */
  history(): QualityPoint[] {
    return [...this.#history];
  }
}

function addTo(sum: Counts, { truePositives, falsePositives, falseNegatives }: Confusion): void {
  sum.truePositives += truePositives;
  sum.falsePositives += falsePositives;
  sum.falseNegatives += falseNegatives;
}

function scoresOf({ truePositives, falsePositives, falseNegatives }: Counts): Confusion {
  return {
    ...{ truePositives, falsePositives, falseNegatives },
    precision: ratio(truePositives, truePositives + falsePositives),
    recall: ratio(truePositives, truePositives + falseNegatives),
    f1: ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
  };
}
