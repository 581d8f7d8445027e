import { describe, expect, it } from 'vitest';
import { snapshotToJson } from '../../datasets/snapshot.js';
import { LiveBlock } from '../../server/live.js';
import { ConflictsAnswer, ScheduleAnswer } from '../../server/schemas.js';
import { soundBlock } from '../cli/blocks-on-disk.js';
import { tracerJson } from '../datasets/read-fixtures.js';
import { executedBlock, payment, question, tokenTransfer, TOKEN, word } from './blocks.js';
import { EventText } from './event-text.js';
import { startService, type TestService } from './service.js';

async function taught(blocks = 4): Promise<TestService> {
  const service = await startService();
  for (let number = 1; number <= blocks; number++) await service.post('/v1/observations', executedBlock(number));
  return service;
}

describe('POST /v1/conflicts', () => {
  it('answers before anything was learned, and says so', async () => {
    const { json, status } = await (await startService()).post('/v1/conflicts', question());
    expect(status).toBe(200);
    expect(json).toMatchObject({ model: { kind: 'untrained', learnedBlocks: 0, version: 'statistics+0' } });
    expect(ConflictsAnswer.parse(json).model.notice).toContain('Nothing was learned yet');
  });

  it('names keys, conflicts, gas and what it does not know', async () => {
    const service = await taught();
    const { json } = await service.post('/v1/conflicts', {
      transactions: [...(question(3)['transactions'] as unknown[]), { ...tokenTransfer(1, 2), input: '0xdeadbeef' }],
    });
    const answer = ConflictsAnswer.parse(json);
    expect(answer.keys).toContainEqual({ address: TOKEN, slot: word(0) });
    expect(answer.conflicts).toContainEqual(expect.objectContaining({ earlier: 0, later: 1 }));
    expect(answer.transactions[0]?.gas).toHaveLength(answer.quantileLevels.length);
    expect(answer.transactions[1]?.dependentProbability).toBeGreaterThanOrEqual(0.5);
    expect(answer.uncertain).toContainEqual(expect.objectContaining({ index: 3, reason: 'unknown-function' }));
    expect(answer.transactions[0]?.timeNs).toBeNull();
  });

  it('leaves out what is less likely than asked for', async () => {
    const service = await taught();
    const { json } = await service.post('/v1/conflicts', { ...question(), minProbability: 1 });
    for (const { accesses } of ConflictsAnswer.parse(json).transactions) {
      expect(accesses.every(({ touch }) => touch === 1)).toBe(true);
    }
  });

  it('answers the same for the same, whether it was asked before or not', async () => {
    const service = await taught();
    const first = ConflictsAnswer.parse((await service.post('/v1/conflicts', question())).json);
    const second = ConflictsAnswer.parse((await service.post('/v1/conflicts', question())).json);
    expect({ ...second, cost: null }).toEqual({ ...first, cost: null });
    expect([first.cost.knownTransactions, second.cost.knownTransactions]).toEqual([0, 4]);
  });
});

