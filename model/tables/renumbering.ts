import { at } from '../numbers.js';

/** Which of some numbered things are kept, and their numbers without the others: the order stays. */
export class Renumbering {
  readonly #kept: Uint8Array;
  #numbers: Int32Array | null = null;

  constructor(count: number) {
    this.#kept = new Uint8Array(count);
  }

  /** Negative numbers stand for nothing. */
  keep(number: number): void {
    if (this.#numbers !== null) throw new RangeError('numbers were given already');
    if (number >= 0) this.#kept[number] = 1;
  }

  /** What is kept, in old numbers, ascending. */
  kept(): number[] {
    const kept: number[] = [];
    for (let number = 0; number < this.#kept.length; number++) if (at(this.#kept, number) === 1) kept.push(number);
    return kept;
  }

  /** The new number of what is kept; nothing more can be kept from the first question on. */
  get(number: number): number {
    if (number < 0) return number;
    this.#numbers ??= this.#assign();
    if (at(this.#kept, number) === 0) throw new RangeError(`${number} was not kept`);
    return at(this.#numbers, number);
  }

  #assign(): Int32Array {
    const numbers = new Int32Array(this.#kept.length);
    for (const [position, number] of this.kept().entries()) numbers[number] = position;
    return numbers;
  }
}

/** Positions of the `budget` heaviest of `count` things, ascending; of equally heavy ones the later. */
export function heaviest(count: number, budget: number, weightOf: (position: number) => number): number[] {
  const positions = Array.from({ length: count }, (_, position) => position);
  if (count <= budget) return positions;
  const weights = Float64Array.from(positions, weightOf);
  const order = positions.sort((a, b) => at(weights, b) - at(weights, a) || b - a);
  return order.slice(0, budget).sort((a, b) => a - b);
}
