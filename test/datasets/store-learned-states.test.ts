import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../datasets/store/client.js';
import type { LearnedState, StoreOptions } from '../../datasets/store/index.js';
import { readState, writeState } from '../../datasets/store/learned-states.js';
import { migrate } from '../../datasets/store/migrate.js';
import { idAfter } from '../../datasets/store/write-id.js';
import { startClickHouseServer } from '../helpers/clickhouse-http.js';
import { hash } from './store-records.js';
import { hasChdb, openTestDatabase, openTestStore, temporaryFolder } from './store-suite.js';

const MIB = 2 ** 20;

function stateOf(lastBlock: number, fields: Partial<LearnedState> = {}): LearnedState {
  const payload = Buffer.from(`learned up to ${lastBlock}`);
  return { chainId: 1, name: 'test', format: 1, lastBlock, lastHash: hash(lastBlock), payload, ...fields };
}

const before = (number: number) => ({ chainId: 1, name: 'test', format: 1, before: number });

/** Bytes of all values, more than fit in two chunks. */
function manyBytes(): Buffer {
  return Buffer.from(Uint8Array.from({ length: 2 * MIB + 5 }, (_, index) => (index * 31 + (index >>> 8)) & 0xff));
}

/** A database that fails right before one of its inserts. */
function failingAt(database: Database, point: number): Database {
  let inserts = 0;
  return {
    target: database.target,
    exclusive: database.exclusive,
    cluster: null,
    select: (query, decode) => database.select(query, decode),
    stream: (query, decode) => database.stream(query, decode),
    command: (sql) => database.command(sql),
    insert: async (...insert) => {
      if (inserts === point) throw new Error(`planted before insert ${point}`);
      inserts += 1;
      await database.insert(...insert);
    },
    close: () => database.close(),
  };
}

async function emptyDatabase(): Promise<Database> {
  const database = await openTestDatabase({ path: temporaryFolder() });
  await migrate(database);
  return database;
}

function storedBlocks(database: Database): Promise<number[]> {
  const sql = 'SELECT last_block FROM learned_states ORDER BY last_block, chunk';
  return database.select({ sql }, (row) => Number(row['last_block']));
}

async function onServer(): Promise<StoreOptions> {
  const server = await startClickHouseServer({ path: temporaryFolder() });
  onTestFinished(() => server.close());
  return { url: server.url };
}

describe.skipIf(!hasChdb).each([
  { place: 'in a folder', target: (): StoreOptions => ({ path: temporaryFolder() }) },
  { place: 'on a server', target: onServer },
])('learned states $place', ({ target }) => {
  it('come back as they were written, whatever the bytes', async () => {
    const store = await openTestStore(await target());
    let lastBlock = 0;
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (payload) => {
        lastBlock += 1;
        await store.writeState(stateOf(lastBlock, { payload }));
        const read = await store.readState(before(lastBlock + 1));
        expect(read).toEqual(stateOf(lastBlock, { payload: Buffer.from(payload) }));
      }),
      { numRuns: 10, seed: 7 },
    );
    await store.writeState(stateOf(1_000, { payload: manyBytes() }));
    const large = await store.readState(before(1_001));
    expect(large?.payload.length).toBe(2 * MIB + 5);
    expect(manyBytes().equals(large?.payload ?? Buffer.alloc(0))).toBe(true);
  });

  it('are found by the greatest last block below a number, of the same chain, name and format', async () => {
    const store = await openTestStore(await target());
    for (const number of [20, 10, 30]) await store.writeState(stateOf(number));
    const lastBlocks = [10, 11, 20, 21, 31, 1_000].map(async (number) => {
      return (await store.readState(before(number)))?.lastBlock ?? null;
    });
    expect(await Promise.all(lastBlocks)).toEqual([null, 10, 10, 20, 30, 30]);
    expect(await store.readState({ ...before(100), chainId: 2 })).toBeNull();
    expect(await store.readState({ ...before(100), name: "te'st" })).toBeNull();
    expect(await store.readState({ ...before(100), format: 2 })).toBeNull();
  });

  it('are replaced by a later one of the same block', async () => {
    const options = await target();
    const store = await openTestStore(options);
    await store.writeState(stateOf(5, { payload: manyBytes() }));
    const later = stateOf(5, { lastHash: hash(0xb), payload: Buffer.from('later') });
    await store.writeState(later);
    expect(await store.readState(before(6))).toEqual(later);
    expect(await storedBlocks(await openTestDatabase(options))).toEqual([5]);
  });

  it('are kept for the four blocks that were written last, by chain and name', async () => {
    const options = await target();
    const store = await openTestStore(options);
    await store.writeState(stateOf(1, { chainId: 2 }));
    await store.writeState(stateOf(2, { name: 'other' }));
    for (const number of [50, 60, 70, 80, 60, 10]) await store.writeState(stateOf(number));
    expect(await storedBlocks(await openTestDatabase(options))).toEqual([1, 2, 10, 60, 70, 80]);
    expect(await store.readState(before(60))).toEqual(stateOf(10));
  });

  it('are refused where the table cannot hold them', async () => {
    const options = await target();
    const store = await openTestStore(options);
    await expect(store.writeState(stateOf(1, { format: 2 ** 16 }))).rejects.toThrow(/learned_states\.format/);
    await expect(store.writeState(stateOf(1, { lastHash: '0x12' }))).rejects.toThrow(/learned_states\.last_hash/);
    expect(await storedBlocks(await openTestDatabase(options))).toEqual([]);
  });
});

