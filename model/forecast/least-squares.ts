import { float32At, float64At } from '../numbers.js';

/** Rows of features in one flat array; the first column of a fit is a constant 1 that is not among them. */
export interface DesignMatrix {
  readonly features: Float32Array;
  /** Features from the start of one row to that of the next. */
  readonly stride: number;
  /** How many of a row's features are used, from its start. */
  readonly inputs: number;
}

/** Keeps features that say the same from making the equations singular; in parts of a feature's variance. */
const LEAST_RIDGE = 1e-6;
const ROUNDING = 1e-12;

/** What equations of least squares need of some rows; then each target over the same rows is cheap. */
interface Moments {
  readonly means: Float64Array;
  /** Cholesky's of the covariance. */
  readonly factor: Float64Array;
}

/** Least squares of any number of targets over the rows of one matrix. */
export class LeastSquares {
  readonly #matrix: DesignMatrix;
  readonly #rows: number;
  readonly #size: number;
  readonly #ridge: number;
  #ofAll: Moments | null = null;

  /** `ridge`: each coefficient is drawn to 0 as if so many parts of the rows had shown no effect (Hoerl and Kennard, 1970). */
  constructor(matrix: DesignMatrix, rows: number, ridge = LEAST_RIDGE) {
    this.#matrix = matrix;
    this.#rows = rows;
    this.#size = matrix.inputs;
    this.#ridge = ridge;
  }

  /** Coefficients: the constant, then one for each feature. Rows whose target is NaN are left out. */
  fit(targetOf: (row: number) => number): Float64Array {
    const targets = Float64Array.from({ length: this.#rows }, (_, row) => targetOf(row));
    const known = Uint32Array.from(targets.keys()).filter((row) => !Number.isNaN(float64At(targets, row)));
    const { means, factor } = this.#momentsOf(known);
    const mean = known.length > 0 ? known.reduce((sum, row) => sum + float64At(targets, row), 0) / known.length : 0;
    const products = new Float64Array(this.#size);
    for (const row of known) {
      const deviation = float64At(targets, row) - mean;
      for (let input = 0; input < this.#size; input++) {
        products[input] = float64At(products, input) + deviation * (this.#at(row, input) - float64At(means, input));
      }
    }
    const coefficients = solve(factor, products, this.#size);
    let constant = mean;
    for (let input = 0; input < this.#size; input++) {
      constant -= float64At(coefficients, input) * float64At(means, input);
    }
    return Float64Array.of(constant, ...coefficients);
  }

  #at(row: number, input: number): number {
    const { features, stride } = this.#matrix;
    return float32At(features, row * stride + input);
  }

  #momentsOf(known: Uint32Array): Moments {
    if (known.length === this.#rows && this.#ofAll !== null) return this.#ofAll;
    const means = this.#means(known);
    const moments = { means, factor: cholesky(this.#covariance(known, means), this.#size, this.#ridge) };
    if (known.length === this.#rows) this.#ofAll = moments;
    return moments;
  }

  #means(known: Uint32Array): Float64Array {
    const means = new Float64Array(this.#size);
    for (const row of known) {
      for (let input = 0; input < this.#size; input++) {
        means[input] = float64At(means, input) + this.#at(row, input) / known.length;
      }
    }
    return means;
  }

  #covariance(known: Uint32Array, means: Float64Array): Float64Array {
    const size = this.#size;
    const sums = new Float64Array(size * size);
    const values = new Float64Array(size);
    for (const row of known) {
      for (let input = 0; input < size; input++) values[input] = this.#at(row, input) - float64At(means, input);
      for (let first = 0; first < size; first++) {
        const value = float64At(values, first);
        for (let second = 0; second <= first; second++) {
          const place = first * size + second;
          sums[place] = float64At(sums, place) + value * float64At(values, second);
        }
      }
    }
    for (let input = 0; input < size; input++) {
      // What is left of a constant by rounding is no variance.
      const rounding = ROUNDING * float64At(means, input) ** 2 * known.length;
      if (float64At(sums, input * size + input) <= rounding) dropInput(sums, size, input);
    }
    return sums;
  }
}

function dropInput(sums: Float64Array, size: number, input: number): void {
  for (let other = 0; other < size; other++) {
    sums[input * size + other] = 0;
    sums[other * size + input] = 0;
  }
}

/** What a fit says of a row that starts at an index. */
export function applyFit(coefficients: Float64Array, features: Float32Array, offset: number): number {
  let sum = float64At(coefficients, 0);
  for (let input = 1; input < coefficients.length; input++) {
    sum += float64At(coefficients, input) * float32At(features, offset + input - 1);
  }
  return sum;
}

/** Lower triangle L with L Lᵀ = matrix, of which the lower triangle is read. */
function cholesky(matrix: Float64Array, size: number, ridge: number): Float64Array {
  const factor = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = float64At(matrix, row * size + column);
      if (row === column) sum += ridge * sum;
      for (let index = 0; index < column; index++) {
        sum -= float64At(factor, row * size + index) * float64At(factor, column * size + index);
      }
      const diagonal = float64At(factor, column * size + column);
      // A feature without any variance of its own gets no coefficient.
      if (row === column) factor[row * size + column] = sum > 0 ? Math.sqrt(sum) : Infinity;
      else factor[row * size + column] = sum / diagonal;
    }
  }
  return factor;
}

function solve(factor: Float64Array, products: Float64Array, size: number): Float64Array {
  const values = Float64Array.from(products);
  for (let row = 0; row < size; row++) {
    let sum = float64At(values, row);
    for (let index = 0; index < row; index++) sum -= float64At(factor, row * size + index) * float64At(values, index);
    values[row] = sum / float64At(factor, row * size + row);
  }
  for (let row = size - 1; row >= 0; row--) {
    let sum = float64At(values, row);
    for (let index = row + 1; index < size; index++) {
      sum -= float64At(factor, index * size + row) * float64At(values, index);
    }
    values[row] = sum / float64At(factor, row * size + row);
  }
  return values;
}
