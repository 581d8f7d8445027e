import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { isMainThread } from 'node:worker_threads';
import {
  ClickHouseLogLevel,
  createClient,
  type ClickHouseClient,
  type ClickHouseClientConfigOptions,
  type ClickHouseSettings,
  type ResultSet,
} from '@clickhouse/client';
import { LanecastError } from '../../errors.js';
import type { Cluster } from './ddl.js';

/** A row as the database sends it: integers of 64 bits and more are decimal text, binary columns hexadecimal text. */
export type StoredRow = Readonly<Record<string, unknown>>;

/** SQL with `{name:Type}` placeholders and their values. Integers beyond 2^53 go in as bigint. */
export interface Query {
  readonly sql: string;
  readonly params?: Readonly<Record<string, string | number | bigint | readonly (string | number | bigint)[]>>;
}

/** An open ClickHouse database, embedded or on a server: the same SQL for both. */
export interface Database {
  /** A folder or host for messages; never a password. */
  readonly target: string;
  /** True where no other process can use the database at the same time. */
  readonly exclusive: boolean;
  /** The cluster that tables are spread over; null without one. */
  readonly cluster: Cluster;
  select<T>(query: Query, decode: (row: StoredRow) => T): Promise<T[]>;
  /** The same row by row: from a server as they come, from the embedded engine out of its answer, which it holds whole. */
  stream<T>(query: Query, decode: (row: StoredRow) => T): AsyncIterable<T>;
  command(sql: string): Promise<void>;
  /** Appends rows, given as TabSeparated lines that end in a line feed, in one insert. */
  insert(table: string, columns: readonly string[], lines: Iterable<string>): Promise<void>;
  close(): Promise<void>;
}

/** What `import('chdb/connection')` gives. */
export interface ChdbModule {
  createChdbConnection(options: { readonly path: string }): NonNullable<ClickHouseClientConfigOptions['connection']>;
}

export interface ConnectOptions {
  /** Folder of the embedded database; made where it does not exist. */
  readonly path?: string | undefined;
  /** `http[s]://[user[:password]@]host[:port][/database]` of a server; takes the place of `path`. */
  readonly url?: string | undefined;
  /** Name of the cluster of that server which tables are spread over, as its configuration has it. */
  readonly cluster?: string | undefined;
  /** Loads the embedded engine; replaceable because it is an optional dependency. */
  readonly loadChdb?: (() => Promise<ChdbModule>) | undefined;
}

/**
 * Without quoting, gas, wei and nanoseconds above 2^53 would come back rounded; without precise parsing, a float may come
 * back one unit in the last place away from what went in; an asynchronous insert could be reordered after its commit.
 */
const SETTINGS: ClickHouseSettings = {
  output_format_json_quote_64bit_integers: 1,
  output_format_json_named_tuples_as_objects: 0,
  precise_float_parsing: 1,
  async_insert: 0,
};

/**
 * On a cluster: an insert is over when the rows are on the shard, on most of its replicas, so that the row which commits a
 * block never comes first; all reads go to the first replica that is there, whichever server is asked. A subquery of IN sees
 * the rows of its own shard, where those of the same blocks are. Without deduplication, since values that return to what they
 * were are no repeated insert.
 */
const CLUSTER_SETTINGS: ClickHouseSettings = {
  distributed_foreground_insert: 1,
  insert_quorum: 'auto',
  insert_deduplicate: 0,
  distributed_product_mode: 'local',
  load_balancing: 'in_order',
  prefer_localhost_replica: 0,
};

/** An aggregate or a mutation over a long history takes longer than the client's default of 30 s. */
const REQUEST_TIMEOUT_MS = 600_000;

/**
 * Opens a database. Errors: STORE_UNAVAILABLE (no embedded engine, server unreachable or refusing), STORE_BUSY (another
 * process has the folder), INVALID_ARGUMENT (malformed URL).
 */
export async function connect(options: ConnectOptions): Promise<Database> {
  const cluster = options.cluster === undefined ? null : checkedCluster(options.cluster, options.url);
  if (options.url !== undefined) return connectServer(options.url, cluster);
  if (options.path === undefined || options.path === '') {
    throw new LanecastError(
      'INVALID_ARGUMENT',
      'The store needs the path of a folder or the URL of a ClickHouse server.',
    );
  }
  return connectEmbedded(options.path, options.loadChdb ?? (() => import('chdb/connection')));
}

// ---------------------------------------------------------------------------------------------------------- embedded

