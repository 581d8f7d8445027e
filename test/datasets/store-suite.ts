import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { connect, type Database } from '../../datasets/store/client.js';
import { openStore, type Store, type StoreOptions } from '../../datasets/store/index.js';
import { CHILD_TABLES } from '../../datasets/store/schema.js';
import { ZERO_WORD, type Access, type BlockRecord } from '../../types.js';
import { address, anyRecord, hash, recordOf, slotAccess } from './store-records.js';

/** Whether the embedded engine is there; the tests of the store that need it skip where it is not. */
export const hasChdb: boolean = await import('chdb/connection').then(
  () => true,
  () => false,
);

if (!hasChdb) process.stderr.write('notice: chdb is not installed; the tests that need it are skipped\n');

/** A folder that goes when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lanecast-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function openTestStore(options: StoreOptions): Promise<Store> {
  const store = await openStore(options);
  onTestFinished(() => store.close());
  return store;
}

export async function openTestDatabase(options: StoreOptions): Promise<Database> {
  const database = await connect(options);
  onTestFinished(() => database.close());
  return database;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Rows by table, whether they count or not. */
export async function countRows(database: Database): Promise<Record<string, number>> {
  const counts = { blocks: 0, transactions: 0, accesses: 0, keccak_preimages: 0, call_frames: 0, code_hashes: 0 };
  for (const name of ['blocks', ...CHILD_TABLES.map((table) => table.name)]) {
    const rows = await database.select({ sql: `SELECT count() AS rows FROM ${name}` }, (row) => Number(row['rows']));
    Object.assign(counts, { [name]: rows[0] });
  }
  return counts;
}

