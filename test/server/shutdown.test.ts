import { describe, expect, it } from 'vitest';
import type { ModelPort } from '../../server/engine/local-model.js';
import { question } from './blocks.js';
import { startService } from './service.js';

describe('a service that ends', () => {
  it('finishes what it took and answers 503 to new work', async () => {
    const waiting: (() => void)[] = [];
    const model = {
      facts: { model: { kind: 'untrained', version: 'x', learnedBlocks: 0, lastBlock: null, notice: null } },
      request: () => new Promise((resolve) => waiting.push(() => resolve(new TextEncoder().encode('{"held":true}')))),
      close: () => Promise.resolve(),
    } as unknown as ModelPort;
    const service = await startService({ pool: { start: () => Promise.resolve(model) } });
    const { url } = service.listening;
    const ask = (): Promise<Response> =>
      fetch(`${url}/v1/schedule`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(question()),
      });
    const taken = ask();
    while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const closed = service.listening.close();
    const refused = await ask();
    expect([refused.status, await refused.json()]).toMatchObject([503, { code: 'draining' }]);
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    waiting[0]?.();
    expect(await (await taken).json()).toEqual({ held: true });
    expect(await closed).toBe(true);
    await expect(ask()).rejects.toThrow();
  });
});

describe('a model that is loaded again', () => {
  it('takes over without a request being dropped, and keeps what was learned', async () => {
    const service = await startService();
    const asked = Array.from({ length: 20 }, () => service.post('/v1/schedule', question()));
    const reloaded = await service.post('/v1/model/reload', {});
    expect(reloaded.json).toMatchObject({ status: 'reloaded', model: { kind: 'untrained' } });
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(asked.map(() => 200));
  });

  it('is left alone where there is nothing to load', async () => {
    const service = await startService({ service: { artifact: '/nowhere' } });
    expect((await service.post('/v1/model/reload', {})).json).toMatchObject({ code: 'reload_failed' });
    expect((await service.post('/v1/schedule', question())).status).toBe(200);
  });
});
