import { it } from 'vitest';
import { fuzzService, fuzzSizes } from '../server/fuzz-service.js';
import { startService } from '../server/service.js';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 5_000);
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);

it(`whatever is sent is answered, and never by a 5xx (FUZZ_SEED=${seed}, FUZZ_RUNS=${numRuns})`, async () => {
  const service = await startService();
  await fuzzService(service, { seed, numRuns });
  await fuzzSizes(service, 10 * 2 ** 20);
});
