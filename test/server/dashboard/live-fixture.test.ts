import { describe, expect, it } from 'vitest';
import { Forecast, LiveBlock, ModelState } from '../../../server/live.js';
import { makeBlock, makeForecast, makeModel } from './live-fixture.js';

describe('made-up answers', () => {
  it('are as the service describes them', () => {
    expect(() => LiveBlock.parse(makeBlock({ sequence: 3 }))).not.toThrow();
    expect(() => ModelState.parse(makeModel(120))).not.toThrow();
    expect(() => Forecast.parse(makeForecast(120))).not.toThrow();
  });

  it('are the same for the same seed', () => {
    expect(makeBlock({ sequence: 5 })).toEqual(makeBlock({ sequence: 5 }));
  });
});
