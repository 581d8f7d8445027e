import { describe, expect, it } from 'vitest';
import { SERIES_COLUMNS, type BlockSeries, type SeriesColumn } from '../../datasets/series/series.js';
import { recordOf, slotAccess } from './store-records.js';
import { hasChdb, openTestStore, temporaryFolder } from './store-suite.js';

/** Blocks `first`, `first` + 1, …: block n used n gas. */
function seriesFrom(first: number, length: number, change: Partial<Record<SeriesColumn, number>> = {}): BlockSeries {
  const columns = SERIES_COLUMNS.map((name) => {
    const given = change[name];
    const column = Float64Array.from({ length }, (_, i) => given ?? valueOf(name, first + i));
    return [name, column] as const;
  });
  return {
    ...(Object.fromEntries(columns) as unknown as Record<SeriesColumn, Float64Array>),
    excessBlobGas: null,
    blobGasUsed: null,
    conflictDensity:
      change.conflictDensity === undefined ? null : new Float64Array(length).fill(change.conflictDensity),
    parallelism: null,
    origin: 'by hand',
    length,
    unknownColumns: [],
  };
}

function valueOf(name: SeriesColumn, number: number): number {
  if (name === 'transactionCount') return number % 2 === 0 ? number : NaN;
  if (name === 'baseFeePerGasWei') return 2 ** 53 - 1 - number;
  return name === 'gasLimit' ? 30_000_000 : number;
}

describe.skipIf(!hasChdb)('block series in the store', () => {
  it('gives back what was written, writes nothing twice, and lets other values replace', async () => {
    const store = await openTestStore({ path: temporaryFolder() });
    const series = seriesFrom(100, 50, { conflictDensity: 0.1 });
    const counts = { blocks: 50, added: 0, replaced: 0, alreadyPresent: 0 };
    expect(await store.writeSeries(series, { chainId: 1 })).toEqual({ ...counts, added: 50 });
    expect(await store.writeSeries(series, { chainId: 1 })).toEqual({ ...counts, alreadyPresent: 50 });
    const read = await store.series({ chainId: 1 });
    expect({ ...read, origin: 'by hand' }).toEqual(series);

    const other = seriesFrom(140, 20, { gasUsed: 7 });
    expect(await store.writeSeries(other, { chainId: 1 })).toEqual({
      blocks: 20,
      added: 10,
      replaced: 10,
      alreadyPresent: 0,
    });
    const merged = await store.series({ chainId: 1, from: 139, to: 140 });
    expect([...merged.gasUsed]).toEqual([139, 7]);
    expect(merged.conflictDensity).toEqual(Float64Array.of(0.1, NaN));
    await expect(store.series({ chainId: 2 })).rejects.toMatchObject({ code: 'SOURCE_NOT_FOUND' });
  });

  it('prefers blocks with accesses, and computes their density and parallelism', async () => {
    const store = await openTestStore({ path: temporaryFolder() });
    await store.writeSeries(seriesFrom(1, 3, { conflictDensity: 0.5 }), { chainId: 1 });
    const write = slotAccess('write', 1, 1);
    await store.ingest([
      recordOf(2, [
        { gasUsed: 30_000, accesses: [write] },
        { gasUsed: 30_000, accesses: [write] },
      ]),
    ]);
    const plain = await store.series({ chainId: 1 });
    expect([...plain.gasUsed]).toEqual([1, 60_000, 3]);
    expect([...plain.transactionCount]).toEqual([NaN, 2, NaN]);
    expect(plain.conflictDensity).toEqual(Float64Array.of(0.5, NaN, 0.5));
    const known = await store.series({ chainId: 1, conflicts: true });
    expect(known.conflictDensity).toEqual(Float64Array.of(0.5, 1, 0.5));
    expect(known.parallelism).toEqual(Float64Array.of(NaN, 1, NaN));
    const keys = await store.hotKeys({ chainId: 1, field: 'slot' });
    expect(keys).toMatchObject([{ address: write.address, slot: write.slot, writes: 2 }]);
  });

  it('refuses a range with a gap, and says what could be had', async () => {
    const store = await openTestStore({ path: temporaryFolder() });
    await store.writeSeries(seriesFrom(1, 2), { chainId: 1 });
    await store.writeSeries(seriesFrom(5, 2), { chainId: 1 });
    await expect(store.series({ chainId: 1 })).rejects.toThrow(
      /no block of chain 1 between 2 and 5.*from 5 on.*up to 6/,
    );
    expect((await store.series({ chainId: 1, from: 5 })).length).toBe(2);
  });
});
