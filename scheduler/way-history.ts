import type { BlockOutcomes } from './controller.js';

/** So many blocks are remembered. The median passes over a single unlucky block, and follows a change after three. */
const REMEMBERED = 5;
/** The latest block counts for this much where clock and simulation are compared, which changes little … */
const LATEST_RESIDUAL = 0.3;
/** … the first one for more, but not for all: a thread that has just started is slow. */
const FIRST_RESIDUAL = 0.5;
/** A way that is not taken is forgiven by this much with each block, so that it is taken again some time. */
const FORGIVENESS = 0.03;
/** More blocks do not make a history more certain. */
const MOST_BLOCKS = 20;

/** By name of the way. */
export interface WayHistoryState {
  readonly blocks: number;
  readonly ways: Readonly<Record<string, WayState>>;
}

export interface WayState {
  /** Blocks of which it is known. */
  readonly blocks: number;
  /** Of the latest of them, from the oldest on. */
  readonly factors: readonly number[];
  /** Real over simulated time; null where it was never run. */
  readonly residual: number | null;
}

/** For as many blocks as `weight` says, the factor that is expected for another reason. */
export interface Prior {
  readonly factor: number;
  readonly weight: number;
}

/**
 * What ways of running blocks of one kind took, as factors: a planned way as a share of what the optimistic one took on as many
 * workers, any other as a share of the sequential work. Blocks differ more among each other than two ways on one block, so
 * pairs tell within few blocks whether plans pay.
 */
export class WayHistory {
  /** By way: the number of the way that its factor is a share of, or −1. Ways have the numbers of their place on the list. */
  readonly #rivals: readonly number[];
  /** By way: the latest ones. */
  readonly #latest: number[][];
  /** By way: logarithm of the typical one of them, which is asked for on the clock; NaN of a way that nothing is known of. */
  readonly #typicalLogs: Float64Array;
  readonly #residuals: Float64Array;
  readonly #counts: Uint32Array;
  #blocks = 0;

  constructor(rivals: readonly number[]) {
    this.#rivals = rivals;
    this.#latest = rivals.map(() => []);
    this.#typicalLogs = new Float64Array(rivals.length).fill(NaN);
    this.#residuals = new Float64Array(rivals.length).fill(NaN);
    this.#counts = new Uint32Array(rivals.length);
  }

  get blocks(): number {
    return this.#blocks;
  }

  /** The factor of a way: what its blocks say, and the prior as far as they are few. */
  expect(way: number, { factor, weight }: Prior): number {
    const known = Math.min(MOST_BLOCKS, this.#counts[way] ?? 0);
    if (known === 0) return factor;
    const logarithm = known * (this.#typicalLogs[way] ?? NaN) + weight * Math.log(factor);
    return Math.exp(logarithm / (known + weight));
  }

  /** Real over simulated time; NaN of a way that was never run. */
  residualOf(way: number): number {
    return this.#residuals[way] ?? NaN;
  }

  /** `wider`: where to look for the difference between clock and simulation of ways that were not run on this kind. */
  learn({ workNs, real, simulatedNs }: BlockOutcomes, wider: WayHistory | null): void {
    this.#blocks += 1;
    for (const way of this.#rivals.keys()) if (way !== real.way) this.#forgive(way, wider);
    this.#learnResidual(real.way, real.ns / (simulatedNs[real.way] ?? NaN), wider);
    const shares = simulatedNs.map((ns, way) =>
      way === real.way ? real.ns / workNs : (ns / workNs) * this.#knownResidual(way, wider),
    );
    for (const [way, share] of shares.entries()) {
      const rival = this.#rivals[way] ?? -1;
      const unit = rival < 0 ? 1 : (shares[rival] ?? NaN);
      this.#learnFactor(way, share / (isNaN(unit) ? Math.exp(this.#typicalLogs[rival] ?? NaN) : unit));
    }
  }

  state(names: readonly string[]): WayHistoryState {
    const ways = names.map((name, way): [string, WayState] => {
      const residual = this.residualOf(way);
      return [
        name,
        {
          blocks: this.#counts[way] ?? 0,
          factors: [...(this.#latest[way] ?? [])],
          residual: isNaN(residual) ? null : residual,
        },
      ];
    });
    return { blocks: this.#blocks, ways: Object.fromEntries(ways) };
  }

  restore({ blocks, ways }: WayHistoryState, names: readonly string[]): void {
    this.#blocks = blocks;
    for (const [way, name] of names.entries()) {
      const state = ways[name];
      this.#latest[way] = [...(state?.factors ?? [])];
      this.#typicalLogs[way] = typicalLog(this.#latest[way] ?? []);
      this.#residuals[way] = state?.residual ?? NaN;
      this.#counts[way] = state?.blocks ?? 0;
    }
  }

  #knownResidual(way: number, wider: WayHistory | null): number {
    const own = this.residualOf(way);
    if (!isNaN(own)) return own;
    const other = wider?.residualOf(way) ?? NaN;
    return isNaN(other) ? 1 : other;
  }

  /** `latest` is NaN where the run was not simulated: what is known stays. */
  #learnResidual(way: number, latest: number, wider: WayHistory | null): void {
    const known = this.residualOf(way);
    const before = this.#knownResidual(way, wider);
    if (latest > 0)
      this.#residuals[way] = before * (latest / before) ** (isNaN(known) ? FIRST_RESIDUAL : LATEST_RESIDUAL);
    else if (isNaN(known)) this.#residuals[way] = before;
  }

  #forgive(way: number, wider: WayHistory | null): void {
    const known = this.residualOf(way);
    const other = wider?.residualOf(way) ?? NaN;
    if (!isNaN(known)) this.#residuals[way] = known * ((isNaN(other) ? 1 : other) / known) ** FORGIVENESS;
  }

  #learnFactor(way: number, factor: number): void {
    if (!(factor > 0 && factor < Infinity)) return;
    this.#counts[way] = (this.#counts[way] ?? 0) + 1;
    const latest = this.#latest[way] ?? [];
    latest.push(factor);
    if (latest.length > REMEMBERED) latest.shift();
    this.#typicalLogs[way] = typicalLog(latest);
  }
}

/** Of the median, of an even number of the geometric mean of the two in the middle; NaN of none. */
function typicalLog(factors: readonly number[]): number {
  const sorted = [...factors].sort((a, b) => a - b);
  const [low, high] = [Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2)];
  return Math.log(Math.sqrt((sorted[low] ?? NaN) * (sorted[high] ?? NaN)));
}
