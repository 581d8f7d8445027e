import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadLearned, saveLearned } from '../../cli/replay/learned-state.js';
import { Learning } from '../../cli/replay/learning.js';
import { Calibrator } from '../../scheduler/calibrator.js';
import { UNCALIBRATED } from '../../scheduler/overheads.js';
import { Scheduling, type SchedulerStates } from '../../cli/replay/scheduling.js';
import { openStore, type LearnedState, type Store } from '../../datasets/store/index.js';
import { keccak256 } from '../../executor/reference/index.js';
import { encodeHints } from '../../model/hints/hints-file.js';
import { ModelHints } from '../../model/hints/model-hints.js';
import { ModelPredictor } from '../../model/predictor.js';
import { untrainedModel } from '../../model/untrained.js';
import { hash, recordOf } from '../datasets/store-records.js';
import { hasChdb, openTestStore } from '../datasets/store-suite.js';
import { soundBlock, writeBlocks } from './blocks-on-disk.js';
import { runCli, temporaryFolder, type CliResult } from './run-cli.js';

const FAST = ['--repeats', '1', '--simulate-workers', '2', '--policy', 'sequential,adaptive'];
/** What is kept does not depend on what executes; the engine is measured before each replay. */
const ON_REFERENCE = [...FAST, '--engine', 'reference'];
const ON_ENGINE = [...FAST, '--workers', '2'];
/** Enough calls to be worth hints. */
const TURNS = 12;

interface Workplace {
  readonly storePath: string;
  /** Replays sound blocks with these numbers. */
  readonly replay: (numbers: readonly number[], ...args: readonly string[]) => Promise<CliResult>;
  /** Lets a function use the store. */
  readonly withStore: <T>(use: (store: Store) => Promise<T>) => Promise<T>;
}

function workplace(options: readonly string[] = ON_REFERENCE): Workplace {
  const folder = temporaryFolder();
  const storePath = join(folder, 'store');
  return {
    storePath,
    replay: async (numbers, ...args) => {
      const blocks = await Promise.all(numbers.map((number) => soundBlock(number, {}, 'prague', TURNS)));
      const source = writeBlocks(join(folder, `blocks-${numbers.join('-')}`), ...blocks);
      return runCli('replay', source, ...options, '--store', storePath, ...args);
    },
    withStore: async (use) => {
      const store = await openStore({ path: storePath });
      try {
        return await use(store);
      } finally {
        await store.close();
      }
    },
  };
}

const goingOn = (block: number): string => `going on from what was learned up to block ${block}\n`;

describe.skipIf(!hasChdb)('replays of one chain', () => {
  it('go on from what the one before learned, and never from the future', async () => {
    const { replay } = workplace(ON_ENGINE);
    expect(await replay([7, 8])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await replay([9, 10])).toMatchObject({ exitCode: 0, stderr: goingOn(8) });
    // Of what is known by now, blocks 9 and 10 are no part.
    expect(await replay([9, 10])).toMatchObject({ exitCode: 0, stderr: goingOn(8) });
    expect(await replay([8])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await replay([10, 11], '--json')).toMatchObject({ exitCode: 0, stderr: goingOn(8) });
    expect(await replay([20])).toMatchObject({ stderr: goingOn(11) });
  });

  it('learn anew with --fresh, and keep nothing with --no-store', async () => {
    const { replay } = workplace();
    await replay([7]);
    expect(await replay([8], '--no-store')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await replay([9], '--fresh')).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await replay([10])).toMatchObject({ stderr: goingOn(9) });
  });

  it('go on within the store, too', async () => {
    const { replay, storePath, withStore } = workplace();
    await replay([7, 8], '--policy', 'sequential,optimistic');
    expect(await withStore((store) => store.readState(queryFor(99)))).toBeNull();
    expect((await runCli('replay', 'store:1', ...FAST, '--store', storePath)).stderr).toBe('');
    expect(await replay([9])).toMatchObject({ stderr: goingOn(8) });
  });

  it('keep what was learned before an error', async () => {
    const { replay, storePath } = workplace();
    const folder = writeBlocks(temporaryFolder(), await soundBlock(7, {}, 'prague', TURNS));
    writeFileSync(join(folder, '8.json'), '{"chainId": 1');
    expect((await runCli('replay', folder, ...ON_REFERENCE, '--store', storePath)).exitCode).toBe(2);
    expect(await replay([8])).toMatchObject({ exitCode: 0, stderr: goingOn(7) });
  });

  it('do not go on from a block that is not the parent', async () => {
    const { withStore, replay } = workplace();
    await replay([7]);
    await withStore(async (store) => {
      const learned = await store.readState(queryFor(8));
      if (learned === null) throw new Error('expected that something was learned');
      await store.writeState({ ...learned, lastHash: hash(0xbad) });
    });
    expect(await replay([8])).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('begin anew after a notice where what was learned cannot be read', async () => {
    const { withStore, replay } = workplace();
    await withStore((store) => store.writeState(stateOf(Buffer.from('nonsense'))));
    const { exitCode, stderr } = await replay([9]);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^notice: starting anew, .*chain 1 up to block 7.*\n$/);
  });
});

