/** Examples that a sigmoid is fitted to. */
interface Examples {
  readonly logits: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
  readonly weights?: ArrayLike<number> | undefined;
}

export interface SigmoidScaling {
  readonly slope: number;
  readonly intercept: number;
}

const MOST_STEPS = 100;
/** A step that gains less ends the search, relative to the loss. */
const LEAST_GAIN = 1e-12;
/** Keeps a slope finite where the logits separate the labels without error. */
const RIDGE = 1e-9;

/**
 * The scaling of least cross-entropy, by Newton's method with step halving (Lin, Lin and Weng, A Note on Platt's
 * Probabilistic Outputs for Support Vector Machines, 2007). With an intercept the labels are smoothed as Platt does.
 */
export function fitSigmoidScaling(examples: Examples, free: 'slope' | 'slope and intercept'): SigmoidScaling {
  const targets = free === 'slope' ? Float64Array.from(examples.labels) : smoothLabels(examples);
  let current: SigmoidScaling = { slope: 1, intercept: 0 };
  let loss = crossEntropy(examples, targets, current);
  for (let step = 0; step < MOST_STEPS; step++) {
    const next = descend(examples, targets, { from: current, loss, free });
    if (next === null) break;
    const gain = loss - next.loss;
    current = next.scaling;
    loss = next.loss;
    if (gain < LEAST_GAIN * (Math.abs(loss) + 1)) break;
  }
  return current;
}

interface Search {
  readonly from: SigmoidScaling;
  readonly loss: number;
  readonly free: 'slope' | 'slope and intercept';
}

/** One Newton step, halved until it lowers the loss; null where no step does. */
function descend(
  examples: Examples,
  targets: Float64Array,
  { from, loss, free }: Search,
): { readonly scaling: SigmoidScaling; readonly loss: number } | null {
  const direction = newtonDirection(examples, targets, from, free === 'slope and intercept');
  for (let size = 1; size > 1e-10; size /= 2) {
    const scaling = {
      slope: from.slope + size * direction.slope,
      intercept: from.intercept + size * direction.intercept,
    };
    const nextLoss = crossEntropy(examples, targets, scaling);
    if (nextLoss < loss) return { scaling, loss: nextLoss };
  }
  return null;
}

function newtonDirection(
  { logits, weights }: Examples,
  targets: Float64Array,
  at: SigmoidScaling,
  withIntercept: boolean,
): SigmoidScaling {
  let [gradientSlope, gradientIntercept] = [RIDGE * at.slope, RIDGE * at.intercept];
  let [slopeSlope, slopeIntercept, interceptIntercept] = [RIDGE, 0, RIDGE];
  for (let index = 0; index < targets.length; index++) {
    const logit = logits[index] ?? 0;
    const probability = sigmoid(at.slope * logit + at.intercept);
    const weight = weights?.[index] ?? 1;
    const error = weight * (probability - (targets[index] ?? 0));
    const curvature = weight * probability * (1 - probability);
    gradientSlope += error * logit;
    gradientIntercept += error;
    slopeSlope += curvature * logit * logit;
    slopeIntercept += curvature * logit;
    interceptIntercept += curvature;
  }
  if (!withIntercept) return { slope: -gradientSlope / slopeSlope, intercept: 0 };
  const determinant = slopeSlope * interceptIntercept - slopeIntercept * slopeIntercept;
  return {
    slope: -(interceptIntercept * gradientSlope - slopeIntercept * gradientIntercept) / determinant,
    intercept: -(slopeSlope * gradientIntercept - slopeIntercept * gradientSlope) / determinant,
  };
}

function crossEntropy({ logits, weights }: Examples, targets: Float64Array, at: SigmoidScaling): number {
  let sum = (RIDGE / 2) * (at.slope * at.slope + at.intercept * at.intercept);
  for (let index = 0; index < targets.length; index++) {
    const scaled = at.slope * (logits[index] ?? 0) + at.intercept;
    const softplus = Math.max(scaled, 0) + Math.log1p(Math.exp(-Math.abs(scaled)));
    sum += (weights?.[index] ?? 1) * (softplus - scaled * (targets[index] ?? 0));
  }
  return sum;
}

/** Labels as after one more example of each class. */
function smoothLabels({ labels, weights }: Examples): Float64Array {
  let [positive, negative] = [0, 0];
  for (let index = 0; index < labels.length; index++) {
    const weight = weights?.[index] ?? 1;
    positive += weight * (labels[index] ?? 0);
    negative += weight * (1 - (labels[index] ?? 0));
  }
  const [low, high] = [1 / (negative + 2), (positive + 1) / (positive + 2)];
  return Float64Array.from(labels, (label) => low + label * (high - low));
}

export function sigmoid(value: number): number {
  return value >= 0 ? 1 / (1 + Math.exp(-value)) : Math.exp(value) / (1 + Math.exp(value));
}