/** What must hold of the store whatever it runs on. `target` gives an empty one to each test. */
export function defineStoreTests(target: () => Promise<StoreOptions> | StoreOptions): void {
  it('gives back what was ingested, for any record without logs', async () => {
    const store = await openTestStore(await target());
    let chainId = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyRecord, { maxLength: 5 }), async (drawn) => {
        chainId += 1;
        const records = inOrder(drawn).map((record) => ({ ...record, chainId }));
        await store.ingest(records);
        expect(await collect(store.records({ chainId }))).toEqual(records);
      }),
      { numRuns: 25, seed: 20_220_621 },
    );
  });

  it('leaves out logs', async () => {
    const store = await openTestStore(await target());
    const [plain] = recordOf(1, [{}]).transactions;
    if (plain === undefined) throw new Error('expected a transaction');
    const log = { address: address(1), topics: [hash(2)], data: '0x00' } as const;
    await store.ingest([{ ...recordOf(1), transactions: [{ ...plain, logs: [log] }] }]);
    expect(await collect(store.records())).toEqual([{ ...recordOf(1), transactions: [plain] }]);
  });

  it('keeps integers beyond 2^53 exact', async () => {
    const store = await openTestStore(await target());
    const record = recordOf(1, [{ gasUsed: Number.MAX_SAFE_INTEGER }]);
    await store.ingest([{ ...record, header: { ...record.header, baseFeePerGasWei: 2n ** 64n + 1n } }]);
    const [read] = await collect(store.records());
    expect(read?.header.baseFeePerGasWei).toBe(18_446_744_073_709_551_617n);
    expect(read?.transactions[0]?.gasUsed).toBe(9_007_199_254_740_991);
  });

  it('keeps the values of slots and the hashes of code, for SQL too', async () => {
    const options = await target();
    const store = await openTestStore(options);
    const database = await openTestDatabase(options);
    const accesses: Access[] = [
      { ...slotAccess('read', 7, 1), value: ZERO_WORD },
      { ...slotAccess('write', 7, 1), value: hash(9) },
      slotAccess('read', 7, 2),
    ];
    const codeHashes = new Map([
      [address(8), hash(0xb)],
      [address(7), hash(0xa)],
    ]);
    const record: BlockRecord = { ...recordOf(1, [{ accesses }]), codeHashes };
    await store.ingest([record, recordOf(2, [{}])]);
    expect(await collect(store.records())).toEqual([record, recordOf(2, [{}])]);
    expect(await collect(store.blocks())).toMatchObject([{ codeHashes: 2 }, { codeHashes: 0 }]);
    const sql = `SELECT lower(hex(code_hash)) AS code_hash, count(value) AS known, countIf(value = unhex(repeat('00', 32))) AS zero
      FROM accesses JOIN code_hashes USING (chain_id, block_number, ingest_id, address) GROUP BY code_hash`;
    const rows = await database.select({ sql }, (row) => row);
    expect(rows).toEqual([{ code_hash: hash(0xa).slice(2), known: '2', zero: '1' }]);
  });

  it('adds no row when the same block comes again', async () => {
    const options = await target();
    const store = await openTestStore(options);
    const database = await openTestDatabase(options);
    const records = [1, 2, 3].map((number) => recordOf(number, [{ accesses: [slotAccess('read', 7, number)] }]));
    const first = await store.ingest(records);
    const rows = await countRows(database);
    expect(first).toEqual({ blocks: 3, added: 3, alreadyPresent: 0, replaced: 0, transactions: 3, accesses: 3 });
    expect(rows).toEqual({
      blocks: 3,
      transactions: 3,
      accesses: 3,
      keccak_preimages: 0,
      call_frames: 0,
      code_hashes: 0,
    });
    const again = await store.ingest([...records, recordOf(4)]);
    expect(again).toEqual({ blocks: 4, added: 1, alreadyPresent: 3, replaced: 0, transactions: 0, accesses: 0 });
    expect(await countRows(database)).toEqual({ ...rows, blocks: 4 });
  });

  it('counts a block that comes twice in one ingest once', async () => {
    const store = await openTestStore(await target());
    const summary = await store.ingest([recordOf(1), recordOf(2), recordOf(1)]);
    expect(summary).toMatchObject({ blocks: 3, added: 2, alreadyPresent: 1, replaced: 0 });
  });

  it('shows the newest of two blocks with the same number, and only its rows', async () => {
    const options = await target();
    const store = await openTestStore(options);
    const database = await openTestDatabase(options);
    const older = recordOf(5, [{ accesses: [slotAccess('write', 1, 1)] }, {}], { hash: hash(0xa) });
    const newer = recordOf(5, [{ accesses: [slotAccess('write', 2, 2)] }], { hash: hash(0xb) });
    await store.ingest([recordOf(4), older, recordOf(6)]);
    expect(await store.ingest([newer])).toMatchObject({ added: 1, replaced: 1 });
    expect(await collect(store.records())).toEqual([recordOf(4), newer, recordOf(6)]);
    expect((await store.stats())[0]?.hotSlots.map((key) => key.address)).toEqual([address(2)]);
    expect(await countRows(database)).toMatchObject({ transactions: 1, accesses: 1 });
    await store.ingest([older]);
    expect(await collect(store.records({ from: 5, to: 5 }))).toEqual([older]);
  });

  it('keeps chains apart and reads by chain and number', async () => {
    const store = await openTestStore(await target());
    const places = [
      [137, 2],
      [1, 9],
      [1, 3],
      [137, 1],
      [1, 5],
    ] as const;
    await store.ingest(places.map(([chainId, number]) => recordOf(number, [{}], { chainId })));
    const read = async (range: Parameters<Store['records']>[0]): Promise<unknown> =>
      (await collect(store.records(range))).map(({ chainId, header }) => [chainId, header.number]);
    const all = [
      [1, 3],
      [1, 5],
      [1, 9],
      [137, 1],
      [137, 2],
    ];
    expect(await read({})).toEqual(all);
    expect(await read({ chainId: 1, from: 4 })).toEqual([all[1], all[2]]);
    expect(await read({ to: 3 })).toEqual([all[0], all[3], all[4]]);
    expect(await read({ chainId: 1, from: 5, to: 5 })).toEqual([all[1]]);
    expect(await read({ chainId: 5 })).toEqual([]);
    expect(await store.chains()).toEqual([
      { chainId: 1, blocks: 3, firstBlock: 3, lastBlock: 9, transactions: 3, accesses: 0 },
      { chainId: 137, blocks: 2, firstBlock: 1, lastBlock: 2, transactions: 2, accesses: 0 },
    ]);
  });

  it('reads on over the ends of its pages', async () => {
    const store = await openTestStore(await target());
    const numbers = Array.from({ length: 600 }, (_, index) => 3 * index);
    await store.ingest(numbers.map((number) => recordOf(number, number % 2 === 0 ? [{}] : [])));
    expect((await collect(store.blocks())).map(({ header }) => header.number)).toEqual(numbers);
    expect((await collect(store.records())).map(({ header }) => header.number)).toEqual(numbers);
    expect((await collect(store.blockStats())).map(({ number }) => number)).toEqual(numbers);
  });

  it('can be left in the middle of reading', async () => {
    const store = await openTestStore(await target());
    await store.ingest([recordOf(1), recordOf(2)]);
    for await (const record of store.records()) {
      expect(record).toEqual(recordOf(1));
      break;
    }
    expect(await collect(store.records({ from: 2 }))).toEqual([recordOf(2)]);
  });

  it('ingests from a stream and tells how far it is', async () => {
    const store = await openTestStore(await target());
    const soFar: number[] = [];
    const summary = await store.ingest(stream(150), { onProgress: ({ blocks }) => soFar.push(blocks) });
    expect(summary).toMatchObject({ blocks: 150, added: 150, transactions: 150 });
    expect(soFar).toEqual([64, 128, 150]);
  });

  it('names block, transaction and column of a value that it cannot hold, and writes nothing of the batch', async () => {
    const options = await target();
    const store = await openTestStore(options);
    const database = await openTestDatabase(options);
    const bad = recordOf(2, [{}, { accesses: [{ ...slotAccess('read', 1, 1), slot: '0x1234' }] }]);
    await expect(store.ingest([recordOf(1, [{}]), bad])).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: 'by hand, block 2, transaction 1, field accesses.slot: expected 32 bytes, got 2: 0x1234',
    });
    expect(await countRows(database)).toMatchObject({ blocks: 0, transactions: 0, accesses: 0 });
  });

  it('refuses a range whose bound is not a whole number', async () => {
    const store = await openTestStore(await target());
    await store.ingest([recordOf(1)]);
    await expect(collect(store.blocks({ from: 1.5 }))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(collect(store.records({ to: -1 }))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('says what ClickHouse has against a query', async () => {
    const database = await openTestDatabase(await target());
    await expect(database.command('SELECT nonsense')).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining('UNKNOWN_IDENTIFIER, code 47') as string,
    });
  });
}

/** As the store orders them: each number once, ascending. */
function inOrder(records: readonly BlockRecord[]): BlockRecord[] {
  const byNumber = new Map(records.map((record) => [record.header.number, record]));
  return [...byNumber.values()].sort((a, b) => a.header.number - b.header.number);
}

// eslint-disable-next-line @typescript-eslint/require-await
async function* stream(blocks: number): AsyncGenerator<BlockRecord> {
  for (let number = 0; number < blocks; number += 1) yield recordOf(number, [{}]);
}
