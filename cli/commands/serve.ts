import { Option, type Command } from 'commander';
import { availableParallelism } from 'node:os';
import type { Store } from '../../datasets/store/index.js';
import { LanecastError } from '../../errors.js';
import { keccak256 } from '../../executor/reference/index.js';
import { readArtifact } from '../../model/artifact/artifact.js';
import { readDashboard } from '../../server/dashboard.js';
import { startModelThread } from '../../server/engine/model-thread.js';
import { ModelPool } from '../../server/engine/model-pool.js';
import { wallMs } from '../../server/engine/clock.js';
import { createApp } from '../../server/http/app.js';
import { listen, type Listening } from '../../server/http/listen.js';
import { createLogger, LOG_LEVELS, type Logger, type LogLevel } from '../../server/logger.js';
import { createRecorderThread } from '../../server/observations/recorder.js';
import { Service } from '../../server/service.js';
import { autoOrIntegerTo, integerFrom, integerTo, oneOf } from '../arguments.js';
import { readVersion } from '../version.js';
import type { Outcome } from '../program.js';
import { openForecastSource, type GoneOnWith } from '../serve-forecast.js';
import { catchUp, keeperOn, loadService, type KeptService } from '../serve-state.js';
import { soundBlocks, SOURCE_HELP } from '../source.js';
import { addStoreOption } from '../store-option.js';
import { printNotice, startProgress } from '../terminal.js';
import { createTools, type Tools } from '../tools.js';

interface ServeOptions {
  readonly port: number;
  readonly host: string;
  readonly model?: string;
  readonly learn?: string;
  readonly forecast?: string;
  readonly workers: 'auto' | number;
  readonly threads: number;
  readonly token?: string;
  readonly rateLimit: number;
  readonly corsOrigin?: string;
  readonly logLevel: LogLevel;
  readonly store: string | false;
}

const DEFAULT_PORT = 8_545 + 1_000;
const MOST_PORT = 65_535;
const MOST_WORKERS = 64;
const DEFAULT_RATE = 500;
const MAX_BODY_BYTES = 8 * 2 ** 20;
const MAX_OBSERVATION_BYTES = 64 * 2 ** 20;
/** Of questions, for each model thread: what waits longer is better asked elsewhere. */
const WAITING_PER_THREAD = 32;

const EPILOGUE = `
Questions: POST /v1/conflicts and /v1/schedule take { "transactions": [ … ] }, as JSON-RPC objects or raw signed transactions, and
answer what they will touch, conflict on and cost, or how to execute them on several threads. POST /v1/observations teaches an
executed block. GET /v1/forecast answers the load of the next blocks: by the forecaster of --forecast, else by baselines (the base fee
by its rule, moving averages, ranges of past errors); every answer says by which. /docs describes everything, /metrics is for Prometheus, /healthz and /readyz for whoever runs it.
Without --model, statistics of the blocks that were observed speak alone, and every answer says so.
Writes (observations, reload) need the token where there is one; without one they are refused unless --host is a loopback address.
With --threads 2 or more one thread answers while another learns a block.
SIGTERM and SIGINT end it: new work gets 503, what was taken is finished, what was learned is kept in the store. SIGHUP loads the model
of --model again without a pause.
Exit code: 0 if everything that was taken was finished, 1 if not, 2 for bad arguments or input.`;

export function addServeCommand(program: Command, outcome: Outcome): void {
  const command = program
    .command('serve')
    .description(
      'Answers over HTTP what transactions will conflict on and how to schedule them, and learns executed blocks.',
    )
    .option('--port <number>', 'port to listen on, 0 for any that is free', portNumber, DEFAULT_PORT)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--model <folder>', 'a trained model')
    .option('--learn <source>', `learn blocks before listening: ${SOURCE_HELP}`)
    .option('--forecast <folder>', 'a forecaster of the load of the next blocks, as lanecast forecast --save wrote it')
    .option('--workers <count>', 'most threads to plan for: auto or a number', autoOrIntegerTo(MOST_WORKERS), 'auto')
    .option('--threads <count>', 'model threads of the service itself', integerTo(16), defaultThreads())
    .addOption(new Option('--token <text>', 'what writes must bring as a bearer token').env('LANECAST_TOKEN'))
    .option(
      '--rate-limit <count>',
      'requests a second from one address, 0 for any number',
      integerFrom(0),
      DEFAULT_RATE,
    )
    .option('--cors-origin <origin>', 'an origin whose pages may read answers (default: none)')
    .option('--log-level <level>', LOG_LEVELS.join(', '), oneOf(LOG_LEVELS), 'info')
    .addHelpText('after', EPILOGUE);
  addStoreOption(command)
    .option('--no-store', 'keep nothing')
    .action(async (options: ServeOptions) => {
      outcome.exitCode = await serve(options);
    });
}

function portNumber(text: string): number {
  const port = integerFrom(0)(text);
  if (port <= MOST_PORT) return port;
  throw new LanecastError('INVALID_ARGUMENT', `--port: expected at most ${MOST_PORT}, got ${port}.`);
}

