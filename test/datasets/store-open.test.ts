import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ingest } from '../../datasets/store/ingest.js';
import { openStore } from '../../datasets/store/index.js';
import { migrate, SCHEMA_HISTORY, type Migration } from '../../datasets/store/migrate.js';
import type { BlockRecord } from '../../types.js';
import { startChild } from './store-child.js';
import { hash, recordOf, slotAccess } from './store-records.js';
import { collect, hasChdb, openTestDatabase, openTestStore, temporaryFolder } from './store-suite.js';

describe('opening a store without the embedded engine', () => {
  const missing = Object.assign(new Error("Cannot find package 'chdb' imported from client.js\nand a second line"), {
    code: 'ERR_MODULE_NOT_FOUND',
  });

  it('names both remedies', async () => {
    const path = temporaryFolder();
    await expect(openStore({ path, loadChdb: () => Promise.reject(missing) })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      exitCode: 2,
      message:
        'The embedded ClickHouse engine (npm package chdb, for Linux and macOS) is not installed or does not load: ' +
        "Cannot find package 'chdb' imported from client.js. Install it with `npm install chdb`, or name a ClickHouse " +
        'server in CLICKHOUSE_URL.',
    });
  });

  it('does not ask for the engine where a server is named', async () => {
    const loadChdb = (): Promise<never> => Promise.reject(new Error('loaded'));
    await expect(openStore({ url: 'nonsense', loadChdb })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('refuses an empty path', async () => {
    await expect(openStore({ path: '' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe.skipIf(!hasChdb)('opening a folder', () => {
  it('makes it, keeps what it holds, and lets it go again', async () => {
    const path = join(temporaryFolder(), 'new', 'folder');
    const first = await openStore({ path });
    await first.ingest([recordOf(1, [{}])]);
    await first.close();
    const second = await openTestStore({ path });
    expect(await collect(second.records())).toEqual([recordOf(1, [{}])]);
  });

  it('that another process has open says so, and works when that process is gone', async () => {
    const path = temporaryFolder();
    const holder = startChild('store-child-holding.ts', [path]);
    onTestFinished(() => void holder.kill('SIGKILL'));
    await once(holder.stdout, 'data');
    await expect(openStore({ path })).rejects.toMatchObject({
      code: 'STORE_BUSY',
      exitCode: 2,
      message: `The store in ${path} is in use by another process (number ${holder.pid}). Wait for it to end, or use another folder.`,
    });
    holder.stdin.write('let go\n');
    await once(holder, 'close');
    await openTestStore({ path });
  });

  it('beside another one of the same process says so', async () => {
    await openTestStore({ path: temporaryFolder() });
    const path = temporaryFolder();
    await expect(openStore({ path })).rejects.toMatchObject({
      code: 'STORE_BUSY',
      message: expect.stringContaining('this process has a store in another folder open') as string,
    });
  });

  it('that is a file says what was expected', async () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, '');
    await expect(openStore({ path })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      exitCode: 2,
      message: expect.stringContaining('expected a folder that can be written to') as string,
    });
  });

  it('uses .lanecast of the working directory unless told otherwise', async () => {
    const before = process.cwd();
    const folder = temporaryFolder();
    process.chdir(folder);
    onTestFinished(() => process.chdir(before));
    await openTestStore({});
    expect(existsSync(join(folder, '.lanecast'))).toBe(true);
  });
});

describe.skipIf(!hasChdb)('the history of the schema', () => {
  const first: Migration = { version: 1, name: 'one', statements: [table('one')] };
  const second: Migration = { version: 2, name: 'two', statements: [table('two')] };

  function table(name: string): string {
    return `CREATE TABLE ${name} (n UInt8) ENGINE = MergeTree ORDER BY n`;
  }

  it('has versions without gaps', () => {
    expect(SCHEMA_HISTORY.map(({ version }) => version)).toEqual(SCHEMA_HISTORY.map((_, index) => index + 1));
  });

  it('is applied step by step, each once', async () => {
    const database = await openTestDatabase({ path: temporaryFolder() });
    expect(await migrate(database, [first])).toBe(1);
    // Made anew, a table that exists is an error: a step that ran twice would fail.
    expect(await migrate(database, [first, second])).toBe(2);
    expect(await migrate(database, [first, second])).toBe(2);
    const rows = await database.select({ sql: 'SELECT version, name FROM migrations ORDER BY version' }, (row) => row);
    expect(rows).toEqual([
      { version: 1, name: 'one' },
      { version: 2, name: 'two' },
    ]);
  });

  it('can be applied again from the start of a step that did not finish', async () => {
    const database = await openTestDatabase({ path: temporaryFolder() });
    await migrate(database);
    await database.command('TRUNCATE TABLE migrations');
    await database.command('DROP TABLE call_frames');
    expect(await migrate(database)).toBe(SCHEMA_HISTORY.length);
    expect(await database.select({ sql: 'SELECT count() AS n FROM call_frames' }, (row) => row['n'])).toEqual(['0']);
  });

  it('brings a store without values and code hashes up to date, and they read as unknown', async () => {
    const path = temporaryFolder();
    const database = await openTestDatabase({ path });
    const older = recordOf(1, [{ accesses: [slotAccess('read', 7, 1), slotAccess('write', 7, 1)] }]);
    await migrate(database);
    await ingest(database, [older]);
    for (const change of ['accesses DROP COLUMN value', 'blocks DROP COLUMN code_hash_count']) {
      await database.command(`ALTER TABLE ${change} SETTINGS mutations_sync = 2`);
    }
    await database.command('DROP TABLE code_hashes');
    await database.command('ALTER TABLE migrations DELETE WHERE version > 1 SETTINGS mutations_sync = 2');

    const store = await openTestStore({ path });
    const [access] = older.transactions[0]?.accesses ?? [];
    if (access === undefined) throw new Error('expected an access');
    const later: BlockRecord = {
      ...recordOf(2, [{ accesses: [{ ...access, value: hash(5) }] }]),
      codeHashes: new Map([[access.address, hash(0xc0de)]]),
    };
    await store.ingest([older, later]);
    expect(await collect(store.records())).toEqual([older, later]);
  });

  it('stops a program that is older than the store', async () => {
    const path = temporaryFolder();
    const database = await openTestDatabase({ path });
    await migrate(database, [...SCHEMA_HISTORY, { version: 99, name: 'later', statements: [] }]);
    await expect(openStore({ path })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      exitCode: 2,
      message: expect.stringContaining('has schema version 99, newer than this program knows (6)') as string,
    });
  });
});
