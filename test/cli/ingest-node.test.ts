import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { ingestNode, type NodeIngest } from '../../cli/ingest/ingest-node.js';
import { openNode, type NodeSourceFlags } from '../../cli/node-source.js';
import type { LeftOut } from '../../cli/replay/document.js';
import { readBlocks } from '../../datasets/read.js';
import type { Store } from '../../datasets/store/index.js';
import type { BlockRecord } from '../../types.js';
import { collect, hasChdb, openTestStore, temporaryFolder } from '../datasets/store-suite.js';
import { recordOfStub } from '../datasets/json-rpc/nodes.js';
import { startStubNode, type Fault, type StubBlock, type StubNode } from '../helpers/stub-node.js';
import { CHAIN_ID, hashOf, syntheticChain } from '../helpers/synthetic-chain.js';
import { virtualClock, type VirtualClock } from '../helpers/virtual-clock.js';
import { hasSharedData, sharedData } from '../shared-data.js';

/** Shorter than any wait for a node that fails. */
const POLL_MS = 7;
/** Of those that are there: more take long. */
const REAL_BLOCKS = 8;

const chain = syntheticChain({ from: 0, to: 30 });
const fork = syntheticChain({ from: 21, to: 30, fork: 1, parentHash: hashOf(20) });

interface Ingesting {
  readonly flags?: NodeSourceFlags;
  readonly pollMs?: number;
  readonly stopping?: AbortController;
  readonly clock?: VirtualClock;
  /** With `--keep-going`. */
  readonly leftOut?: LeftOut[];
}

async function ingest(
  stub: StubNode,
  store: Store,
  options: Ingesting = {},
): Promise<NodeIngest & { notices: string }> {
  const { flags = {}, pollMs, stopping = new AbortController(), clock = virtualClock(), leftOut = null } = options;
  const source = openNode(stub.url, flags, { clock, random: () => 0.5 });
  const notices = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const progress = { update: () => undefined, stop: () => undefined };
    const follow = pollMs === undefined ? null : { pollMs };
    const result = await ingestNode(source, store, { flags, follow, leftOut, progress, signal: stopping.signal });
    return { ...result, notices: notices.mock.calls.map(([text]) => String(text)).join('') };
  } finally {
    notices.mockRestore();
    source.close();
  }
}

/** As a store gives them back: without logs, whatever their origin. */
function kept(records: readonly BlockRecord[]): BlockRecord[] {
  return records.map((record) => ({
    ...record,
    origin: '',
    transactions: record.transactions.map((outcome) => ({ ...outcome, logs: [] })),
    codeHashes: new Map([...record.codeHashes].sort()),
  }));
}

function read(blocks: readonly StubBlock[]): BlockRecord[] {
  return kept(blocks.map((block) => recordOfStub(block, '')));
}

async function held(store: Store): Promise<BlockRecord[]> {
  return kept(await collect(store.records()));
}

/** Every kind of failure, each now and then. */
function makeUnreliable(stub: StubNode, clock: VirtualClock): void {
  const faults: Fault[] = [
    { status: 503 },
    { status: 429, headers: { 'retry-after': '3' } },
    { hang: clock.expire },
    { cutAt: 40 },
    { disconnect: 'before' },
    { disconnect: 'within' },
  ];
  stub.onRequest = (_calls, index) => (index % 3 === 2 ? faults[Math.floor(index / 3) % faults.length] : undefined);
  let calls = 0;
  stub.onCall = ({ params }) => {
    calls += 1;
    if (calls % 17 === 0) return { error: { code: -32005, message: 'limit exceeded' } };
    return calls % 23 === 0 && params.length > 0 ? { result: null } : undefined;
  };
}

