import { at } from '../numbers.js';

/** Rows of features and targets in the order of blocks, in arrays that grow. */
export class TrainingRows {
  readonly inputs: number;
  readonly targetCount: number;
  #features: Float32Array;
  #targets: Float32Array;
  #weights: Float32Array;
  #rows = 0;
  readonly #blockStarts: number[] = [];
  /** Rows that were made up for training. */
  readonly #madeUp = new Set<number>();

  constructor(inputs: number, targetCount: number) {
    this.inputs = inputs;
    this.targetCount = targetCount;
    this.#features = new Float32Array(1024 * inputs);
    this.#targets = new Float32Array(1024 * targetCount);
    this.#weights = new Float32Array(1024);
  }

  get rows(): number {
    return this.#rows;
  }

  get blocks(): number {
    return this.#blockStarts.length;
  }

  startBlock(): void {
    this.#blockStarts.push(this.#rows);
  }

  add(features: ArrayLike<number>, targets: readonly number[]): void {
    if (this.#rows === this.#weights.length) this.#grow();
    const base = this.#rows * this.inputs;
    for (let input = 0; input < this.inputs; input++) this.#features[base + input] = at(features, input);
    for (const [index, target] of targets.entries()) this.#targets[this.#rows * this.targetCount + index] = target;
    this.#weights[this.#rows] = 1;
    this.#rows += 1;
  }

  /** Adds a row that trains and never judges. */
  addMadeUp(features: ArrayLike<number>, targets: readonly number[]): void {
    this.#madeUp.add(this.#rows);
    this.add(features, targets);
  }

  isMadeUp(row: number): boolean {
    return this.#madeUp.has(row);
  }

  /** The rows from one to another, exclusive, that were not made up. */
  realRanges(from: number, until: number): { readonly start: number; readonly end: number }[] {
    const ranges: { readonly start: number; readonly end: number }[] = [];
    let start = from;
    for (let row = from; row <= until; row++) {
      if (row < until && !this.isMadeUp(row)) continue;
      if (row > start) ranges.push({ start, end: row });
      start = row + 1;
    }
    return ranges;
  }

  weigh(row: number, weight: number): void {
    this.#weights[row] = weight;
  }

  /** The first row of a block; the number of rows for the one after the last. */
  rowOfBlock(block: number): number {
    return this.#blockStarts[block] ?? this.#rows;
  }

  get features(): Float32Array {
    return this.#features.subarray(0, this.#rows * this.inputs);
  }

  get targets(): Float32Array {
    return this.#targets.subarray(0, this.#rows * this.targetCount);
  }

  get weights(): Float32Array {
    return this.#weights.subarray(0, this.#rows);
  }

  target(row: number, index = 0): number {
    return at(this.#targets, row * this.targetCount + index);
  }

  #grow(): void {
    const grown = (values: Float32Array): Float32Array => {
      const larger = new Float32Array(values.length * 2);
      larger.set(values);
      return larger;
    };
    this.#features = grown(this.#features);
    this.#targets = grown(this.#targets);
    this.#weights = grown(this.#weights);
  }
}