describe('POST /v1/schedule', () => {
  it('lays every transaction on a lane once, after whom it waits for', async () => {
    const service = await taught();
    const { json } = await service.post('/v1/schedule', { ...question(6), workers: 3 });
    const answer = ScheduleAnswer.parse(json);
    const entries = answer.lanes.flat();
    expect(answer.lanes).toHaveLength(3);
    expect(entries.map(({ index }) => index).sort()).toEqual([0, 1, 2, 3, 4, 5]);
    const endOf = (index: number): number => entries.find((entry) => entry.index === index)?.end ?? NaN;
    for (const { index, start } of entries) {
      for (const blocker of answer.blockers[index] ?? []) expect(endOf(blocker)).toBeLessThanOrEqual(start);
    }
    expect(answer.expectedMakespan).toBe(Math.max(...entries.map(({ end }) => end)));
    expect(answer.order).toEqual([0, 1, 2, 3, 4, 5]);
    expect(answer).toMatchObject({ unit: 'gas', way: 'planned', workers: 3, reorder: null });
  });

  it('gives times where times were learned', async () => {
    const service = await startService();
    for (const number of [1, 2]) await service.post('/v1/observations', executedBlock(number, { hasTimes: true }));
    const { json } = await service.post('/v1/schedule', question());
    expect(json).toMatchObject({ unit: 'ns' });
  });

  it('proposes another order within nonces and the fee tolerance', async () => {
    const service = await taught();
    const transactions = [
      tokenTransfer(100, 1),
      tokenTransfer(101, 2),
      payment(1, 2),
      payment(1, 3, { nonce: 8 }),
      tokenTransfer(102, 3),
    ];
    const { json } = await service.post('/v1/schedule', { transactions, mode: 'reorder', workers: 2, feeTolerance: 1 });
    const { order, reorder } = ScheduleAnswer.parse(json);
    expect([...order].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(order.indexOf(2)).toBeLessThan(order.indexOf(3));
    expect(reorder?.makespanAfter).toBeLessThanOrEqual(reorder?.makespanBefore ?? 0);
  });

  it('answers a block of nothing', async () => {
    const { json, status } = await (await startService()).post('/v1/schedule', { transactions: [] });
    expect(status).toBe(200);
    expect(json).toMatchObject({ order: [], lanes: [[]], expectedMakespan: 0, expectedSpeedup: 1 });
  });
});

describe('POST /v1/observations', () => {
  it('learns a block once, and tells of a reorganisation', async () => {
    const service = await startService();
    const first = await service.post('/v1/observations', executedBlock(5));
    const again = await service.post('/v1/observations', executedBlock(5));
    const other = await service.post('/v1/observations', executedBlock(5, { hash: word(0xbad) }));
    expect(first.json).toMatchObject({ status: 'learned', number: 5, replaced: null, model: { learnedBlocks: 1 } });
    expect(again.json).toMatchObject({ status: 'alreadyKnown', model: { learnedBlocks: 1 } });
    expect(other.json).toMatchObject({ status: 'replaced', replaced: word(5), model: { learnedBlocks: 2 } });
  });

  it('learns the same block once however many post it at once', async () => {
    const service = await startService();
    const answers = await Promise.all([1, 2, 3].map(() => service.post('/v1/observations', executedBlock(9))));
    const statuses = answers.map(({ json }) => (json as { readonly status: string }).status);
    expect(statuses.sort()).toEqual(['alreadyKnown', 'alreadyKnown', 'learned']);
  });

  it('takes tracer output, and snapshots, which it executes', async () => {
    const service = await startService();
    expect((await service.post('/v1/observations', tracerJson())).json).toMatchObject({
      status: 'learned',
      number: 100,
    });
    const snapshot = await soundBlock(101);
    expect((await service.post('/v1/observations', snapshotToJson(snapshot))).json).toMatchObject({
      status: 'learned',
      number: 101,
    });
    expect(service.service.blocks(1).blocks[0]?.lanes.unit).toBe('ns');
  });

  it('refuses a snapshot that its execution does not reproduce, and another chain', async () => {
    const service = await startService();
    const snapshot = await soundBlock(101);
    const wrong = { ...snapshot, header: { ...snapshot.header, gasUsed: 1 } };
    expect((await service.post('/v1/observations', snapshotToJson(wrong))).json).toMatchObject({
      code: 'block_not_reproduced',
    });
    await service.post('/v1/observations', executedBlock(1));
    expect((await service.post('/v1/observations', executedBlock(2, { chainId: 5 }))).json).toMatchObject({
      code: 'wrong_chain',
    });
    expect((await service.post('/v1/conflicts', { ...question(), chainId: 5 })).json).toMatchObject({
      code: 'wrong_chain',
    });
  });

  it('says when a block comes late', async () => {
    const service = await startService();
    await service.post('/v1/observations', executedBlock(7));
    const { json } = await service.post('/v1/observations', executedBlock(3));
    expect((json as { readonly notice: string }).notice).toContain('Blocks up to 7');
  });
});

describe('what was observed', () => {
  it('is judged before it is learned', async () => {
    const service = await taught(3);
    const { json } = await service.get('/v1/blocks?limit=2');
    const { blocks, held } = json as { readonly blocks: readonly unknown[]; readonly held: number };
    const [second, third] = blocks.map((block) => LiveBlock.parse(block));
    expect(held).toBe(3);
    expect([second?.number, third?.number]).toEqual([2, 3]);
    // Six transactions that share a slot: each pair conflicts.
    expect(third?.quality.conflicts).toMatchObject({ truePositives: 15, falseNegatives: 0, f1: 1 });
    expect(third?.hotKeys[0]).toEqual({
      address: TOKEN,
      slot: word(0),
      transactions: 6,
      writers: 6,
      conflicts: 15,
      predicted: true,
    });
    expect(third?.edges).toHaveLength(15);
    expect(third?.edges[0]).toMatchObject({ earlier: 0, later: 1, observed: true, hotKey: 0 });
    expect(third?.lanes.intervals.filter(({ outcome }) => outcome === 'final')).toHaveLength(6);
    expect(third?.makespans.observed).toBe(third?.lanes.makespan);
  });

  it('sums up in the model and in metrics', async () => {
    const service = await taught(3);
    const { json } = await service.get('/v1/model');
    expect(json).toMatchObject({ chainId: 1, artifact: null, quality: { blocks: 3 }, history: [{}, {}, {}] });
    const { text } = await service.get('/metrics');
    expect(text).toContain('lanecast_observed_blocks 3');
    expect(text).toContain('lanecast_http_requests_total{method="POST",route="/v1/observations",status="200"} 3');
  });

  it('is told as it happens, with what was missed', async () => {
    const service = await taught(2);
    const controller = new AbortController();
    const response = await fetch(`${service.listening.url}/v1/events`, {
      headers: { 'last-event-id': '1' },
      signal: controller.signal,
    });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const events = new EventText(response);
    expect(await events.until('id: 2\nevent: block')).toBe(true);
    await service.post('/v1/observations', executedBlock(3));
    expect(await events.until('id: 3\nevent: block')).toBe(true);
    expect(await events.until('event: model')).toBe(true);
    controller.abort();
  });
});

describe('pages', () => {
  it('describe the interface without any request to elsewhere', async () => {
    const service = await startService();
    const page = await service.get('/docs');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    const addresses = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address ?? '');
    for (const address of addresses) expect(address.startsWith('/docs/') || address === 'data:,').toBe(true);
    for (const address of addresses.filter((each) => each.startsWith('/')))
      expect((await service.get(address)).status).toBe(200);
    expect((await service.get('/openapi.json')).json).toMatchObject({ openapi: '3.1.1' });
  });
});
