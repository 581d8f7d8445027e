import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../datasets/store/client.js';
import type { BlockExpressions, CallExpressions, CallSubject } from '../../datasets/store/expression-schema.js';
import { readExpressionStatistics, type SubjectStatistics } from '../../datasets/store/expression-statistics.js';
import { writeExpressions } from '../../datasets/store/expressions.js';
import type { Store, StoreOptions } from '../../datasets/store/index.js';
import { ingest } from '../../datasets/store/ingest.js';
import { migrate } from '../../datasets/store/migrate.js';
import { reclaim } from '../../datasets/store/reclaim.js';
import { startClickHouseServer } from '../helpers/clickhouse-http.js';
import { address, hash, recordOf } from './store-records.js';
import { collect, hasChdb, openTestDatabase, openTestStore, temporaryFolder } from './store-suite.js';

const OPTIONS = { chainId: 1, until: 100, halfLifeBlocks: 2, maxExpressions: 100 };
const CONTRACT: CallSubject = { kind: 'contract', subject: '0xc0', self: null };
const OWN: CallSubject = { kind: 'own', subject: '0x0a', self: address(0xa) };

function use(contract: number, slot: string, more: { named?: string; written?: boolean } = {}) {
  return { address: address(contract), named: more.named ?? null, slot, written: more.written ?? false };
}

function blockOf(number: number, calls: readonly Omit<CallExpressions, 'transactionIndex'>[]): BlockExpressions {
  const numbered = calls.map((call, transactionIndex) => ({ ...call, transactionIndex }));
  return { chainId: 1, number, hash: hash(number), calls: numbered };
}

/** Two blocks, two half-lives of `OPTIONS` apart. */
const BLOCKS = [
  blockOf(3, [
    { subjects: [CONTRACT, OWN], uses: [use(0xa, 'c 1', { named: 'to', written: true }), use(0xb00, 'm 2 from')] },
    { subjects: [CONTRACT], uses: [] },
  ]),
  blockOf(7, [{ subjects: [OWN, CONTRACT], uses: [use(0xa, 'c 1', { named: 'w0' }), use(0xa, 'c 2')] }]),
];

/** By hand: what block 3 counted weighs a quarter after block 7. */
const STATISTICS: readonly SubjectStatistics[] = [
  {
    kind: 'own',
    subject: '0x0a',
    calls: 1.25,
    block: 7,
    expressions: [
      ['self|c 1', 1.25, 0.25],
      ['self|c 2', 1, 0],
    ],
  },
  {
    kind: 'contract',
    subject: '0xc0',
    calls: 1.5,
    block: 7,
    expressions: [
      ['=a|c 1', 1.25, 0.25],
      ['=a|c 2', 1, 0],
      ['w0|c 1', 1, 0],
      ['=b00|m 2 from', 0.25, 0],
      ['to|c 1', 0.25, 0.25],
    ],
  },
];

function expectClose(rows: readonly SubjectStatistics[], expected: readonly SubjectStatistics[]): void {
  const rounded = (list: readonly SubjectStatistics[]): unknown =>
    list.map((row) => ({
      ...row,
      calls: row.calls.toPrecision(9),
      expressions: row.expressions.map(([text, reads, writes]) => [text, reads.toPrecision(9), writes.toPrecision(9)]),
    }));
  expect(rounded(rows)).toEqual(rounded(expected));
}

async function storeWithBlocks(options: StoreOptions): Promise<Store> {
  const store = await openTestStore(options);
  await store.ingest([3, 4, 7].map((number) => recordOf(number, [{}, {}])));
  return store;
}

