import type { BlockOutcomes, WayOutcome } from './controller.js';
import { nameOfWay, type Way } from './ways.js';

/** The latest block counts for this much, and those before it for the rest. */
const LATEST = 0.4;
/** The same of how far clock and simulation differ, which changes little. */
const LATEST_RESIDUAL = 0.3;

interface WayEstimate {
  /** Of the sequential work, as simulated or measured; null before the first of either. */
  share: number | null;
  /** Real over simulated time; null where it was never run. */
  residual: number | null;
}

export interface WayHistoryState {
  readonly blocks: number;
  readonly ways: readonly (readonly [string, WayEstimate])[];
}

/** What ways of running blocks of one kind took. */
export class WayHistory {
  readonly #ways = new Map<string, WayEstimate>();
  #blocks = 0;

  get blocks(): number {
    return this.#blocks;
  }

  wasTried(way: Way): boolean {
    return this.residualOf(way) !== null;
  }

  /** The expected share of the sequential work; undefined of a way that nothing is known of. */
  expect(way: Way): number | undefined {
    return this.#ways.get(nameOfWay(way))?.share ?? undefined;
  }

  /** `wider`: where to look for the difference between clock and simulation of ways that were not run on this kind. */
  learn({ workNs, outcomes }: BlockOutcomes, wider: WayHistory | null): void {
    this.#blocks += 1;
    for (const outcome of outcomes) if (outcome.isReal) this.#learnResidual(outcome, outcomes);
    const seen = new Set<string>();
    for (const outcome of [...outcomes].sort((a, b) => Number(b.isReal) - Number(a.isReal))) {
      const name = nameOfWay(outcome.way);
      if (seen.has(name)) continue;
      seen.add(name);
      const residual = outcome.isReal ? 1 : (this.residualOf(outcome.way) ?? wider?.residualOf(outcome.way) ?? 1);
      this.#learnShare(name, (outcome.ns / workNs) * residual);
    }
  }

  state(): WayHistoryState {
    return { blocks: this.#blocks, ways: [...this.#ways].map(([name, estimate]) => [name, { ...estimate }]) };
  }

  restore({ blocks, ways }: WayHistoryState): void {
    this.#blocks = blocks;
    for (const [name, estimate] of ways) this.#ways.set(name, { ...estimate });
  }

  /** Real over simulated time; null of a way that was never run. */
  residualOf(way: Way): number | null {
    return this.#ways.get(nameOfWay(way))?.residual ?? null;
  }

  /** A way that was both run and simulated tells how far the two differ. */
  #learnResidual({ way, ns }: WayOutcome, outcomes: readonly WayOutcome[]): void {
    const name = nameOfWay(way);
    const simulated = outcomes.find((other) => !other.isReal && nameOfWay(other.way) === name);
    const estimate = this.#estimateOf(name);
    const latest = simulated === undefined || simulated.ns <= 0 ? 1 : ns / simulated.ns;
    estimate.residual =
      estimate.residual === null ? latest : estimate.residual * (latest / estimate.residual) ** LATEST_RESIDUAL;
  }

  #learnShare(name: string, share: number): void {
    const estimate = this.#estimateOf(name);
    estimate.share = estimate.share === null ? share : estimate.share + LATEST * (share - estimate.share);
  }

  #estimateOf(name: string): WayEstimate {
    const known = this.#ways.get(name);
    if (known !== undefined) return known;
    const estimate = { share: null, residual: null };
    this.#ways.set(name, estimate);
    return estimate;
  }
}