describe.skipIf(!hasChdb)('a range of a node in the store', () => {
  const openStore = (): Promise<Store> => openTestStore({ path: join(temporaryFolder(), 'store') });

  it('is the same as from files, through every kind of failure', async () => {
    const stub = await startStubNode(chain);
    const clock = virtualClock();
    const store = await openStore();
    makeUnreliable(stub, clock);
    const result = await ingest(stub, store, { flags: { from: 0, to: 30 }, clock });
    expect(result).toMatchObject({ blocks: 31, added: 31, alreadyPresent: 0, replaced: 0 });
    expect(result.node).toEqual({
      chainId: CHAIN_ID,
      fromBlock: 0,
      toBlock: 30,
      reorganisations: [],
      missing: [],
      interrupted: false,
    });
    expect(await held(store)).toEqual(read(chain));
  });

  it('goes on after an interruption, begins with the last block that is there, and fills gaps', async () => {
    const stub = await startStubNode(chain);
    const store = await openStore();
    const stopping = new AbortController();
    stub.onCall = ({ method }) => {
      if (method === 'debug_traceBlockByHash' && stub.calls(method).length > 20) stopping.abort();
      return undefined;
    };
    const interrupted = await ingest(stub, store, { flags: { from: 5, to: 20 }, stopping });
    expect(interrupted.node.interrupted).toBe(true);
    expect(interrupted.added).toBeLessThan(16);
    expect(await held(store)).toEqual(read(chain.slice(5, 5 + interrupted.added)));

    const rest = await ingest(stub, store, { flags: { from: 5, to: 20 } });
    expect(rest).toMatchObject({ blocks: 16, alreadyPresent: interrupted.added, added: 16 - interrupted.added });
    expect(await ingest(stub, store)).toMatchObject({
      blocks: 11,
      alreadyPresent: 1,
      node: { fromBlock: 20, toBlock: 30 },
    });
    expect(await ingest(stub, store, { flags: { blocks: 31 } })).toMatchObject({
      blocks: 31,
      added: 5,
      alreadyPresent: 26,
    });
    expect(await held(store)).toEqual(read(chain));
  });

  it('replaces what was reorganised since, and says so', async () => {
    const stub = await startStubNode(chain.slice(0, 26));
    const store = await openStore();
    await ingest(stub, store, { flags: { from: 10 } });
    stub.setChain(fork);
    const result = await ingest(stub, store);
    expect(result).toMatchObject({ added: 10, replaced: 5 });
    expect(result.node.reorganisations).toEqual([{ firstBlock: 21, lastBlock: 25, blocks: 5 }]);
    expect(result.notices).toMatch(/reorganised: 5 blocks from 21 to 25 are read again/);
    expect(await held(store)).toEqual(read([...chain.slice(10, 21), ...fork]));
  });

  it('replaces what is reorganised while it is read, part of it written already', async () => {
    const long = syntheticChain({ from: 0, to: 90 });
    const other = syntheticChain({ from: 60, to: 90, fork: 1, parentHash: hashOf(59) });
    const stub = await startStubNode(long);
    const store = await openStore();
    stub.onCall = ({ method }) => {
      if (method === 'debug_traceBlockByHash' && stub.calls(method).length === 160) stub.setChain(other);
      return undefined;
    };
    const result = await ingest(stub, store, { flags: { from: 0 } });
    expect(result.node.reorganisations).toHaveLength(1);
    expect(await held(store)).toEqual(read([...long.slice(0, 60), ...other]));
  });
});

