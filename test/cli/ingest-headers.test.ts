import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ingestHeaders, type HeadersIngest } from '../../cli/ingest/ingest-headers.js';
import { ingestNode } from '../../cli/ingest/ingest-node.js';
import { openNode, type NodeSourceFlags } from '../../cli/node-source.js';
import type { BlockSeries } from '../../datasets/series/series.js';
import type { Store } from '../../datasets/store/index.js';
import { hasChdb, openTestStore, temporaryFolder } from '../datasets/store-suite.js';
import { startStubNode, type Fault, type StubBlock, type StubNode } from '../helpers/stub-node.js';
import { CHAIN_ID, hashOf, syntheticChain } from '../helpers/synthetic-chain.js';
import { virtualClock, type VirtualClock } from '../helpers/virtual-clock.js';
import { runCli } from './run-cli.js';

const POLL_MS = 7;

/** Each with a base fee, and blob gas from the tenth on. */
function withFees(blocks: readonly StubBlock[]): StubBlock[] {
  return blocks.map((stub) => {
    const number = Number(stub.block.number);
    const blob = number < 10 ? {} : { excessBlobGas: '0x20000', blobGasUsed: '0x0' };
    const baseFeePerGas = `0x${(1_000 + number + (stub.block.hash === hashOf(number) ? 0 : 500)).toString(16)}`;
    return { ...stub, block: { ...stub.block, ...blob, baseFeePerGas } };
  });
}

const chain = withFees(syntheticChain({ from: 0, to: 60 }));
const fork = withFees(syntheticChain({ from: 51, to: 60, fork: 1, parentHash: hashOf(50) }));

interface Ingesting {
  readonly flags?: NodeSourceFlags;
  readonly pollMs?: number;
  readonly stopping?: AbortController;
  readonly clock?: VirtualClock;
}

async function ingest(
  stub: StubNode,
  store: Store,
  options: Ingesting = {},
): Promise<HeadersIngest & { notices: string }> {
  const { flags = {}, pollMs, stopping = new AbortController(), clock = virtualClock() } = options;
  const source = openNode(stub.url, flags, { clock, random: () => 0.5 });
  const notices = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const progress = { update: () => undefined, stop: () => undefined };
    const follow = pollMs === undefined ? null : { pollMs };
    const rest = { flags, follow, leftOut: null, progress, signal: stopping.signal };
    const result = await ingestHeaders(source, store, rest);
    return { ...result, notices: notices.mock.calls.map(([text]) => String(text)).join('') };
  } finally {
    notices.mockRestore();
    source.close();
  }
}

/** Numbers and base fees, which differ between forks. */
async function feesOf(store: Store): Promise<[number, number][]> {
  const { number, baseFeePerGasWei }: BlockSeries = await store.series({ chainId: CHAIN_ID });
  return Array.from(number, (value, index) => [value, baseFeePerGasWei[index] ?? NaN]);
}

function feesIn(blocks: readonly StubBlock[]): [number, number][] {
  return blocks.map(({ block }) => [Number(block.number), Number(block['baseFeePerGas'])]);
}

function asked(stub: StubNode): number[] {
  return stub.calls('eth_getBlockByNumber').map(({ params }) => Number(params[0]));
}

