import { describe, expect, it } from 'vitest';
import type { Database } from '../../datasets/store/client.js';
import { ingest } from '../../datasets/store/ingest.js';
import { migrate } from '../../datasets/store/migrate.js';
import { readRecords } from '../../datasets/store/records.js';
import { reclaim } from '../../datasets/store/reclaim.js';
import { runChild } from './store-child.js';
import { crashRecords, hash, recordOf } from './store-records.js';
import { collect, countRows, hasChdb, openTestDatabase, openTestStore, temporaryFolder } from './store-suite.js';

/** The inserts of one batch with a row in every table, in order. */
const INSERTS = [
  'ingests',
  'transactions',
  'accesses',
  'keccak_preimages',
  'call_frames',
  'code_hashes',
  'blocks',
  'ingests',
];
const COMMIT = INSERTS.indexOf('blocks');
const ALL_ROWS = { blocks: 2, transactions: 4, accesses: 2, keccak_preimages: 4, call_frames: 4, code_hashes: 2 };
const NO_ROWS = { blocks: 0, transactions: 0, accesses: 0, keccak_preimages: 0, call_frames: 0, code_hashes: 0 };

const points = INSERTS.map((table, point) => ({ point, table, visible: point > COMMIT }));

/** A database that fails right before one of its inserts, and tells which tables it wrote. */
function failingAt(database: Database, point: number): { readonly database: Database; readonly written: string[] } {
  const written: string[] = [];
  const failing: Database = {
    target: database.target,
    exclusive: database.exclusive,
    cluster: null,
    select: (query, decode) => database.select(query, decode),
    stream: (query, decode) => database.stream(query, decode),
    command: (sql) => database.command(sql),
    insert: async (table, columns, lines) => {
      if (written.length === point) throw new Error(`planted before insert ${point}`);
      written.push(table);
      await database.insert(table, columns, lines);
    },
    close: () => database.close(),
  };
  return { database: failing, written };
}

async function emptyDatabase(): Promise<Database> {
  const database = await openTestDatabase({ path: temporaryFolder() });
  await migrate(database);
  return database;
}

describe.skipIf(!hasChdb)('an ingest that fails', () => {
  it.each(points)('right before insert $point, into $table, shows a block whole or not at all', async (crash) => {
    const database = await emptyDatabase();
    const failing = failingAt(database, crash.point);
    await expect(ingest(failing.database, crashRecords())).rejects.toThrow('planted');
    expect(failing.written).toEqual(INSERTS.slice(0, crash.point));
    expect(await collect(readRecords(database, {}))).toEqual(crash.visible ? crashRecords() : []);

    const again = await ingest(database, crashRecords());
    expect(again).toMatchObject(crash.visible ? { added: 0, alreadyPresent: 2 } : { added: 2, alreadyPresent: 0 });
    expect(await collect(readRecords(database, {}))).toEqual(crashRecords());

    await reclaim(database, 'a later process');
    expect(await countRows(database)).toEqual(ALL_ROWS);
    expect(await collect(readRecords(database, {}))).toEqual(crashRecords());
  });

  it('leaves nothing behind where nothing was committed and the block never comes again', async () => {
    const database = await emptyDatabase();
    await expect(ingest(failingAt(database, COMMIT).database, crashRecords())).rejects.toThrow('planted');
    expect(await countRows(database)).toMatchObject({ blocks: 0, transactions: 4 });
    await reclaim(database, 'a later process');
    expect(await countRows(database)).toEqual(NO_ROWS);
  });

  it('keeps what it was about to replace, and removes what it did replace', async () => {
    const database = await emptyDatabase();
    const older = recordOf(7, [{}, {}, {}], { hash: hash(0xa) });
    await ingest(database, [older]);
    await expect(ingest(failingAt(database, COMMIT).database, crashRecords())).rejects.toThrow('planted');
    expect(await collect(readRecords(database, {}))).toEqual([older]);
    await reclaim(database, 'a later process');
    expect(await collect(readRecords(database, {}))).toEqual([older]);

    const failing = failingAt(database, COMMIT + 1);
    const unableToDelete = { ...failing.database, command: () => Promise.reject(new Error('planted in a deletion')) };
    await expect(ingest(unableToDelete, crashRecords())).rejects.toThrow('planted in a deletion');
    expect(await collect(readRecords(database, {}))).toEqual(crashRecords());
    expect(await countRows(database)).toMatchObject({ transactions: 7 });
    await reclaim(database, 'a later process');
    expect(await countRows(database)).toMatchObject({ transactions: 4 });
    expect(await collect(readRecords(database, {}))).toEqual(crashRecords());
  });

  it('is not reclaimed by its own process, nor on a server before a day has passed', async () => {
    const database = await emptyDatabase();
    await expect(ingest(failingAt(database, COMMIT).database, crashRecords())).rejects.toThrow('planted');
    await ingest(database, []);
    expect(await countRows(database)).toMatchObject({ transactions: 4 });

    const shared: Database = { ...failingAt(database, Infinity).database, exclusive: false };
    const nowMs = Date.now();
    await reclaim(shared, 'another process', nowMs + 23 * 3_600_000);
    expect(await countRows(database)).toMatchObject({ transactions: 4 });
    await reclaim(shared, 'another process', nowMs + 25 * 3_600_000);
    expect(await countRows(database)).toEqual(NO_ROWS);
  });
});

describe.skipIf(!hasChdb)('a process that is killed while it ingests', () => {
  const kills = [2, COMMIT, COMMIT + 1].map((point) => ({ point, table: INSERTS[point], visible: point > COMMIT }));

  it.each(kills)('right before insert $point, into $table, leaves a store that is whole', async (crash) => {
    const path = temporaryFolder();
    const end = await runChild('store-child-killed.ts', [path, String(crash.point)]);
    expect(end).toMatchObject({ signal: 'SIGKILL' });

    const store = await openTestStore({ path });
    expect(await collect(store.records())).toEqual(crash.visible ? crashRecords() : []);
    await store.ingest([]);
    const database = await openTestDatabase({ path });
    expect(await countRows(database)).toEqual(crash.visible ? ALL_ROWS : NO_ROWS);
    await store.ingest(crashRecords());
    expect(await collect(store.records())).toEqual(crashRecords());
    expect(await countRows(database)).toEqual(ALL_ROWS);
  });
});
