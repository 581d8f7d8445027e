import { describe, expect, it } from 'vitest';
import { MovingAverageForecast } from '../../scheduler/forecast.js';

describe('the moving average', () => {
  it('expects nothing before the first block, and then what that was', () => {
    const forecast = new MovingAverageForecast();
    expect(forecast.next()).toEqual({ gasUsed: 0, transactions: 0, workers: 1 });
    forecast.observe({ gasUsed: 100, transactions: 10, workers: 4 });
    expect(forecast.next()).toEqual({ gasUsed: 100, transactions: 10, workers: 4 });
  });

  it('follows the load', () => {
    const forecast = new MovingAverageForecast();
    forecast.observe({ gasUsed: 0, transactions: 0, workers: 1 });
    forecast.observe({ gasUsed: 100, transactions: 8, workers: 5 });
    expect(forecast.next()).toEqual({ gasUsed: 25, transactions: 2, workers: 2 });
    for (let block = 0; block < 40; block++) forecast.observe({ gasUsed: 100, transactions: 8, workers: 5 });
    expect(forecast.next().workers).toBeCloseTo(5, 3);
  });
});
