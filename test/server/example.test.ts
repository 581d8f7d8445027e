import { expect, it } from 'vitest';
import { askForSchedule, createTransactions, describe as describeSchedule } from '../../examples/viem-client.js';
import { executedBlock } from './blocks.js';
import { startService } from './service.js';

it('the example asks a service about transactions of viem, as objects and signed', async () => {
  const service = await startService();
  await service.post('/v1/observations', executedBlock(1));
  const transactions = await createTransactions();
  expect(transactions.map((transaction) => typeof transaction)).toEqual(['object', 'object', 'string']);
  const schedule = await askForSchedule(service.listening.url, transactions, 2);
  expect(
    schedule.lanes
      .flat()
      .map(({ index }) => index)
      .sort(),
  ).toEqual([0, 1, 2]);
  expect(describeSchedule(schedule)).toMatch(
    /^untrained model statistics\+1: [\d.]+ times as fast on 2 workers\nworker 0: #0 from 0 to \d+ gas/,
  );
});

it('the example says what the service says against it', async () => {
  const service = await startService();
  await expect(askForSchedule(service.listening.url, [{ from: '0x' }], 2)).rejects.toThrow('transactions.0.from');
});
