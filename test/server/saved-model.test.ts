import { describe, expect, it } from 'vitest';
import { startLocalModel } from '../../server/engine/local-model.js';
import { ModelPool } from '../../server/engine/model-pool.js';
import { executedBlock } from './blocks.js';
import { startService } from './service.js';

describe('what a service saved', () => {
  it('is read again where contracts were created', async () => {
    const { service, ...started } = await startService();
    const block = executedBlock(1);
    const [first, ...others] = block['transactions'] as readonly Record<string, unknown>[];
    const created = { ...first, transaction: { ...(first?.['transaction'] as object), to: null, input: '0x6000' } };
    await started.post('/v1/observations', { ...block, transactions: [created, ...others] });
    const again = await ModelPool.open(
      { start: (start) => startLocalModel(start, () => 0), replicas: 1, maxWaiting: 4, now: () => 0 },
      { artifact: null, saved: await service.pool.save(), maxWorkers: 4 },
    );
    expect(again.facts.learned).toMatchObject({ blocks: 1, lastBlock: 1 });
    await again.close();
  });
});
