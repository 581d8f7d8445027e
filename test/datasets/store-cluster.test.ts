import { describe, expect, it } from 'vitest';
import { connect, type Database } from '../../datasets/store/client.js';
import { createTable, deleteRows, type Table } from '../../datasets/store/ddl.js';
import { CALL_EXPRESSIONS, EXPRESSION_BLOCKS } from '../../datasets/store/expression-schema.js';
import { migrate, SCHEMA_HISTORY, schemaHistory } from '../../datasets/store/migrate.js';
import { discard } from '../../datasets/store/reclaim.js';
import { BLOCKS, CHILD_TABLES, INGESTS, MIGRATIONS } from '../../datasets/store/schema.js';
import { BLOCK_SERIES } from '../../datasets/store/series-schema.js';
import { startClickHouseServer } from '../helpers/clickhouse-http.js';
import { hasChdb, openTestDatabase, temporaryFolder } from './store-suite.js';

const CLUSTER = 'history-2';

function statementsOn(cluster: string | null): string[] {
  const steps = schemaHistory(cluster).flatMap(({ statements }) => statements);
  return [...createTable(MIGRATIONS, cluster), ...steps, deleteRows(BLOCKS, "write_id IN (toUInt128('5'))", cluster)];
}

/** A database that takes down commands; `engine` is that of a table of migrations that is there already. */
function notebook(
  cluster: string | null,
  engine?: string,
): { readonly database: Database; readonly commands: string[] } {
  const commands: string[] = [];
  const select: Database['select'] = ({ sql }, decode) => {
    const rows = sql.includes('system.tables') ? (engine === undefined ? [] : [{ engine }]) : [{ version: 0 }];
    return Promise.resolve(rows.map(decode));
  };
  const database: Database = {
    target: 'servers',
    exclusive: false,
    cluster,
    select,
    stream: () => {
      throw new Error('expected no stream');
    },
    command: (sql) => Promise.resolve(void commands.push(sql)),
    insert: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  return { database, commands };
}

describe('the schema on a cluster', () => {
  it.skipIf(!hasChdb)("is understood by ClickHouse's own parser, as it stands", async () => {
    const database = await openTestDatabase({ path: temporaryFolder() });
    const parse = async (statement: string): Promise<string> => {
      const sql = 'SELECT formatQuerySingleLine({statement:String}) AS text';
      const [text = ''] = await database.select({ sql, params: { statement } }, (row) => String(row['text']));
      return text;
    };
    for (const statement of statementsOn(CLUSTER)) {
      const formatted = await parse(statement);
      expect(formatted).toContain('ON CLUSTER `history-2`');
    }
    await expect(parse('CREATE TABLE t (a UInt8) ON CLUSTER')).rejects.toThrow(/SYNTAX_ERROR/);
  });

  it('has a replicated local table under each distributed one', () => {
    const [local, distributed, ...others] = createTable(BLOCKS, CLUSTER);
    expect(local).toMatch(/^CREATE TABLE IF NOT EXISTS blocks_local ON CLUSTER 'history-2' \(chain_id UInt64/);
    expect(local).toContain(
      "ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/{database}/{table}', '{replica}', ingest_id) PARTITION BY",
    );
    expect(distributed).toBe(
      "CREATE TABLE IF NOT EXISTS blocks ON CLUSTER 'history-2' AS blocks_local ENGINE = Distributed('history-2', " +
        "currentDatabase(), 'blocks_local', cityHash64(chain_id, intDiv(number, 1000)))",
    );
    expect(others).toEqual([]);
    expect(createTable(INGESTS, CLUSTER)[1]).toMatch(/'ingests_local', 0\)$/);
  });

  it('keeps all rows of a block on one shard', () => {
    const byNumber: Table<never>[] = [BLOCKS, BLOCK_SERIES];
    for (const { shardBy } of byNumber) expect(shardBy).toBe('cityHash64(chain_id, intDiv(number, 1000))');
    for (const { shardBy } of [...CHILD_TABLES, CALL_EXPRESSIONS, EXPRESSION_BLOCKS]) {
      expect(shardBy).toBe('cityHash64(chain_id, intDiv(block_number, 1000))');
    }
  });

  it('is not there without a cluster', () => {
    expect(statementsOn(null).filter((sql) => /ON CLUSTER|Replicated|Distributed|_local/.test(sql))).toEqual([]);
    expect(SCHEMA_HISTORY).toEqual(schemaHistory(null));
  });
});

describe('a store on a cluster', () => {
  it('makes and changes tables on all servers, and deletes from the local ones', async () => {
    const { database, commands } = notebook(CLUSTER);
    await migrate(database);
    await discard(database, 1, [{ number: 7, ingestId: 5n }]);
    expect(commands.every((sql) => sql.includes("ON CLUSTER 'history-2'"))).toBe(true);
    const deletions = commands.filter((sql) => sql.includes('DELETE'));
    expect(deletions.length).toBe(CHILD_TABLES.length + 2);
    for (const sql of deletions)
      expect(sql).toMatch(/^ALTER TABLE \w+_local ON CLUSTER .* SETTINGS mutations_sync = 2$/);
  });

  it.each([
    [CLUSTER, 'ReplacingMergeTree', /was made without CLICKHOUSE_CLUSTER/],
    [null, 'Distributed', /is spread over a cluster\. Name it in CLICKHOUSE_CLUSTER/],
  ])('refuses tables of the other layout (%s on %s)', async (cluster, engine, message) => {
    const { database, commands } = notebook(cluster, engine);
    await expect(migrate(database)).rejects.toThrow(message);
    expect(commands).toEqual([]);
  });

  it.each(['', "a' b", '1st', 'x'.repeat(101), 'a`b'])('refuses the name %j', async (cluster) => {
    const url = 'http://127.0.0.1:9';
    await expect(connect({ url, cluster })).rejects.toThrow(/CLICKHOUSE_CLUSTER: expected letters/);
  });

  it('needs a server', async () => {
    await expect(connect({ path: temporaryFolder(), cluster: CLUSTER })).rejects.toThrow(/name one in CLICKHOUSE_URL/);
  });

  it.skipIf(!hasChdb)('asks every server to wait for shards and replicas', async () => {
    const server = await startClickHouseServer({ path: temporaryFolder() });
    try {
      const database = await connect({ url: server.url, cluster: CLUSTER }).catch(() => null);
      await database?.close();
      const sent = server.requests.at(-1);
      expect(sent?.get('distributed_foreground_insert')).toBe('1');
      expect(sent?.get('insert_quorum')).toBe('auto');
      expect(sent?.get('distributed_product_mode')).toBe('local');
    } finally {
      await server.close();
    }
  });
});
