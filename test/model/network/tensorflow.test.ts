import { afterEach, describe, expect, it, vi } from 'vitest';
import { openTensorflow } from '../../../model/network/tensorflow.js';
import { trainNetwork } from '../../../model/network/train.js';
import { makeData } from './examples.js';

describe('openTensorflow', () => {
  afterEach(() => vi.restoreAllMocks());

  it('finds a backend, without leaving tensors or process listeners behind', async () => {
    const listeners = [process.listenerCount('uncaughtException'), process.listenerCount('unhandledRejection')];
    const { tf, backend } = await openTensorflow();
    expect(['tensorflow', 'wasm']).toContain(backend);
    expect(tf.getBackend()).toBe(backend);
    expect(tf.memory().numTensors).toBe(0);
    expect([process.listenerCount('uncaughtException'), process.listenerCount('unhandledRejection')]).toEqual(
      listeners,
    );
  });

  it.each(['wasm', 'cpu'] as const)('trains on %s and prints nothing', async (backend) => {
    const streams = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
    const consoles = (['log', 'info', 'warn', 'error', 'debug'] as const).map((method) => vi.spyOn(console, method));
    const notice = vi.fn();
    const runtime = await openTensorflow({ candidates: [backend], notice });
    expect(runtime.backend).toBe(backend);
    const data = makeData(64, 3, ([x = 0]) => [x > 0 ? 1 : 0]);
    await trainNetwork(runtime, data, { loss: { kind: 'binary-cross-entropy' }, seed: 1, hidden: [4], epochs: 1 });
    for (const spy of [...streams, ...consoles, notice]) expect(spy).not.toHaveBeenCalled();
  });

  it('passes over a backend that does not work, with one line', async () => {
    const { tf } = await openTensorflow({ candidates: ['wasm'] });
    tf.removeBackend('wasm');
    const lines: string[] = [];
    const runtime = await openTensorflow({ candidates: ['wasm', 'cpu'], notice: (line) => lines.push(line) });
    expect(runtime.backend).toBe('cpu');
    expect(lines).toEqual([expect.stringMatching(/^TensorFlow\.js backend wasm does not work here: [^\n]+$/)]);
  });

  it('says so when nothing works', async () => {
    await expect(openTensorflow({ candidates: [] })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: 'No TensorFlow.js backend works.',
    });
  });
});
