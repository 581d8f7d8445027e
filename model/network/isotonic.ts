/** A point of a piecewise linear function. */
export interface Knot {
  readonly score: number;
  readonly probability: number;
}

interface Block {
  readonly firstScore: number;
  readonly lastScore: number;
  readonly mean: number;
  readonly weight: number;
}

/**
 * Isotonic regression by pooling adjacent violators (Ayer et al. 1955): of all functions that never fall as the score
 * rises, the one with the least weighted squared error. Equal scores get one value. Returns the ends of its flat parts,
 * scores strictly ascending.
 */
export function fitIsotonicKnots(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  weights: ArrayLike<number> | null,
): Knot[] {
  const blocks: Block[] = [];
  for (const block of blocksOfScores(scores, labels, weights)) {
    let merged = block;
    for (let last = blocks.at(-1); last !== undefined && last.mean >= merged.mean; last = blocks.at(-1)) {
      merged = pool(last, merged);
      blocks.pop();
    }
    blocks.push(merged);
  }
  return blocks.flatMap(({ firstScore, lastScore, mean }) => {
    const first = { score: firstScore, probability: mean };
    return lastScore > firstScore ? [first, { score: lastScore, probability: mean }] : [first];
  });
}

/** One block for each different score, ascending; scores without weight are left out. */
function blocksOfScores(
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
  weights: ArrayLike<number> | null,
): Block[] {
  const order = Uint32Array.from({ length: scores.length }, (_, index) => index);
  order.sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  const blocks: Block[] = [];
  for (const index of order) {
    const weight = weights?.[index] ?? 1;
    if (weight === 0) continue;
    const score = scores[index] ?? 0;
    const block = { firstScore: score, lastScore: score, mean: labels[index] ?? 0, weight };
    const last = blocks.at(-1);
    if (last?.lastScore === score) blocks[blocks.length - 1] = pool(last, block);
    else blocks.push(block);
  }
  return blocks;
}

function pool(lower: Block, upper: Block): Block {
  const weight = lower.weight + upper.weight;
  return {
    firstScore: lower.firstScore,
    lastScore: upper.lastScore,
    mean: (lower.mean * lower.weight + upper.mean * upper.weight) / weight,
    weight,
  };
}

/**
 * Leaves out knots as long as the function moves by no more than the tolerance (Ramer 1972, Douglas and Peucker 1973;
 * distances along the probability). First and last stay.
 */
export function thinKnots(knots: readonly Knot[], tolerance: number): Knot[] {
  const kept = new Set([0, knots.length - 1]);
  const open: [number, number][] = [[0, knots.length - 1]];
  for (let range = open.pop(); range !== undefined; range = open.pop()) {
    const [first, last] = range;
    const farthest = findFarthest(knots, first, last);
    if (farthest.distance <= tolerance) continue;
    kept.add(farthest.index);
    open.push([first, farthest.index], [farthest.index, last]);
  }
  return knots.filter((_, index) => kept.has(index));
}

function findFarthest(knots: readonly Knot[], first: number, last: number): { index: number; distance: number } {
  let farthest = { index: first, distance: 0 };
  const [from, to] = [knots[first], knots[last]];
  if (from === undefined || to === undefined) return farthest;
  for (let index = first + 1; index < last; index++) {
    const knot = knots[index] ?? from;
    const distance = Math.abs(interpolate(from, to, knot.score) - knot.probability);
    if (distance > farthest.distance) farthest = { index, distance };
  }
  return farthest;
}

/** The straight line through two knots. */
function interpolate(from: Knot, to: Knot, score: number): number {
  const share = (score - from.score) / (to.score - from.score);
  return from.probability + share * (to.probability - from.probability);
}