function defineExpressionTests(target: () => Promise<StoreOptions> | StoreOptions): void {
  it('sums up with decay, by subject and expression', async () => {
    const store = await storeWithBlocks(await target());
    expect(await store.writeExpressions(BLOCKS)).toEqual({ blocks: 2, added: 2, alreadyPresent: 0, calls: 3 });
    expectClose(await collect(store.expressionStatistics(OPTIONS)), STATISTICS);
  });

  it('counts blocks up to the one that is asked for, of one chain', async () => {
    const store = await storeWithBlocks(await target());
    await store.writeExpressions(BLOCKS);
    const early = await collect(store.expressionStatistics({ ...OPTIONS, until: 6 }));
    expect(early.map(({ kind, calls, block }) => [kind, calls, block])).toEqual([
      ['own', 1, 3],
      ['contract', 2, 3],
    ]);
    expect(await collect(store.expressionStatistics({ ...OPTIONS, until: 2 }))).toEqual([]);
    expect(await collect(store.expressionStatistics({ ...OPTIONS, chainId: 5 }))).toEqual([]);
  });

  it('keeps the most frequent expressions of each subject', async () => {
    const store = await storeWithBlocks(await target());
    await store.writeExpressions(BLOCKS);
    const rows = await collect(store.expressionStatistics({ ...OPTIONS, maxExpressions: 2 }));
    expectClose(
      rows,
      STATISTICS.map((row) => ({ ...row, expressions: row.expressions.slice(0, 2) })),
    );
  });

  it('keeps any text', async () => {
    const store = await storeWithBlocks(await target());
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    const drawn = fc.sample(fc.tuple(text, text, text), { numRuns: 40, seed: 7 });
    const calls = drawn.map(([subject, named, slot]) => ({
      subjects: [{ ...CONTRACT, subject }],
      uses: [{ ...use(0xa, slot), named }],
    }));
    await store.writeExpressions([blockOf(3, calls)]);
    const rows = await collect(store.expressionStatistics(OPTIONS));
    expect(new Set(rows.map(({ subject }) => subject))).toEqual(new Set(drawn.map(([subject]) => subject)));
    const texts = rows.flatMap(({ expressions }) => expressions.map(([expression]) => expression));
    const expected = drawn.flatMap(([, named, slot]) => [`=a|${slot}`, `${named}|${slot}`]);
    expect(new Set(texts)).toEqual(new Set(expected));
  });

  it('can be left in the middle of reading', async () => {
    const store = await storeWithBlocks(await target());
    await store.writeExpressions(BLOCKS);
    for await (const { kind } of store.expressionStatistics(OPTIONS)) {
      expect(kind).toBe('own');
      break;
    }
    expect(await collect(store.expressionStatistics(OPTIONS))).toHaveLength(2);
  });
}

describe.skipIf(!hasChdb)('access expressions in a folder', () => {
  defineExpressionTests(() => ({ path: temporaryFolder() }));
});

describe.skipIf(!hasChdb)('access expressions on a server', () => {
  defineExpressionTests(async () => {
    const server = await startClickHouseServer({ path: temporaryFolder() });
    onTestFinished(() => server.close());
    return { url: server.url };
  });
});

async function databaseWithBlocks(): Promise<Database> {
  const database = await openTestDatabase({ path: temporaryFolder() });
  await migrate(database);
  await ingest(
    database,
    [3, 4, 7].map((number) => recordOf(number, [{}, {}])),
  );
  return database;
}

/** Rows, whether they count or not. */
async function countExpressionRows(database: Database): Promise<readonly number[]> {
  const sql =
    'SELECT (SELECT count() FROM call_expressions) AS calls, (SELECT count() FROM expression_blocks) AS blocks';
  const rows = await database.select({ sql }, (row) => [Number(row['calls']), Number(row['blocks'])]);
  return rows.flat();
}

function failingAt(database: Database, point: number): Database {
  let inserts = 0;
  return {
    target: database.target,
    exclusive: database.exclusive,
    cluster: null,
    select: (query, decode) => database.select(query, decode),
    stream: (query, decode) => database.stream(query, decode),
    command: (sql) => database.command(sql),
    insert: async (table, columns, lines) => {
      if (inserts === point) throw new Error(`planted before the insert into ${table}`);
      inserts += 1;
      await database.insert(table, columns, lines);
    },
    close: () => database.close(),
  };
}

