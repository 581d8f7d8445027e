import { LanecastError } from '../../errors.js';
import { applyHead } from './graph.js';
import type { Head } from './network.js';
import type { Scalar, Tensor2D, TensorflowRuntime } from './tensorflow.js';

/**
 * `binary-cross-entropy`: one output for each target, its logit. `pinball`: for each target one output for each level
 * (ascending, between 0 and 1), its quantile; Koenker and Bassett, Regression Quantiles, 1978.
 */
export type Loss =
  { readonly kind: 'binary-cross-entropy' } | { readonly kind: 'pinball'; readonly levels: readonly number[] };

/** Targets and their weights of a batch, rows × targets each. */
export interface LossTargets {
  readonly targets: Tensor2D;
  /** 0 where the target is not known. */
  readonly targetWeights: Tensor2D;
}

export function headOf(loss: Loss): Head {
  return loss.kind === 'pinball' ? 'ascending' : 'linear';
}

/** Outputs of a network that is trained for the loss. Throws `INVALID_ARGUMENT` where loss and targets do not fit. */
export function outputsFor(loss: Loss, targets: number): number {
  if (loss.kind === 'binary-cross-entropy') return targets;
  const ascending = loss.levels.every((level, index) => level > (loss.levels[index - 1] ?? 0) && level < 1);
  if (loss.levels.length === 0 || !ascending) {
    throw new LanecastError('INVALID_ARGUMENT', `Levels ${loss.levels.join(', ')} do not ascend between 0 and 1`);
  }
  return targets * loss.levels.length;
}

/** Sum of the weighted losses of a batch, from the outputs of the last layer; within a tidy. */
export function totalLoss(tf: TensorflowRuntime['tf'], loss: Loss, outputs: Tensor2D, known: LossTargets): Scalar {
  if (loss.kind === 'binary-cross-entropy') {
    // -y log(sigmoid(z)) - (1 - y) log(1 - sigmoid(z)), without a logarithm that can overflow.
    const each = tf.sub(tf.softplus(outputs), tf.mul(outputs, known.targets));
    return tf.sum<Scalar>(tf.mul(each, known.targetWeights));
  }
  const [rows, groups] = known.targets.shape;
  // A row for each target, so that its levels stand side by side.
  const column = (values: Tensor2D): Tensor2D => tf.reshape(values, [rows * groups, 1]);
  const quantiles = applyHead(tf, { head: 'ascending', groups }, outputs);
  const above = tf.sub(column(known.targets), tf.reshape(quantiles, [rows * groups, loss.levels.length]));
  const levels = tf.tensor1d([...loss.levels]);
  const each = tf.maximum(tf.mul(above, levels), tf.mul(above, tf.sub(levels, 1)));
  return tf.div(tf.sum<Scalar>(tf.mul(each, column(known.targetWeights))), loss.levels.length);
}
