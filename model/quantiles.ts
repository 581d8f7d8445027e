import { at } from './numbers.js';

/** Levels at which costs are predicted where nothing else is asked for; pinball losses compare at equal levels only. */
export const QUANTILE_LEVELS: readonly number[] = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95];

/** Quantile of ascending values, linear between neighbours (type 7 of Hyndman and Fan); NaN of none. */
export function quantileOf(ascending: ArrayLike<number>, level: number): number {
  if (ascending.length === 0) return NaN;
  const position = level * (ascending.length - 1);
  const low = Math.floor(position);
  const high = Math.min(low + 1, ascending.length - 1);
  return at(ascending, low) + (position - low) * (at(ascending, high) - at(ascending, low));
}

/** The latest values of a series, oldest overwritten first. */
export class RecentValues {
  readonly #capacity: number;
  readonly #values: number[] = [];
  #next = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get count(): number {
    return this.#values.length;
  }

  add(value: number): void {
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % this.#capacity;
  }

  ascending(): Float64Array {
    return Float64Array.from(this.#values).sort();
  }
}