function defaultThreads(): number {
  return Math.min(2, availableParallelism());
}

async function serve(options: ServeOptions): Promise<number> {
  if (options.token === '') throw new LanecastError('INVALID_ARGUMENT', '--token: expected a token, got an empty one.');
  const logger = createLogger(options.logLevel);
  const tools = createTools(options);
  try {
    const store = await tools.storeIfPossible();
    const service = await startService(options, { store, logger });
    try {
      if (store !== null) await learnWhatWasObserved(store, service);
      if (options.learn !== undefined) await learn(options.learn, service, tools);
      return await run(options, service, logger);
    } finally {
      await service.close();
    }
  } finally {
    await tools.close();
  }
}

interface Around {
  readonly store: Store | null;
  readonly logger: Logger;
}

async function startService(options: ServeOptions, { store, logger }: Around): Promise<Service> {
  const artifact = options.model ?? null;
  const kept = store === null ? null : await loadKept(store, artifact);
  const forecast = await openForecastSource(options.forecast ?? null, store === null ? null : goneOnWith(store, kept));
  const maxWorkers = options.workers === 'auto' ? Math.max(8, availableParallelism()) : options.workers;
  const pool = await ModelPool.open(
    {
      start: startModelThread,
      ...{ replicas: options.threads, maxWaiting: WAITING_PER_THREAD * options.threads, now: wallMs },
      onDeath: (reason) => logger.error({ reason }, 'a model thread died; another is started'),
    },
    { artifact, saved: kept?.saved ?? null, maxWorkers },
  );
  if (kept !== null) printNotice(`going on from what was learned up to block ${kept.saved.learned.lastBlock ?? 0}`);
  return new Service({
    ...{ pool, artifact, maxWorkers, forecast, known: kept?.known ?? [] },
    recorder: createRecorderThread(),
    keeper: store === null ? null : keeperOn(store),
    nowMs: () => Date.now(),
    onError: (what, error) => logger.error({ err: error }, what),
  });
}

async function loadKept(store: Store, artifact: string | null): Promise<KeptService | null> {
  const id = artifact === null ? null : (await readArtifact(artifact, { keccak256 })).manifest.id;
  return loadService(store, id);
}

function goneOnWith(store: Store, kept: KeptService | null): GoneOnWith | null {
  const { chainId = null, lastBlock = null } = kept?.saved.learned ?? {};
  return chainId === null || lastBlock === null ? null : { store, chainId, lastBlock };
}

async function learnWhatWasObserved(store: Store, service: Service): Promise<void> {
  const blocks = await catchUp(store, service.pool.facts.learned, async (block) => {
    const { status } = await service.observe({ block });
    return status !== 'alreadyKnown';
  });
  if (blocks > 0) printNotice(`learned ${blocks} blocks that the store holds after it`);
}

/** Blocks that are known already are passed over. */
async function learn(source: string, service: Service, tools: Tools): Promise<void> {
  const progress = startProgress('learning');
  let [blocks, known] = [0, 0];
  try {
    for await (const block of soundBlocks(source, {}, tools)) {
      const { status } = await service.observe({ block });
      if (status === 'alreadyKnown') known += 1;
      else blocks += 1;
      progress.update(blocks + known, null, `block ${block.header.number}`);
    }
  } finally {
    progress.stop();
  }
  printNotice(`learned ${blocks} blocks of ${source}${known === 0 ? '' : `; ${known} were known before`}`);
}

async function run(options: ServeOptions, service: Service, logger: Logger): Promise<number> {
  const app = createApp({
    ...{ service, logger, token: options.token ?? null, version: readVersion(), now: () => performance.now() },
    isLoopback: isLoopback(options.host),
    requestsPerSecond: options.rateLimit === 0 ? null : options.rateLimit,
    corsOrigin: options.corsOrigin ?? null,
    ...{ maxBodyBytes: MAX_BODY_BYTES, maxObservationBytes: MAX_OBSERVATION_BYTES, processMetrics: true },
    pages: readDashboard(),
  });
  const listening = await listen(app, options);
  printNotice(
    `listening on ${listening.url} (${service.model.kind} model ${service.model.version}); ${listening.url}/docs`,
  );
  if (service.model.notice !== null) printNotice(`notice: ${service.model.notice}`);
  const reload = (): void => {
    service.reload().then(
      ({ model }) => logger.info({ model: model.version }, 'the model was loaded again'),
      () => undefined,
    );
  };
  process.on('SIGHUP', reload);
  try {
    await untilSignal();
    return (await end(listening, service)) ? 0 : 1;
  } finally {
    process.off('SIGHUP', reload);
  }
}

async function end(listening: Listening, service: Service): Promise<boolean> {
  printNotice('ending: finishing what was taken');
  service.feed.close();
  const isFinished = await listening.close();
  printNotice(isFinished ? 'ended' : 'ended; some requests were cut off');
  return isFinished;
}

/** A second signal ends the process at once, as it does without a handler. */
function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off('SIGTERM', stop);
      process.off('SIGINT', stop);
      resolve();
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
