import type { BlockOutcomes } from './controller.js';

/** The latest block counts for this much, and those before it for the rest. */
const LATEST = 0.4;
/** The same of how far clock and simulation differ, which changes little. */
const LATEST_RESIDUAL = 0.3;

/** By name of the way: the expected share of the sequential work, and real over simulated time; null where not known. */
export interface WayHistoryState {
  readonly blocks: number;
  readonly ways: Readonly<Record<string, { readonly share: number | null; readonly residual: number | null }>>;
}

/** What ways of running blocks of one kind took. Ways have the numbers of their place on the machine's list. */
export class WayHistory {
  readonly #shares: Float64Array;
  readonly #residuals: Float64Array;
  #blocks = 0;

  constructor(ways: number) {
    this.#shares = new Float64Array(ways).fill(NaN);
    this.#residuals = new Float64Array(ways).fill(NaN);
  }

  get blocks(): number {
    return this.#blocks;
  }

  /** The expected share of the sequential work; NaN of a way that nothing is known of. */
  expect(way: number): number {
    return this.#shares[way] ?? NaN;
  }

  /** Real over simulated time; NaN of a way that was never run. */
  residualOf(way: number): number {
    return this.#residuals[way] ?? NaN;
  }

  /** `wider`: where to look for the difference between clock and simulation of ways that were not run on this kind. */
  learn({ workNs, real, simulatedNs }: BlockOutcomes, wider: WayHistory | null): void {
    this.#blocks += 1;
    this.#learnResidual(real.way, real.ns / (simulatedNs[real.way] ?? NaN));
    for (let way = 0; way < this.#shares.length; way++) {
      if (way === real.way) this.#learnShare(way, real.ns / workNs);
      else this.#learnShare(way, ((simulatedNs[way] ?? NaN) / workNs) * this.#knownResidual(way, wider));
    }
  }

  state(names: readonly string[]): WayHistoryState {
    const known = (value: number | undefined): number | null => (value === undefined || isNaN(value) ? null : value);
    const ways = names.map((name, way): [string, WayHistoryState['ways'][string]] => [
      name,
      { share: known(this.#shares[way]), residual: known(this.#residuals[way]) },
    ]);
    return { blocks: this.#blocks, ways: Object.fromEntries(ways) };
  }

  restore({ blocks, ways }: WayHistoryState, names: readonly string[]): void {
    this.#blocks = blocks;
    for (const [way, name] of names.entries()) {
      this.#shares[way] = ways[name]?.share ?? NaN;
      this.#residuals[way] = ways[name]?.residual ?? NaN;
    }
  }

  #knownResidual(way: number, wider: WayHistory | null): number {
    const own = this.residualOf(way);
    if (!isNaN(own)) return own;
    const other = wider?.residualOf(way) ?? NaN;
    return isNaN(other) ? 1 : other;
  }

  /** `latest` is NaN where the run was not simulated: what is known stays. */
  #learnResidual(way: number, latest: number): void {
    const known = this.residualOf(way);
    if (isNaN(known)) this.#residuals[way] = latest > 0 ? latest : 1;
    else if (latest > 0) this.#residuals[way] = known * (latest / known) ** LATEST_RESIDUAL;
  }

  #learnShare(way: number, share: number): void {
    if (isNaN(share)) return;
    const known = this.expect(way);
    this.#shares[way] = isNaN(known) ? share : known + LATEST * (share - known);
  }
}
