import { describe, expect, it } from 'vitest';
import { readBlocks } from '../../datasets/read.js';
import { criticalPath } from '../../scheduler/critical-path.js';
import { createWorkload } from '../../scheduler/workload.js';
import { hasSharedData, sharedData } from '../shared-data.js';

describe.skipIf(!hasSharedData)('the critical path of mainnet blocks', () => {
  it('bounds the speed-up as published', async () => {
    const bounds: number[] = [];
    for await (const outcome of readBlocks(sharedData('mainnet-traces'))) {
      if (!outcome.ok || outcome.block.kind !== 'record') throw new Error('expected a record');
      bounds.push(criticalPath(createWorkload(outcome.block, { cost: 'gas', balances: 'strict' })).bound ?? 1);
    }
    expect(bounds).toHaveLength(24);
    expect(bounds.reduce((sum, bound) => sum + bound, 0) / 24).toBeCloseTo(5.188276, 6);
    expect(Math.min(...bounds)).toBeCloseTo(1.468104, 6);
    expect(Math.max(...bounds)).toBeCloseTo(11.506627, 6);
  });
});