describe.skipIf(!hasChdb)('a write of a learned state that fails', () => {
  it.each([0, 1, 2])('before chunk %i is never visible', async (point) => {
    const database = await emptyDatabase();
    await writeState(database, stateOf(3));
    const large = stateOf(4, { payload: manyBytes() });
    await expect(writeState(failingAt(database, point), large)).rejects.toThrow('planted');
    expect(await readState(database, before(9))).toEqual(stateOf(3));
    await expect(writeState(failingAt(database, point), { ...large, lastBlock: 3 })).rejects.toThrow('planted');
    expect(await readState(database, before(9))).toEqual(stateOf(3));
    await writeState(database, large);
    expect((await readState(database, before(9)))?.lastBlock).toBe(4);
  });

  it('is removed by a later one, on a server after a day', async () => {
    const database = await emptyDatabase();
    const hourMs = 3_600_000;
    const leftBehind = async (agoMs: number): Promise<void> => {
      const id = idAfter(0n, Math.floor(performance.timeOrigin) - agoMs);
      const fields = ['1', 'test', '1', '7', '\\x00'.repeat(32), String(id), '0', '2', 'half'];
      const columns = [
        'chain_id',
        'name',
        'format',
        'last_block',
        'last_hash',
        'write_id',
        'chunk',
        'chunk_count',
        'payload',
      ];
      await database.insert('learned_states', columns, [`${fields.join('\t')}\n`]);
    };
    await leftBehind(hourMs);
    await leftBehind(25 * hourMs);
    const server: Database = { ...failingAt(database, Infinity), exclusive: false };
    await writeState(server, stateOf(3));
    expect(await storedBlocks(database)).toEqual([3, 7]);
    await writeState(database, stateOf(4));
    expect(await storedBlocks(database)).toEqual([3, 4]);
  });

  it('is told where a chunk goes while it is read', async () => {
    const database = await emptyDatabase();
    await writeState(database, stateOf(3));
    let selects = 0;
    const changing: Database = {
      ...failingAt(database, Infinity),
      select: async (query, decode) => {
        selects += 1;
        if (selects === 2) await database.command('TRUNCATE TABLE learned_states');
        return database.select(query, decode);
      },
    };
    await expect(readState(changing, before(9))).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });
});

describe('the number of a write', () => {
  it('is larger than the latest one, even where the clock was set back', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (latestMs, nowMs) => {
        const latest = idAfter(0n, latestMs);
        expect(idAfter(latest, nowMs)).toBeGreaterThan(latest);
      }),
      { seed: 7 },
    );
  });
});