function queryFor(before: number): Parameters<Store['readState']>[0] {
  return { chainId: 1, name: 'replay/1', format: 2, before };
}

function stateOf(payload: Uint8Array): LearnedState {
  return { chainId: 1, name: 'replay/1', format: 2, lastBlock: 7, lastHash: hash(7), payload };
}

const HISTORY = { blocks: 3, ways: { 'sequential@1': { blocks: 3, factors: [1, 1, 1], residual: null } } } as const;
const STATES: SchedulerStates = {
  'real@2': { kinds: [['3/2/0/', HISTORY]], all: HISTORY },
  'simulated@8': { kinds: [], all: HISTORY },
};

function taughtHints(...numbers: readonly number[]): ModelHints {
  const hints = new ModelHints(new ModelPredictor(untrainedModel(keccak256)));
  for (const number of numbers) hints.learn(recordOf(number, [{}, {}]));
  return hints;
}

describe.skipIf(!hasChdb)('what was learned', () => {
  it('comes back with hints and schedulers', async () => {
    const store = await openTestStore({ path: temporaryFolder() });
    const hints = taughtHints(6, 7);
    await saveLearned(store, { chainId: 1, lastBlock: 7, lastHash: hash(7), hints, schedulers: STATES });
    const loaded = await loadLearned(store, { chainId: 1, before: 8, firstParentHash: hash(7) });
    if (loaded === null) throw new Error('expected that something was learned');
    expect(loaded).toMatchObject({ lastBlock: 7, schedulers: STATES });
    expect(Buffer.from(encodeHints(loaded.hints)).equals(encodeHints(hints))).toBe(true);
    expect(await loadLearned(store, { chainId: 1, before: 7, firstParentHash: hash(6) })).toBeNull();
    expect(await loadLearned(store, { chainId: 2, before: 8, firstParentHash: hash(7) })).toBeNull();
    expect(await loadLearned(store, { chainId: 1, before: 8, firstParentHash: hash(0xbad) })).toBeNull();
    expect(await loadLearned(store, { chainId: 1, before: 9, firstParentHash: hash(0xbad) })).not.toBeNull();
  });

  it('keeps what is known of machines that were not there', async () => {
    const store = await openTestStore({ path: temporaryFolder() });
    const known = { chainId: 1, lastBlock: 7, lastHash: hash(7), hints: taughtHints(7), schedulers: STATES };
    await saveLearned(store, known);
    const learning = await Learning.start({ store, first: recordOf(8), fresh: false });
    learning.note(recordOf(8));
    const later = { 'real@2': { kinds: [], all: HISTORY } };
    await learning.save(later);
    const loaded = await loadLearned(store, { chainId: 1, before: 9, firstParentHash: hash(8) });
    expect(loaded?.schedulers).toEqual({ ...STATES, ...later });
  });

  it('is known by its latest block, and not kept where blocks of several chains taught it', async () => {
    const store = await openTestStore({ path: temporaryFolder() });
    const lastAfter = async (...places: readonly (readonly [chainId: number, number: number])[]): Promise<unknown> => {
      const learning = await Learning.start({ store, first: null, fresh: false });
      for (const [chainId, number] of places) learning.note(recordOf(number, [], { chainId }));
      await learning.save({});
      return (await store.readState(queryFor(1_000)))?.lastBlock ?? null;
    };
    expect(await lastAfter()).toBeNull();
    expect(await lastAfter([1, 5], [2, 6])).toBeNull();
    expect(await lastAfter([1, 5], [1, 9], [1, 7])).toBe(9);
  });
});

describe('schedulers', () => {
  it('take over the state of their machine', () => {
    const machines = [
      { workers: 2, isReal: true },
      { workers: 2, isReal: false },
    ];
    const options = {
      policies: ['adaptive'] as const,
      machines,
      hints: taughtHints(),
      calibrator: new Calibrator(UNCALIBRATED),
    };
    const scheduling = new Scheduling(options);
    const before = scheduling.states();
    expect(Object.keys(before)).toEqual(['real@2', 'simulated@2']);
    scheduling.restore(STATES);
    expect(scheduling.states()).toMatchObject({ ...before, 'real@2': STATES['real@2'] });
  });
});
