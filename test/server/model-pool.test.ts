import { describe, expect, it } from 'vitest';
import { startLocalModel, type ModelPort } from '../../server/engine/local-model.js';
import type { ModelStart } from '../../server/engine/messages.js';
import { ModelPool } from '../../server/engine/model-pool.js';
import { startModelThread } from '../../server/engine/model-thread.js';
import { createDecoder } from '../../server/engine/create-engine.js';
import { readObservation } from '../../server/observations/read-observation.js';
import { Problem } from '../../server/problem.js';
import type { BlockRecord } from '../../types.js';
import { executedBlock, question } from './blocks.js';

const START: ModelStart = { artifact: null, saved: null, maxWorkers: 4 };
const encode = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json));
const decode = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

async function recordOf(number: number): Promise<BlockRecord> {
  const block = readObservation(encode(executedBlock(number)), await createDecoder());
  if (block.kind !== 'record') throw new Error('expected a record');
  return block;
}

/** A model whose answers come when the test says so. */
class HeldModel {
  readonly asked: ((value: Uint8Array) => void)[] = [];
  readonly learning: (() => void)[] = [];
  isClosed = false;
  readonly port: ModelPort;
  die: (reason: string) => void = () => undefined;

  constructor(version = 'held') {
    const facts = { model: { version }, learned: { chainId: null } } as never;
    this.port = {
      facts,
      request: ((request: { readonly kind: string }) => {
        if (request.kind === 'answer') return new Promise((resolve) => this.asked.push(resolve));
        if (request.kind === 'save') return Promise.resolve({ hints: new Uint8Array(), learned: {}, artifactId: null });
        return new Promise((resolve) => this.learning.push(() => resolve({ observed: {}, facts })));
      }) as never,
      close: () => {
        this.isClosed = true;
        return Promise.resolve();
      },
    };
  }
}

async function heldPool(
  replicas: number,
  maxWaiting = 64,
): Promise<{ readonly pool: ModelPool; readonly models: HeldModel[] }> {
  const models: HeldModel[] = [];
  const start = (_start: ModelStart, onDeath: (reason: string) => void): Promise<ModelPort> => {
    const model = new HeldModel(`held-${models.length}`);
    model.die = onDeath;
    models.push(model);
    return Promise.resolve(model.port);
  };
  return { pool: await ModelPool.open({ start, replicas, maxWaiting, now: () => 0 }, START), models };
}

const NOTHING = new Uint8Array();
/** All that is due happens before. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a pool of models', () => {
  it('gives each question to the one with least to do, and refuses what would wait too long', async () => {
    const { pool, models } = await heldPool(2, 3);
    const answers = [1, 2, 3].map(() => pool.answer('schedule', NOTHING));
    expect(models.map(({ asked }) => asked.length)).toEqual([2, 1]);
    await expect(pool.answer('schedule', NOTHING)).rejects.toMatchObject({ code: 'overloaded', retryAfterSeconds: 1 });
    expect(pool.counts.shed).toBe(1);
    for (const { asked } of models) for (const resolve of asked) resolve(NOTHING);
    await Promise.all(answers);
    expect(pool.waiting).toBe(0);
  });

  it('lets one learn while the other answers, one after the other', async () => {
    const { pool, models } = await heldPool(2);
    const observed = pool.observe({} as BlockRecord);
    await settle();
    const [first, second] = models;
    expect([first?.learning.length, second?.learning.length]).toEqual([1, 0]);
    void pool.answer('schedule', NOTHING);
    void pool.answer('schedule', NOTHING);
    expect([first?.asked.length, second?.asked.length]).toEqual([0, 2]);
    first?.learning[0]?.();
    await observed;
    await settle();
    expect(second?.learning).toHaveLength(1);
    void pool.answer('schedule', NOTHING);
    expect(first?.asked).toHaveLength(1);
  });

  it('lets other models take over, while the old ones answer what they were asked', async () => {
    const { pool, models } = await heldPool(1);
    const answer = pool.answer('schedule', NOTHING);
    expect((await pool.reload({ artifact: null, maxWorkers: 4 })).model.version).toBe('held-1');
    expect(models[0]?.isClosed).toBe(false);
    void pool.answer('schedule', NOTHING);
    expect(models[1]?.asked).toHaveLength(1);
    models[0]?.asked[0]?.(NOTHING);
    expect(await answer).toBe(NOTHING);
  });

  it('goes on as before where other models do not come up', async () => {
    let starts = 0;
    const start = (): Promise<ModelPort> =>
      ++starts === 1 ? Promise.resolve(new HeldModel('old').port) : Promise.reject(new Error('no such folder'));
    const pool = await ModelPool.open({ start, replicas: 1, maxWaiting: 1, now: () => 0 }, START);
    await expect(pool.reload({ artifact: 'elsewhere', maxWorkers: 4 })).rejects.toThrow('no such folder');
    expect(pool.facts.model.version).toBe('old');
  });

  it('replaces one that died', async () => {
    const { pool, models } = await heldPool(1);
    models[0]?.die('out of memory');
    expect(pool.isUp).toBe(false);
    await expect(pool.answer('schedule', NOTHING)).rejects.toMatchObject({ code: 'not_ready' });
    await settle();
    expect(pool.facts.model.version).toBe('held-1');
    expect(pool.counts.restarts).toBe(1);
  });
});

describe('models with the same knowledge', () => {
  it('answer the same after learning, after a copy, and on threads', async () => {
    const [local, threads] = await Promise.all([
      ModelPool.open(
        { start: (start) => startLocalModel(start, () => 0), replicas: 2, maxWaiting: 9, now: () => 0 },
        START,
      ),
      ModelPool.open({ start: startModelThread, replicas: 1, maxWaiting: 9, now: () => 0 }, START),
    ]);
    try {
      for (const number of [1, 2, 3]) {
        const [a, b] = await Promise.all([
          local.observe(await recordOf(number)),
          threads.observe(await recordOf(number)),
        ]);
        expect(b.observed.quality).toEqual(a.observed.quality);
      }
      await local.save();
      const before = await askAll(local);
      expect(before[1]).toEqual(before[0]);
      expect(await askAll(threads)).toEqual(before);
      await threads.reload({ artifact: null, maxWorkers: 4 });
      expect((await askAll(threads))[0]).toMatchObject({ conflicts: (before[0] as { conflicts: unknown }).conflicts });
      await expect(threads.answer('schedule', encode({}))).rejects.toBeInstanceOf(Problem);
    } finally {
      await Promise.all([local.close(), threads.close()]);
    }
  });
});

/** Two answers, of each model one where there are two. */
async function askAll(pool: ModelPool): Promise<unknown[]> {
  const answers = await Promise.all([1, 2].map(() => pool.answer('conflicts', encode(question()))));
  return answers.map((answer) => ({ ...(decode(answer) as object), cost: null }));
}
