import { describe, expect, it } from 'vitest';
import { LoadForecastSource } from '../../../server/forecast/forecast-source.js';
import { Forecast } from '../../../server/live.js';
import { executedBlock, TOKEN, word } from '../blocks.js';
import { EventText } from '../event-text.js';
import { startService } from '../service.js';

describe('GET /v1/forecast', () => {
  it('answers 503 until a block was observed', async () => {
    const service = await startService({ service: { forecast: new LoadForecastSource(null) } });
    const { status, json } = await service.get('/v1/forecast');
    expect(status).toBe(503);
    expect(json).toMatchObject({ code: 'forecast_unavailable' });
    expect((json as { readonly message: string }).message).toContain('post observations');
  });

  it('tells the load of the blocks after the last one, and who says so', async () => {
    const service = await startService({ service: { forecast: new LoadForecastSource(null) } });
    for (const number of [1, 2, 3]) await service.post('/v1/observations', executedBlock(number));
    const { status, json } = await service.get('/v1/forecast');
    expect(status).toBe(200);
    const forecast = Forecast.parse(json);
    expect(forecast).toMatchObject({
      model: { learnedBlocks: 3 },
      forecaster: { kind: 'baseline', version: null },
      ...{ chainId: 1, lastBlock: 3 },
    });
    // Fees that stay where blocks are far from their target follow no rule.
    expect(forecast.nextBaseFeePerGasWei).toBeNull();
    expect(forecast.hotKeys[0]).toMatchObject({ address: TOKEN, slot: word(0), expectedConflicts: 15 });
  });

  it('is told to those who listen with each block', async () => {
    const service = await startService({ service: { forecast: new LoadForecastSource(null) } });
    const controller = new AbortController();
    const response = await fetch(`${service.listening.url}/v1/events`, { signal: controller.signal });
    const events = new EventText(response);
    await service.post('/v1/observations', executedBlock(1));
    expect(await events.until('event: forecast\ndata: {"model"')).toBe(true);
    expect(await events.until('"lastBlock":1')).toBe(true);
    await service.post('/v1/observations', executedBlock(2));
    expect(await events.until('"lastBlock":2,"nextBaseFee')).toBe(true);
    controller.abort();
  });

  it('does not keep a block from being learned where forecasting fails', async () => {
    const broken = {
      observe: () => {
        throw new Error('broken');
      },
      latest: () => null,
    };
    const service = await startService({ service: { forecast: broken } });
    expect((await service.post('/v1/observations', executedBlock(1))).json).toMatchObject({ status: 'learned' });
    expect(service.logged.join()).toContain('not forecast from: Error: broken');
  });
});
