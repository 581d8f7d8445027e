import type { LanecastError } from '../../errors.js';

interface Hole {
  readonly error: LanecastError;
  readonly asked: number;
  /** The look at which it is asked for again. */
  readonly nextLook: number;
}

/** After the first time; with twice the looks between each time and the next. */
const MOST_REPEATS = 7;
/** At one look. */
const MOST_DUE = 16;

/** Blocks that were not to be had: each is asked for again some times, less and less often. */
export class Holes {
  private readonly holes = new Map<number, Hole>();
  private look = 0;

  /** Answers whether the hole is new. */
  note(number: number, error: LanecastError): boolean {
    const asked = (this.holes.get(number)?.asked ?? 0) + 1;
    this.holes.set(number, { error, asked, nextLook: this.look + 2 ** (asked - 1) });
    return asked === 1;
  }

  fill(number: number): void {
    this.holes.delete(number);
  }

  /** Looks once more: blocks that are to be asked for now, not too many, ascending. What the node threw away does not come back. */
  due(): number[] {
    this.look += 1;
    const isDue = ({ error, asked, nextLook }: Hole): boolean =>
      error.code === 'INVALID_INPUT' && asked <= MOST_REPEATS && nextLook <= this.look;
    const due = [...this.holes].filter(([, hole]) => isDue(hole)).map(([number]) => number);
    return due.sort((a, b) => a - b).slice(0, MOST_DUE);
  }

  /** Ascending. */
  numbers(): number[] {
    return [...this.holes.keys()].sort((a, b) => a - b);
  }

  errors(): LanecastError[] {
    return this.numbers().flatMap((number) => this.holes.get(number)?.error ?? []);
  }
}