async function connectEmbedded(path: string, loadChdb: () => Promise<ChdbModule>): Promise<Database> {
  if (!isMainThread) {
    throw new LanecastError('STORE_UNAVAILABLE', 'The embedded store works on the main thread only, not in a worker.');
  }
  const chdb = await loadEngine(loadChdb);
  const connection = openFolder(chdb, path);
  const client = createClient({ connection, clickhouse_settings: SETTINGS, log: { level: ClickHouseLogLevel.OFF } });
  return new ClientDatabase(client, { target: path, exclusive: true, cluster: null });
}

async function loadEngine(loadChdb: () => Promise<ChdbModule>): Promise<ChdbModule> {
  try {
    return await loadChdb();
  } catch (error) {
    throw new LanecastError(
      'STORE_UNAVAILABLE',
      'The embedded ClickHouse engine (npm package chdb, for Linux and macOS) is not installed or does not load: ' +
        `${firstLine(error)}. Install it with \`npm install chdb\`, or name a ClickHouse server in CLICKHOUSE_URL.`,
      { cause: error },
    );
  }
}

function openFolder(chdb: ChdbModule, path: string): ReturnType<ChdbModule['createChdbConnection']> {
  try {
    return chdb.createChdbConnection({ path });
  } catch (error) {
    throw describeOpenFailure(path, error);
  }
}

/** chdb tells a locked folder from a broken one on stderr only; the engine's status file names who holds the folder. */
function describeOpenFailure(path: string, error: unknown): LanecastError {
  if (firstLine(error).includes('one active data directory per process')) {
    const message = `The store in ${path} can't be opened: this process has a store in another folder open. Close it first.`;
    return new LanecastError('STORE_BUSY', message, { cause: error });
  }
  const holder = holderOf(path);
  if (holder !== null) {
    const message = `The store in ${path} is in use by another process (${holder}). Wait for it to end, or use another folder.`;
    return new LanecastError('STORE_BUSY', message, { cause: error });
  }
  const message = `The store in ${path} can't be opened: expected a folder that can be written to. ${firstLine(error)}.`;
  return new LanecastError('STORE_UNAVAILABLE', message, { cause: error });
}