describe.skipIf(!hasChdb)('writing access expressions', () => {
  it.each([
    [0, 'call_expressions'],
    [1, 'expression_blocks'],
  ])('that fails before insert %i, into %s, shows nothing and can be repeated', async (point, table) => {
    const database = await databaseWithBlocks();
    await expect(writeExpressions(failingAt(database, point), BLOCKS)).rejects.toThrow(`into ${table}`);
    expect(await countExpressionRows(database)).toEqual([point === 0 ? 0 : 3, 0]);
    expect(await collect(readExpressionStatistics(database, OPTIONS))).toEqual([]);
    expect(await writeExpressions(database, BLOCKS)).toMatchObject({ added: 2 });
    expectClose(await collect(readExpressionStatistics(database, OPTIONS)), STATISTICS);
  });

  it('stores nothing twice', async () => {
    const database = await databaseWithBlocks();
    const twice = [...BLOCKS, ...BLOCKS];
    expect(await writeExpressions(database, twice)).toEqual({ blocks: 4, added: 2, alreadyPresent: 2, calls: 3 });
    expect(await writeExpressions(database, BLOCKS)).toEqual({ blocks: 2, added: 0, alreadyPresent: 2, calls: 0 });
    expect(await countExpressionRows(database)).toEqual([3, 2]);
    expectClose(await collect(readExpressionStatistics(database, OPTIONS)), STATISTICS);
  });

  it('goes with its block, and comes anew with the one that takes its place', async () => {
    const database = await databaseWithBlocks();
    await writeExpressions(database, BLOCKS);
    await ingest(database, [recordOf(7, [{}], { hash: hash(0x77) })]);
    expect(await countExpressionRows(database)).toEqual([2, 1]);
    const kinds = async (): Promise<unknown> =>
      (await collect(readExpressionStatistics(database, OPTIONS))).map(({ kind, block }) => [kind, block]);
    expect(await kinds()).toEqual([
      ['own', 3],
      ['contract', 3],
    ]);
    await writeExpressions(database, [{ ...blockOf(7, [{ subjects: [OWN], uses: [] }]), hash: hash(0x77) }]);
    expect(await kinds()).toEqual([
      ['own', 7],
      ['contract', 3],
    ]);
  });

  it('is not seen where the block was replaced and the deletion of its rows failed', async () => {
    const database = await databaseWithBlocks();
    await writeExpressions(database, BLOCKS);
    const unableToDelete = { ...failingAt(database, Infinity), command: () => Promise.reject(new Error('planted')) };
    const replacement = recordOf(7, [{}], { hash: hash(0x77) });
    await expect(ingest(unableToDelete, [replacement])).rejects.toThrow('planted');
    expect(await countExpressionRows(database)).toEqual([3, 2]);
    const blocks = (await collect(readExpressionStatistics(database, OPTIONS))).map(({ block }) => block);
    expect(blocks).toEqual([3, 3]);
    await reclaim(database, 'a later process');
    expect(await countExpressionRows(database)).toEqual([2, 1]);
  });

  it('refuses a block that the store does not hold, and writes nothing of its batch', async () => {
    const database = await databaseWithBlocks();
    const elsewhere = { ...blockOf(4, []), hash: hash(0x44) };
    for (const block of [blockOf(5, []), elsewhere, { ...blockOf(3, []), chainId: 9 }]) {
      const writing = writeExpressions(database, [...(block.chainId === 1 ? BLOCKS : []), block]);
      await expect(writing).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining(`block ${block.number} of chain ${block.chainId}`) as string,
      });
    }
    expect(await countExpressionRows(database)).toEqual([0, 0]);
  });

  it('marks blocks without calls too', async () => {
    const database = await databaseWithBlocks();
    expect(await writeExpressions(database, [blockOf(4, [])])).toMatchObject({ added: 1, calls: 0 });
    expect(await writeExpressions(database, [blockOf(4, [])])).toMatchObject({ added: 0, alreadyPresent: 1 });
  });
});

describe.skipIf(!hasChdb)('statistics of access expressions', () => {
  it('weigh against the last block of each subject, however long ago that was', async () => {
    const database = await databaseWithBlocks();
    const far = 20_000_000;
    await ingest(database, [recordOf(far)]);
    await writeExpressions(database, [...BLOCKS, blockOf(far, [{ subjects: [CONTRACT], uses: [use(0xd, 'c 0')] }])]);
    const rows = await collect(readExpressionStatistics(database, { ...OPTIONS, until: far }));
    expectClose(rows.slice(0, 1), STATISTICS.slice(0, 1));
    const [latest, ...older] = rows[1]?.expressions ?? [];
    expect(rows[1]).toMatchObject({ calls: 1, block: far });
    expect(latest).toEqual(['=d|c 0', 1, 0]);
    expect(older).toHaveLength(5);
    for (const [, reads, writes] of older) expect([reads, writes]).toEqual([0, 0]);
  });

  it.each([
    [{ halfLifeBlocks: 0 }, /halfLifeBlocks must be a number above 0/],
    [{ halfLifeBlocks: Number.NaN }, /halfLifeBlocks/],
    [{ halfLifeBlocks: Infinity }, /halfLifeBlocks/],
    [{ maxExpressions: 0.5 }, /maxExpressions must be a whole number from 1, got 0.5/],
    [{ until: -1 }, /must be a whole number/],
  ])('refuse %j', async (wrong, message) => {
    const database = await databaseWithBlocks();
    const reading = collect(readExpressionStatistics(database, { ...OPTIONS, ...wrong }));
    await expect(reading).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(message) as string,
    });
  });
});
