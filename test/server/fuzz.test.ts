import { it } from 'vitest';
import { fuzzService, fuzzSizes } from './fuzz-service.js';
import { startService } from './service.js';

it('whatever is sent is answered, and never by a 5xx', async () => {
  await fuzzService(await startService(), { seed: 11, numRuns: 150 });
});

it('bodies of any size and clients that go are borne', async () => {
  await fuzzSizes(await startService(), 3 * 2 ** 20);
});
