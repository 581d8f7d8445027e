import { printNotice } from '../terminal.js';
import type { TensorflowRuntime } from '../../model/network/tensorflow.js';

/** Opens TensorFlow.js when it is first asked for, and once: loading it takes a second that other commands need not wait. */
export function lazyTensorflow(): () => Promise<TensorflowRuntime> {
  let opening: Promise<TensorflowRuntime> | undefined;
  const open = async (): Promise<TensorflowRuntime> => {
    const { openTensorflow } = await import('../../model/network/tensorflow.js');
    return openTensorflow({ notice: printNotice });
  };
  return () => (opening ??= open());
}
