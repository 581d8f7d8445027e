import { describe, expect, it } from 'vitest';
import type { ChainLink } from '../../../datasets/json-rpc/node.js';
import { readRange, type RangeOptions, type Reorganisation } from '../../../datasets/json-rpc/range.js';
import { startStubNode, type Fault, type StubBlock, type StubNode } from '../../helpers/stub-node.js';
import { hashOf, syntheticChain } from '../../helpers/synthetic-chain.js';
import { errorOf, nodeOf, requireOk } from './nodes.js';

const chain = syntheticChain({ from: 0, to: 40 });
const fork = syntheticChain({ from: 25, to: 40, fork: 1, parentHash: hashOf(24) });

function linkOf({ block }: StubBlock): ChainLink {
  const { hash, parentHash } = block as unknown as ChainLink;
  return { number: Number(block.number), hash, parentHash };
}

/** What a store would hold: the last block of a number counts. */
class Shelf {
  readonly links = new Map<number, ChainLink>();
  /** Numbers in the order in which they came. */
  readonly added: number[] = [];
  readonly reorganisations: Reorganisation[] = [];
  heldBlocks = 0;

  constructor(blocks: readonly StubBlock[] = []) {
    for (const block of blocks) this.links.set(Number(block.block.number), linkOf(block));
  }

  readonly held = (from: number, to: number): Promise<ChainLink[]> =>
    Promise.resolve([...this.links.values()].filter(({ number }) => number >= from && number <= to));

  async fill(stub: StubNode, options: Partial<RangeOptions> & Pick<RangeOptions, 'from' | 'to'>): Promise<void> {
    const { node, clock, random } = nodeOf(stub);
    const range = readRange(node, {
      ...{ concurrency: 4, clock, random, held: this.held },
      onHeld: (numbers) => (this.heldBlocks += numbers.length),
      onReorganisation: (reorganisation) => this.reorganisations.push(reorganisation),
      ...options,
    });
    for await (const outcome of range) {
      const { number, hash, parentHash } = requireOk(outcome).header;
      this.added.push(number);
      this.links.set(number, { number, hash, parentHash });
    }
  }

  /** Hashes by number, ascending. */
  hashes(): string[] {
    return [...this.links].sort(([a], [b]) => a - b).map(([, { hash }]) => hash);
  }
}