describe.skipIf(!hasChdb)('a chain that is followed into the store', () => {
  const openStore = (): Promise<Store> => openTestStore({ path: join(temporaryFolder(), 'store') });

  /** Runs steps at the looks of the follower, each after what came before is in the store. */
  function atEachLook(steps: readonly (() => Promise<void> | void)[], stopping: AbortController): VirtualClock {
    const clock = virtualClock();
    const pending = [...steps];
    return {
      ...clock,
      sleep: async (durationMs, signal) => {
        await clock.sleep(durationMs, signal);
        if (durationMs !== POLL_MS) return;
        const step = pending.shift();
        if (step === undefined) stopping.abort();
        else await step();
      },
    };
  }

  it('is there block by block, through reorganisations and outages', async () => {
    const stub = await startStubNode(chain.slice(0, 21));
    const store = await openStore();
    const stopping = new AbortController();
    const counts: number[] = [];
    const count = async (): Promise<void> => void counts.push((await store.links({ chainId: CHAIN_ID })).length);
    let refusals = 0;
    const steps = [
      () => stub.setChain(chain.slice(21, 22)),
      () => stub.setChain(chain.slice(22, 25)),
      () => stub.setChain(fork.slice(0, 5)),
      () => {
        stub.onRequest = () => ((refusals += 1) <= 15 ? { status: 503 } : undefined);
        stub.setChain(fork.slice(5));
      },
    ];
    const counted = steps.map((step) => async () => {
      await count();
      step();
    });
    const clock = atEachLook([...counted, count], stopping);
    const result = await ingest(stub, store, { flags: { from: 15 }, pollMs: POLL_MS, stopping, clock });
    expect(counts.slice(0, 4)).toEqual([6, 7, 10, 11]);
    expect(result.node).toMatchObject({ fromBlock: 15, toBlock: 30, interrupted: true });
    expect(result.node.reorganisations).toEqual([{ firstBlock: 21, lastBlock: 24, blocks: 4 }]);
    expect(result).toMatchObject({ added: 20, replaced: 4 });
    expect(result.notices.match(/Trying again/g)).toHaveLength(1);
    expect(result.notices.match(/answers again/g)).toHaveLength(1);
    expect(await held(store)).toEqual(read([...chain.slice(15, 21), ...fork]));
  });

  it('goes on with the last block that is there, compared by its hash', async () => {
    const stub = await startStubNode(chain.slice(0, 26));
    const store = await openStore();
    await ingest(stub, store, { flags: { from: 20 } });
    stub.setChain(fork);
    const stopping = new AbortController();
    const result = await ingest(stub, store, { pollMs: POLL_MS, stopping, clock: atEachLook([], stopping) });
    expect(result).toMatchObject({ added: 10, replaced: 5 });
    expect(await held(store)).toEqual(read([...chain.slice(20, 21), ...fork]));
  });

  it('asks again for a block that was not to be had, less and less often, and fills the hole', async () => {
    const stub = await startStubNode(chain.slice(0, 21));
    const store = await openStore();
    const [stopping, leftOut] = [new AbortController(), [] as LeftOut[]];
    const lose = (): void => {
      stub.onCall = ({ method, params }) =>
        method === 'eth_getBlockByNumber' && Number(params[0]) === 18 ? { result: null } : undefined;
    };
    lose();
    const find = (): void => {
      stub.onCall = () => undefined;
    };
    const steps = [() => stub.setChain(chain.slice(21)), find, () => undefined, () => undefined, () => undefined];
    const clock = atEachLook(steps, stopping);
    const result = await ingest(stub, store, { flags: { from: 15 }, pollMs: POLL_MS, stopping, clock, leftOut });
    expect(result.notices.match(/block 18: [^\n]*left out for now/g)).toHaveLength(1);
    expect([result.node.missing, leftOut]).toEqual([[], []]);
    expect(await held(store)).toEqual(read(chain.slice(15)));
  });

  it('says which blocks are missing in the end, and the next run begins with them', async () => {
    const stub = await startStubNode(chain.slice(0, 21));
    const store = await openStore();
    stub.onCall = ({ method, params }) =>
      method === 'eth_getBlockByNumber' && Number(params[0]) === 18 ? { result: null } : undefined;
    const [stopping, leftOut] = [new AbortController(), [] as LeftOut[]];
    const clock = atEachLook(
      Array.from({ length: 140 }, () => () => undefined),
      stopping,
    );
    const result = await ingest(stub, store, { flags: { from: 15 }, pollMs: POLL_MS, stopping, clock, leftOut });
    expect(result.node.missing).toEqual([18]);
    expect(leftOut).toHaveLength(1);
    expect(
      stub.calls('eth_getBlockByNumber').filter(({ params }) => params[1] === true && params[0] === '0x12'),
    ).toHaveLength(8 * 5);
    stub.onCall = () => undefined;
    expect(await ingest(stub, store)).toMatchObject({ added: 1, node: { fromBlock: 17, toBlock: 20, missing: [] } });
    expect(await held(store)).toEqual(read(chain.slice(15, 21)));
  });

  it('begins with the last blocks where nothing is there, and stays behind by the confirmations', async () => {
    const stub = await startStubNode(chain);
    const store = await openStore();
    const stopping = new AbortController();
    const flags = { blocks: 3, confirmations: 4 };
    await ingest(stub, store, { flags, pollMs: POLL_MS, stopping, clock: atEachLook([], stopping) });
    expect(await held(store)).toEqual(read(chain.slice(24, 27)));
  });
});

describe.skipIf(!hasChdb || !hasSharedData)('mainnet blocks of a node', () => {
  it('come into the store as from files, through failures and a reorganisation', { timeout: 300_000 }, async () => {
    const folder = sharedData('mainnet-traces');
    const names = readdirSync(folder)
      .filter((name) => /^\d+\.json\.gz$/.test(name))
      .slice(0, REAL_BLOCKS);
    const blocks = names.map(
      (name) => JSON.parse(gunzipSync(readFileSync(join(folder, name))).toString()) as StubBlock,
    );
    const orphans = blocks.slice(-2).map((block, index): StubBlock => {
      const parentHash = index === 0 ? block.block['parentHash'] : hashOf(1, 7);
      return { ...block, block: { ...block.block, hash: hashOf(index + 1, 7), parentHash } };
    });
    const stub = await startStubNode([...blocks.slice(0, -2), ...orphans]);
    const clock = virtualClock();
    const store = await openTestStore({ path: join(temporaryFolder(), 'store') });
    makeUnreliable(stub, clock);
    const before = await ingest(stub, store, { flags: { from: 15_000_001, concurrency: 2 }, clock });
    stub.setChain(blocks.slice(-2));
    const after = await ingest(stub, store, { flags: { from: 15_000_001, concurrency: 2 }, clock });
    expect(before).toMatchObject({ added: REAL_BLOCKS, replaced: 0 });
    expect(after).toMatchObject({ added: 2, replaced: 2, alreadyPresent: REAL_BLOCKS - 2 });

    const files: BlockRecord[] = [];
    for (const name of names) {
      for await (const outcome of readBlocks(join(folder, name))) {
        if (outcome.ok && outcome.block.kind === 'record') files.push(outcome.block);
      }
    }
    const [ours, theirs] = [await held(store), kept(files)];
    expect(ours.map(({ header }) => header)).toEqual(theirs.map(({ header }) => header));
    expect(ours).toEqual(theirs);
  });
});