describe.skipIf(!hasChdb)('headers of a node in the store', () => {
  const openStore = (): Promise<Store> => openTestStore({ path: join(temporaryFolder(), 'store') });

  it('are a series, in full batches, and ask for nothing but headers', async () => {
    const stub = await startStubNode(chain);
    const store = await openStore();
    const result = await ingest(stub, store, { flags: { from: 0 } });
    expect(result).toMatchObject({ blocks: 61, added: 61, alreadyPresent: 0, replaced: 0 });
    const methods = new Set(stub.requests.flat().map(({ method }) => method));
    expect(methods).toEqual(new Set(['eth_chainId', 'eth_blockNumber', 'eth_getBlockByNumber']));
    expect(stub.requests.length).toBeLessThan(8);
    const series = await store.series({ chainId: CHAIN_ID });
    expect(await feesOf(store)).toEqual(feesIn(chain));
    expect([series.timestampSeconds[3], series.gasLimit[3], series.gasUsed[3]]).toEqual([
      1_700_000_036, 30_000_000, 42_000,
    ]);
    expect([series.transactionCount[3], series.excessBlobGas?.[3], series.excessBlobGas?.[10]]).toEqual([
      2,
      NaN,
      131_072,
    ]);
  });

  it('go on with what is missing, after an end in any request, and are never there twice', async () => {
    for (let end = 1; end < 8; end += 1) {
      const stub = await startStubNode(chain);
      const store = await openStore();
      const stopping = new AbortController();
      stub.onRequest = (_calls, index) => {
        if (index === end) stopping.abort();
        return undefined;
      };
      const flags = { from: 0, to: 60, batchSize: 10, concurrency: 2 };
      const first = await ingest(stub, store, { flags, stopping }).catch(() => ({ added: 0 }));
      stub.onRequest = () => undefined;
      const rest = await ingest(stub, store, { flags });
      expect(first.added + rest.added).toBe(61);
      expect(rest).toMatchObject({ blocks: 61, replaced: 0 });
      expect(await feesOf(store)).toEqual(feesIn(chain));
      await store.close();
    }
  });

  it('of which some are there are not asked for again', async () => {
    const stub = await startStubNode(chain);
    const store = await openStore();
    await ingest(stub, store, { flags: { from: 0, to: 20 } });
    await ingest(stub, store, { flags: { from: 24, to: 40 } });
    const before = asked(stub).length;
    // The hole is small: the next run begins with the block before it.
    expect(await ingest(stub, store)).toMatchObject({ added: 23, node: { fromBlock: 20, toBlock: 60 } });
    const again = asked(stub).slice(before);
    expect(again.filter((number) => ![20, 40, 60].includes(number)).sort((a, b) => a - b)).toEqual([
      21,
      22,
      23,
      ...Array.from({ length: 19 }, (_, index) => 41 + index),
    ]);
    expect(await feesOf(store)).toEqual(feesIn(chain));
  });

  it('come through every kind of failure', async () => {
    const stub = await startStubNode(chain);
    const clock = virtualClock();
    const date = new Date(clock.nowMs() + 5_000).toUTCString();
    const faults: Fault[] = [
      { status: 503 },
      { status: 429 },
      { status: 429, headers: { 'retry-after': '3' } },
      { status: 429, headers: { 'retry-after': date } },
      { hang: clock.expire },
      { cutAt: 40 },
      { disconnect: 'within' },
    ];
    stub.onRequest = (_calls, index) => (index % 2 === 1 ? faults[(index >> 1) % faults.length] : undefined);
    stub.onBody = (json) => (Array.isArray(json) ? (json as unknown[]).toReversed() : json);
    const store = await openStore();
    const result = await ingest(stub, store, { flags: { from: 0, batchSize: 7 }, clock });
    expect(result).toMatchObject({ added: 61, replaced: 0 });
    expect(await feesOf(store)).toEqual(feesIn(chain));
  });

  it('come from a node that takes no batches, or answers a part of them', async () => {
    for (const onBody of [
      (json: unknown) =>
        Array.isArray(json)
          ? { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'batches are not allowed' } }
          : json,
      (json: unknown) => (Array.isArray(json) ? (json as unknown[]).slice(1) : json),
    ]) {
      const stub = await startStubNode(chain);
      stub.onBody = onBody;
      const store = await openStore();
      expect(await ingest(stub, store, { flags: { from: 40 } })).toMatchObject({ added: 21, replaced: 0 });
      await store.close();
    }
  });

  it('are read again where the chain was reorganised, between runs and while it is followed', async () => {
    const stub = await startStubNode(chain.slice(0, 56));
    const store = await openStore();
    await ingest(stub, store, { flags: { from: 40 } });
    const stopping = new AbortController();
    const steps = [
      () => stub.setChain(fork.slice(0, 6)),
      () => stub.setChain(chain.slice(51, 58)),
      () => stub.setChain(fork),
    ];
    const clock = virtualClock();
    const following: VirtualClock = {
      ...clock,
      sleep: async (durationMs, signal) => {
        await clock.sleep(durationMs, signal);
        if (durationMs !== POLL_MS) return;
        const step = steps.shift();
        if (step === undefined) stopping.abort();
        else step();
      },
    };
    const result = await ingest(stub, store, { pollMs: POLL_MS, stopping, clock: following });
    expect(result.node.reorganisations.map(({ firstBlock, lastBlock }) => [firstBlock, lastBlock])).toEqual([
      [51, 55],
      [51, 56],
      [51, 57],
    ]);
    expect(await feesOf(store)).toEqual(feesIn([...chain.slice(40, 51), ...fork]));
  });

  it('leave blocks with accesses alone, and say where those are old', async () => {
    const stub = await startStubNode(chain.slice(0, 56));
    const store = await openStore();
    const source = openNode(stub.url, { from: 50 }, { clock: virtualClock(), random: () => 0.5 });
    const progress = { update: () => undefined, stop: () => undefined };
    const { signal } = new AbortController();
    await ingestNode(source, store, { flags: { from: 50 }, follow: null, leftOut: null, progress, signal });
    expect(await ingest(stub, store, { flags: { from: 50 } })).toMatchObject({
      blocks: 6,
      alreadyPresent: 6,
      added: 0,
    });
    stub.setChain(fork);
    const { notices } = await ingest(stub, store);
    expect(notices).toMatch(/blocks 51 to 55 the store holds 5 with accesses that are not the node's any more/);
  });

  it('keep the conflicts that a series of the same blocks has', async () => {
    const stub = await startStubNode(chain);
    const store = await openStore();
    await ingest(stub, store, { flags: { from: 50 } });
    const { origin, ...series } = await store.series({ chainId: CHAIN_ID });
    const conflictDensity = new Float64Array(series.length).fill(0.25);
    await store.writeSeries({ origin, ...series, conflictDensity }, { chainId: CHAIN_ID });
    expect(await ingest(stub, store, { flags: { from: 50 } })).toMatchObject({ blocks: 11, replaced: 11 });
    expect((await store.series({ chainId: CHAIN_ID })).conflictDensity).toEqual(conflictDensity);
    await store.writeSeries({ origin, ...series, conflictDensity }, { chainId: CHAIN_ID });
    expect(await ingest(stub, store, { flags: { from: 50 } })).toMatchObject({ blocks: 11, alreadyPresent: 11 });
  });

  it('end with what is no header, by its field', async () => {
    const stub = await startStubNode(chain);
    const store = await openStore();
    stub.onCall = ({ method, params }) =>
      method === 'eth_getBlockByNumber' && Number(params[0]) === 55
        ? { result: { ...chain[55]?.block, gasLimit: '0x0' } }
        : undefined;
    await expect(ingest(stub, store, { flags: { from: 50 } })).rejects.toThrow(
      /block 55, field gasLimit: expected a number above 0/,
    );
    expect(await feesOf(store)).toEqual(feesIn(chain.slice(50, 55)));
  });

  it('are what --headers-only collects, for nodes alone', async () => {
    const stub = await startStubNode(chain);
    const path = join(temporaryFolder(), 'store');
    const { exitCode, stdout } = await runCli('ingest', stub.url, '--headers-only', '--blocks', '20', '--store', path);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/headers of 20 blocks read \(chain 31337\), 20 written/);
    const refused = await runCli('ingest', 'blocks.json', '--headers-only', '--store', path);
    expect(refused.stderr).toMatch(/--headers-only is for JSON-RPC nodes only/);
  });
});
