import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar } from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-backend-cpu';
// The core registers no gradients outside of bundlers; the layers do.
import '@tensorflow/tfjs-layers';
import { LanecastError } from '../../errors.js';

export type { Rank, Scalar, Tensor2D, Variable } from '@tensorflow/tfjs-core';

/** `tensorflow` is the native library of @tensorflow/tfjs-node, `wasm` uses SIMD where the machine has it. */
export type TensorflowBackend = 'tensorflow' | 'wasm' | 'cpu';

/** TensorFlow.js with a backend that has trained; the active backend is one for the whole process. */
export interface TensorflowRuntime {
  readonly tf: typeof tf;
  readonly backend: TensorflowBackend;
}

export interface TensorflowOptions {
  /** Backends to try, best first; by default all of them. */
  readonly candidates?: readonly TensorflowBackend[] | undefined;
  /** Gets one line for each backend that is installed and does not work. */
  readonly notice?: ((line: string) => void) | undefined;
}

const BEST_FIRST: readonly TensorflowBackend[] = ['tensorflow', 'wasm', 'cpu'];
// Not a literal: the package is optional, and the compiler must not ask for its types.
const NATIVE_PACKAGE: string = '@tensorflow/tfjs-node';

/**
 * Makes the first backend active that completes a training step. TensorFlow.js prints nothing from then on.
 * Throws `UNSUPPORTED` when none of the candidates works.
 */
export async function openTensorflow(options: TensorflowOptions = {}): Promise<TensorflowRuntime> {
  const { candidates = BEST_FIRST, notice } = options;
  // In production mode TensorFlow.js advertises nothing and warns of nothing, on any stream.
  tf.enableProdMode();
  const failures: string[] = [];
  for (const backend of candidates) {
    if (backend === 'tensorflow' && !isInstalled(NATIVE_PACKAGE)) continue;
    const failure = await tryBackend(backend);
    if (failure === null) return { tf, backend };
    const line = `TensorFlow.js backend ${backend} does not work here: ${failure}`;
    failures.push(line);
    notice?.(line);
  }
  throw new LanecastError('UNSUPPORTED', ['No TensorFlow.js backend works.', ...failures].join(' '));
}

/** Null when the backend works, else what is wrong with it, in one line. */
async function tryBackend(backend: TensorflowBackend): Promise<string | null> {
  try {
    await withoutNewProcessListeners(() => loadBackend(backend));
    return probe() ? null : 'a training step gave no finite numbers';
  } catch (error) {
    return firstLine(error);
  }
}

async function loadBackend(backend: TensorflowBackend): Promise<void> {
  if (backend === 'tensorflow') await import(NATIVE_PACKAGE);
  if (backend === 'wasm') setWasmPaths(wasmFolder());
  if (!(await tf.setBackend(backend))) throw new Error('it did not initialise');
}

function wasmFolder(): string {
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json');
  return join(dirname(entry), 'dist', '/');
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** The WASM backend's loader rethrows all uncaught errors of the process with a listener; those are not its business. */
async function withoutNewProcessListeners(load: () => Promise<void>): Promise<void> {
  const exceptions = process.listeners('uncaughtException');
  const rejections = process.listeners('unhandledRejection');
  try {
    await load();
  } finally {
    for (const listener of process.listeners('uncaughtException')) {
      if (!exceptions.includes(listener)) process.off('uncaughtException', listener);
    }
    for (const listener of process.listeners('unhandledRejection')) {
      if (!rejections.includes(listener)) process.off('unhandledRejection', listener);
    }
  }
}

/** One step of gradient descent on a small dense network: whether the loss and what it changed are finite. */
function probe(): boolean {
  return tf.tidy(() => {
    const hidden = tf.variable(tf.fill([2, 4], 0.5));
    const output = tf.variable(tf.fill([4, 1], 0.5));
    const optimizer = tf.train.adam(0.1);
    const features = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const loss = optimizer.minimize(
      () => tf.mean<Scalar>(tf.softplus(tf.matMul(tf.relu(tf.matMul(features, hidden)), output))),
      true,
      [hidden, output],
    );
    const numbers = [...(loss?.dataSync() ?? [Number.NaN]), ...hidden.dataSync(), ...output.dataSync()];
    for (const disposable of [optimizer, hidden, output]) disposable.dispose();
    return numbers.every((value) => Number.isFinite(value) && value !== 0.5);
  });
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.trim().split('\n', 1)[0] ?? message;
}