function between(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

const mainHashes = chain.map(({ block }) => block.hash);
const forkedHashes = [...chain.slice(0, 25), ...fork].map(({ block }) => block.hash);

describe('a range of blocks', () => {
  it.each([1, 3, 16])('comes in order, %i at a time, each block once', async (concurrency) => {
    const stub = await startStubNode(chain);
    const shelf = new Shelf();
    await shelf.fill(stub, { from: 0, to: 40, concurrency });
    expect(shelf.added).toEqual(between(0, 40));
    expect(stub.calls('debug_traceBlockByHash')).toHaveLength(82);
  });

  it('asks for bodies and receipts of several blocks in one request', async () => {
    const stub = await startStubNode(chain);
    await new Shelf().fill(stub, { from: 0, to: 40, concurrency: 8 });
    const bodies = stub.requests.filter((calls) => calls.some(({ params }) => params[1] === true));
    expect(bodies.length).toBeLessThan(41);
  });

  const faults: [string, Fault][] = [
    ['HTTP 503', { status: 503 }],
    ['HTTP 429 with Retry-After', { status: 429, headers: { 'retry-after': '2' } }],
    ['JSON that was cut', { cutAt: 30 }],
    ['lost connections', { disconnect: 'within' }],
  ];
  it.each(faults)('loses nothing and gives nothing twice through %s', async (_name, fault) => {
    const stub = await startStubNode(chain);
    stub.onRequest = (_calls, index) => (index % 3 === 1 ? fault : undefined);
    const shelf = new Shelf();
    await shelf.fill(stub, { from: 0, to: 40 });
    expect(shelf.added).toEqual(between(0, 40));
    expect(shelf.hashes()).toEqual(mainHashes);
  });
});

describe('blocks that are kept', () => {
  it('are not read again, and cost one header where they link', async () => {
    const stub = await startStubNode(chain);
    const shelf = new Shelf(chain);
    await shelf.fill(stub, { from: 5, to: 30 });
    expect(shelf.added).toEqual([]);
    expect(shelf.heldBlocks).toBe(26);
    expect(stub.requests).toEqual([[{ method: 'eth_getBlockByNumber', params: ['0x1e', false] }]]);
  });

  it('leave gaps that are found and filled', async () => {
    const stub = await startStubNode(chain);
    const shelf = new Shelf(chain.filter((_, number) => ![3, 10, 11, 12, 30].includes(number)));
    await shelf.fill(stub, { from: 0, to: 40 });
    expect(shelf.added).toEqual([3, 10, 11, 12, 30]);
    expect(shelf.hashes()).toEqual(mainHashes);
    expect(shelf.reorganisations).toEqual([]);
  });

  it('are read again where the chain was reorganised since, before the range, too', async () => {
    const stub = await startStubNode([...chain.slice(0, 25), ...fork]);
    const shelf = new Shelf(chain.slice(0, 36));
    await shelf.fill(stub, { from: 36, to: 40 });
    expect(shelf.added).toEqual(between(25, 40));
    expect(shelf.hashes()).toEqual(forkedHashes);
    expect(shelf.reorganisations).toEqual([{ firstBlock: 25, lastBlock: 35, blocks: 11 }]);
  });

  it('may be of two forks: only what is wrong is read again', async () => {
    const stub = await startStubNode(chain);
    const mixed = [...chain.slice(0, 27), ...fork.slice(2, 6), ...chain.slice(31)];
    const shelf = new Shelf(mixed);
    await shelf.fill(stub, { from: 0, to: 40 });
    expect(shelf.added).toEqual([27, 28, 29, 30]);
    expect(shelf.hashes()).toEqual(mainHashes);
  });

  it('beyond the end of the node stay', async () => {
    const stub = await startStubNode(chain.slice(0, 31));
    const shelf = new Shelf(chain);
    await shelf.fill(stub, { from: 30, to: 30 });
    expect(shelf.added).toEqual([]);
  });
});

describe('a reorganisation while a range is read', () => {
  /** The node changes to the other fork when block `at` is asked for with its transactions. */
  function reorganiseAt(stub: StubNode, at: number, blocks: readonly StubBlock[]): void {
    let done = false;
    stub.onCall = ({ method, params }) => {
      if (done || method !== 'eth_getBlockByNumber' || params[1] !== true || Number(params[0]) !== at) return undefined;
      done = true;
      stub.setChain(blocks);
      return undefined;
    };
  }

  it.each([1, 4, 16])('goes back to where blocks link, %i at a time', async (concurrency) => {
    const stub = await startStubNode(chain);
    reorganiseAt(stub, 32, fork);
    const shelf = new Shelf();
    await shelf.fill(stub, { from: 0, to: 40, concurrency });
    expect(shelf.hashes()).toEqual(forkedHashes);
    expect(shelf.added.slice(0, 25)).toEqual(between(0, 24));
    expect(new Set(shelf.added)).toEqual(new Set(between(0, 40)));
  });

  it('of the last block only is seen, too', async () => {
    const stub = await startStubNode(chain);
    const [last] = syntheticChain({ from: 40, to: 40, fork: 2, parentHash: hashOf(39) });
    let traced = 0;
    stub.onCall = ({ method, params }) => {
      if (method === 'debug_traceBlockByHash' && params[0] === hashOf(40) && last && (traced += 1) === 2)
        stub.setChain([last]);
      return undefined;
    };
    const shelf = new Shelf();
    await shelf.fill(stub, { from: 0, to: 40 });
    expect(shelf.hashes()).toEqual([...mainHashes.slice(0, 40), hashOf(40, 2)]);
    expect(shelf.reorganisations).toEqual([{ firstBlock: 40, lastBlock: 40, blocks: 1 }]);
  });

  it('and back again ends with the first fork', async () => {
    const stub = await startStubNode(chain);
    let asked = 0;
    stub.onCall = ({ method }) => {
      if (method === 'debug_traceBlockByHash') {
        asked += 1;
        if (asked === 60) stub.setChain(fork);
        if (asked === 70) stub.setChain(chain.slice(25));
      }
      return undefined;
    };
    const shelf = new Shelf();
    await shelf.fill(stub, { from: 0, to: 40 });
    expect(shelf.hashes()).toEqual(mainHashes);
  });

  it('is an error where nobody can take blocks back', async () => {
    const stub = await startStubNode(chain);
    reorganiseAt(stub, 32, fork);
    const reading = new Shelf().fill(stub, { from: 0, to: 40, held: undefined, onReorganisation: undefined });
    expect((await errorOf(reading)).message).toMatch(/block 25: was replaced by another block[^]*--confirmations/);
  });

  it('that never comes to one chain is given up', async () => {
    const stub = await startStubNode(chain);
    stub.onCall = ({ method, params }) => {
      if (method !== 'eth_getBlockByNumber' || params[1] !== true || Number(params[0]) !== 20) return undefined;
      return { result: { ...chain[20]?.block, parentHash: hashOf(7) } };
    };
    const reading = new Shelf().fill(stub, { from: 18, to: 22 });
    expect((await errorOf(reading)).message).toMatch(/blocks 18 to 22 that do not come to one chain/);
  });
});

describe('a range that ends early', () => {
  it('by a signal gives no block after it, and goes on where it ended', async () => {
    const stub = await startStubNode(chain);
    const stopping = new AbortController();
    const shelf = new Shelf();
    const traced = new Set<unknown>();
    stub.onCall = ({ method, params }) => {
      if (method === 'debug_traceBlockByHash' && traced.add(params[0]).size === 12) stopping.abort();
      return undefined;
    };
    await shelf.fill(stub, { from: 0, to: 40, signal: stopping.signal });
    const first = shelf.added.length;
    expect(first).toBeLessThan(13);
    stub.onCall = () => undefined;
    await shelf.fill(stub, { from: 0, to: 40 });
    expect(shelf.added).toEqual(between(0, 40));
    expect(shelf.heldBlocks).toBe(first);
  });

  it('by a block that is not to be had says which; later ones come all the same', async () => {
    const stub = await startStubNode(chain);
    stub.onCall = ({ method, params }) =>
      method === 'eth_getBlockByNumber' && Number(params[0]) === 20 ? { result: null } : undefined;
    const { node, clock, random } = nodeOf(stub);
    const outcomes: string[] = [];
    for await (const outcome of readRange(node, { from: 18, to: 22, concurrency: 2, clock, random })) {
      outcomes.push(outcome.ok ? `${outcome.block.header.number}` : outcome.error.message);
    }
    expect(outcomes).toEqual(['18', '19', `${stub.url}, block 20: the node does not have it`, '21', '22']);
  });

  it('by nothing but holes: blocks after a hole link to each other and to what is kept', async () => {
    const stub = await startStubNode([...chain.slice(0, 25), ...fork]);
    stub.onCall = ({ method, params }) =>
      method === 'eth_getBlockByNumber' && params[1] === true && Number(params[0]) === 23
        ? { result: null }
        : undefined;
    let changed = false;
    stub.onRequest = (calls) => {
      if (!changed && calls.some(({ params }) => params[0] === '0x1e')) {
        changed = true;
        stub.setChain(chain.slice(25));
      }
      return undefined;
    };
    const { node, clock, random } = nodeOf(stub);
    const [links, holes] = [new Map<number, string>(), [] as number[]];
    const options = { from: 20, to: 40, concurrency: 1, clock, random, onReorganisation: () => undefined };
    for await (const outcome of readRange(node, { ...options, onHole: (number) => holes.push(number) })) {
      if (outcome.ok) links.set(outcome.block.header.number, requireOk(outcome).header.hash);
    }
    expect(holes).toEqual([23]);
    expect([...links].sort(([a], [b]) => a - b)).toEqual(
      between(20, 40).flatMap((number) => (number === 23 ? [] : [[number, hashOf(number)]])),
    );
  });
});

describe('a plan that comes to nothing new', () => {
  /** Kept blocks that don't link, of which the node knows nothing: nothing is stale, nothing missing, nothing whole. */
  const apart = [...chain.slice(0, 35), ...syntheticChain({ from: 35, to: 40, fork: 3 })];

  it('waits before each repetition, and is given up', async () => {
    const stub = await startStubNode(chain.slice(0, 30));
    const { node, clock, random } = nodeOf(stub);
    const held = new Shelf(apart).held;
    const reading = readRange(node, { from: 31, to: 40, concurrency: 1, clock, random, held });
    expect((await errorOf(reading.next())).message).toMatch(/blocks 31 to 40 that do not come to one chain/);
    expect(clock.sleeps).toHaveLength(12);
    expect(Math.min(...clock.sleeps)).toBeGreaterThan(0);
  });

  it('is not taken for whole because of a hole elsewhere', async () => {
    const stub = await startStubNode(chain.slice(0, 30));
    const { node, clock, random } = nodeOf(stub);
    const held = new Shelf(apart.slice(31)).held;
    const reading = readRange(node, { from: 30, to: 40, concurrency: 1, clock, random, held });
    expect(await reading.next()).toMatchObject({ value: { ok: false } });
    expect((await errorOf(reading.next())).message).toMatch(/do not come to one chain/);
  });

  it('ends by a signal while it waits', async () => {
    const stub = await startStubNode(chain.slice(0, 30));
    const { node, clock, random } = nodeOf(stub);
    const stopping = new AbortController();
    let waits = 0;
    const sleep: typeof clock.sleep = (durationMs, signal) => {
      if ((waits += 1) === 3) stopping.abort();
      return clock.sleep(durationMs, signal);
    };
    const { signal } = stopping;
    const range = { from: 31, to: 40, concurrency: 1, random, held: new Shelf(apart).held, signal };
    expect(await readRange(node, { ...range, clock: { ...clock, sleep } }).next()).toEqual({
      done: true,
      value: undefined,
    });
    expect(waits).toBe(3);
  });
});