function holderOf(path: string): string | null {
  const statusFile = join(path, 'status');
  if (!existsSync(statusFile)) return null;
  const pid = Number(/^PID: (\d+)/m.exec(readFileSync(statusFile, 'utf8'))?.[1] ?? 0);
  if (pid === 0) return 'of unknown number';
  return isAlive(pid) ? `number ${pid}` : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

// ---------------------------------------------------------------------------------------------------------- server

async function connectServer(address: string, cluster: Cluster): Promise<Database> {
  const url = parseUrl(address);
  const target = `${url.host}${url.pathname === '/' ? '' : url.pathname}`;
  const client = createServerClient(url, cluster);
  try {
    await (await client.query({ query: 'SELECT 1', format: 'JSONEachRow' })).json();
  } catch (error) {
    await client.close();
    throw new LanecastError('STORE_UNAVAILABLE', unavailableMessage(target, url, error));
  }
  return new ClientDatabase(client, { target, exclusive: false, cluster });
}

function checkedCluster(name: string, url: string | undefined): Cluster {
  if (url === undefined) {
    const message = `A cluster (CLICKHOUSE_CLUSTER: "${name.slice(0, 40)}") needs a ClickHouse server: name one in CLICKHOUSE_URL.`;
    throw new LanecastError('INVALID_ARGUMENT', message);
  }
  if (/^[A-Za-z_][A-Za-z0-9_.-]{0,99}$/.test(name)) return name;
  throw new LanecastError(
    'INVALID_ARGUMENT',
    `CLICKHOUSE_CLUSTER: expected letters, digits, "_", "-" and "." after a first letter, got "${name.slice(0, 40)}".`,
  );
}

/** Never repeats the URL, nor chains an error that does: it may hold a password. */
function parseUrl(address: string): URL {
  const expected = 'expected http[s]://[user[:password]@]host[:port][/database]';
  if (!URL.canParse(address))
    throw new LanecastError('INVALID_ARGUMENT', `The ClickHouse URL is malformed; ${expected}.`);
  const url = new URL(address);
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new LanecastError('INVALID_ARGUMENT', `The ClickHouse URL has the protocol ${url.protocol}; ${expected}.`);
}

function createServerClient(url: URL, cluster: Cluster): ClickHouseClient {
  const timeout = url.searchParams.has('request_timeout') ? {} : { request_timeout: REQUEST_TIMEOUT_MS };
  try {
    return createClient({
      url,
      application: 'lanecast',
      clickhouse_settings: cluster === null ? SETTINGS : { ...SETTINGS, ...CLUSTER_SETTINGS },
      log: { level: ClickHouseLogLevel.OFF },
      ...timeout,
    });
  } catch (error) {
    throw new LanecastError(
      'INVALID_ARGUMENT',
      `The ClickHouse URL for ${url.host} is not usable: ${firstLine(error)}.`,
    );
  }
}

function unavailableMessage(target: string, url: URL, error: unknown): string {
  const reason = isServerError(error) ? `it refuses (${error.type}, code ${error.code})` : networkReason(error);
  const text = `The ClickHouse server ${target} can't be used: ${reason}. Check CLICKHOUSE_URL and the server.`;
  return url.password === ''
    ? text
    : text.replaceAll(url.password, '***').replaceAll(decodeURIComponent(url.password), '***');
}

function networkReason(error: unknown): string {
  if (isNetworkError(error)) return `it can't be reached (${error.code})`;
  return `it does not answer as ClickHouse does (${firstLine(error)})`;
}

function isNetworkError(error: unknown): error is Error & { readonly code: string } {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  return /^E(?!RR_)[A-Z_]+$/.test(error.code);
}

// ---------------------------------------------------------------------------------------------------------- both

class ClientDatabase implements Database {
  readonly target: string;
  readonly exclusive: boolean;
  readonly cluster: Cluster;
  readonly #client: ClickHouseClient;

  constructor(client: ClickHouseClient, facts: Pick<Database, 'target' | 'exclusive' | 'cluster'>) {
    this.#client = client;
    this.target = facts.target;
    this.exclusive = facts.exclusive;
    this.cluster = facts.cluster;
  }

  select<T>(query: Query, decode: (row: StoredRow) => T): Promise<T[]> {
    return this.#run(async () => {
      const result = await this.#query(query);
      return (await result.json<StoredRow>()).map(decode);
    });
  }

  async *stream<T>(query: Query, decode: (row: StoredRow) => T): AsyncGenerator<T> {
    try {
      const result = await this.#query(query);
      for await (const rows of result.stream<StoredRow>()) for (const row of rows) yield decode(row.json());
    } catch (error) {
      throw this.#describe(error);
    }
  }

  #query({ sql, params }: Query): Promise<ResultSet<'JSONEachRow'>> {
    return this.#client.query({ query: sql, query_params: { ...params }, format: 'JSONEachRow' });
  }

  command(sql: string): Promise<void> {
    return this.#run(async () => {
      await this.#client.command({ query: sql });
    });
  }

  insert(table: string, columns: readonly string[], lines: Iterable<string>): Promise<void> {
    const [first, ...others] = columns;
    if (first === undefined) throw new RangeError(`insert into ${table}: expected at least one column`);
    return this.#run(async () => {
      const values = Readable.from(inChunks(lines), { objectMode: false });
      await this.#client.insert({ table, columns: [first, ...others], values, format: 'TabSeparated' });
    });
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #run<T>(action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      throw this.#describe(error);
    }
  }

  #describe(error: unknown): unknown {
    if (isServerError(error)) {
      const message = `ClickHouse (${this.target}) failed with ${error.type}, code ${error.code}: ${firstLine(error)}`;
      return new LanecastError('STORE_FAILED', message, { cause: error });
    }
    if (isNetworkError(error)) {
      const message = `The ClickHouse server ${this.target} can't be used: ${networkReason(error)}.`;
      return new LanecastError('STORE_UNAVAILABLE', message, { cause: error });
    }
    return error;
  }
}

/** A chunk per line would cost more than the insert itself. */
function* inChunks(lines: Iterable<string>): Generator<string> {
  let chunk: string[] = [];
  for (const line of lines) {
    if (chunk.push(line) < 1_000) continue;
    yield chunk.join('');
    chunk = [];
  }
  if (chunk.length > 0) yield chunk.join('');
}

/** Told by its shape: the embedded engine and the client each bring their own class of that error. */
function isServerError(error: unknown): error is Error & { readonly code: string; readonly type: string } {
  if (!(error instanceof Error) || !('code' in error) || !('type' in error)) return false;
  return typeof error.type === 'string' && typeof error.code === 'string' && /^\d+$/.test(error.code);
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return (message.split('\n', 1)[0] ?? '').trim().replace(/\.$/, '').slice(0, 300);
}
