import type { Cost } from '../schemas.js';

type Phase = Exclude<keyof Cost, 'queueMs' | 'totalMs' | 'knownTransactions'>;

/** Tells what the phases of an answer took. */
export class PhaseClock {
  readonly #now: () => number;
  readonly #askedMs: number;
  readonly #startMs: number;
  readonly #ms = new Map<Phase, number>();
  #lastMs: number;

  constructor(now: () => number, askedMs: number) {
    this.#now = now;
    this.#askedMs = askedMs;
    this.#startMs = now();
    this.#lastMs = this.#startMs;
  }

  /** A phase ends here; what follows is of the next. */
  end(phase: Phase): void {
    const nowMs = this.#now();
    this.#ms.set(phase, (this.#ms.get(phase) ?? 0) + nowMs - this.#lastMs);
    this.#lastMs = nowMs;
  }

  cost(knownTransactions: number): Cost {
    const of = (phase: Phase): number => rounded(this.#ms.get(phase) ?? 0);
    return {
      queueMs: rounded(Math.max(0, this.#startMs - this.#askedMs)),
      parseMs: of('parseMs'),
      decodeMs: of('decodeMs'),
      prepareMs: of('prepareMs'),
      predictMs: of('predictMs'),
      planMs: of('planMs'),
      simulateMs: of('simulateMs'),
      totalMs: rounded(Math.max(0, this.#now() - this.#askedMs)),
      knownTransactions,
    };
  }
}

/** To microseconds. */
function rounded(ms: number): number {
  return Math.max(0, Math.round(ms * 1_000) / 1_000);
}
