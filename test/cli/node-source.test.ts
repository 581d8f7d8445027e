import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { hasChdb } from '../datasets/store-suite.js';
import { startStubNode } from '../helpers/stub-node.js';
import { syntheticChain } from '../helpers/synthetic-chain.js';
import { runCli, temporaryFolder } from './run-cli.js';

const chain = syntheticChain({ from: 0, to: 9 });
const withoutDebug = { error: { code: -32601, message: 'the method does not exist/is not available' } };

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a node as a source', () => {
  it('is replayed: its last blocks, by their recorded accesses', async () => {
    const stub = await startStubNode(chain);
    const args = ['--blocks', '2', '--policy', 'sequential', '--repeats', '1', '--no-store', '--json'];
    const { exitCode, stdout, stderr } = await runCli('replay', stub.url, ...args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      blocks: [
        { number: 8, transactions: 2, execution: 'recorded' },
        { number: 9, transactions: 2, execution: 'recorded' },
      ],
    });
  });

  it('is learned and judged', async () => {
    const stub = await startStubNode(chain);
    const args = ['--from', '2', '--to', '8', '--train-until', '6', '--baselines', 'none', '--json'];
    const { exitCode, stdout } = await runCli('evaluate', stub.url, ...args);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ trainingBlocks: 5, blocks: 2 });
  });

  it('is trained on without being read twice', async () => {
    const stub = await startStubNode(chain);
    const out = join(temporaryFolder(), 'model');
    const args = ['--from', '0', '--until', '4', '--out', out, '--no-store', '--no-judge', '--json'];
    const { exitCode, stdout } = await runCli('train', stub.url, ...args);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ createdFrom: { firstBlock: 0, lastBlock: 4 } });
    const traces = stub.calls('debug_traceBlockByHash').map(({ params }) => JSON.stringify(params));
    expect(new Set(traces).size).toBe(traces.length);
  });

  it('without debug methods exits with 2 and explains', async () => {
    const stub = await startStubNode(chain);
    stub.onCall = ({ method }) => (method.startsWith('debug_') ? withoutDebug : undefined);
    const { exitCode, stdout, stderr } = await runCli('replay', `${stub.url}/v3/0123456789abcdef`, '--no-store');
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/What a node needs[^]*lanecast ingest URL --headers-only/);
    expect(stderr).not.toMatch(/0123456789abcdef/);
  });

  it.each([
    [['--from', '3', '--blocks', '2'], /give --from or --blocks, not both/],
    [['--to', '99'], /--to 99: the latest block of http:\/\/127\.0\.0\.1:\d+ is 9/],
    [['--from', '8', '--to', '7'], /no block from 8 on: --to 7 comes before it/],
    [['--from', '8', '--confirmations', '2'], /no block from 8 on: the last block, 7, comes before it/],
    [['--to', '7', '--confirmations', '2'], /--confirmations is for the latest block/],
    [['--seed', '2'], /--seed is for generated sources only; "http:\/\/127\.0\.0\.1:\d+" is none/],
    [['--transactions', '2'], /--transactions is for generated sources only/],
    [['--to', 'soon'], /Expected a block number, or latest/],
    [['--concurrency', '0'], /Expected a whole number from 1/],
    [['--batch-size', 'x'], /Expected a whole number from 1/],
    [['--timeout-ms', '-1'], /Expected a whole number of at least 1/],
  ])('with %j is refused', async (args, message) => {
    const stub = await startStubNode(chain);
    const { exitCode, stdout, stderr } = await runCli('replay', stub.url, '--no-store', ...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it.each([
    [['replay', 'generated:payments-2', '--no-store', '--from', '1'], /--from is for JSON-RPC nodes only/],
    [['replay', 'blocks/', '--no-store', '--batch-size', '1'], /--batch-size is for JSON-RPC nodes only/],
    [['ingest', 'blocks/', '--follow'], /--follow is for JSON-RPC nodes only/],
    [['ingest', 'http://127.0.0.1:1', '--poll-ms', '5'], /--poll-ms is for --follow/],
    [['train', 'store:', '--out', 'model-not-there', '--to', '5'], /--to is for JSON-RPC nodes only/],
    [['replay', 'http://', '--no-store'], /The URL of the node is malformed/],
  ])('refuses flags that are of other sources: %j', async (args, message) => {
    const store = args.includes('--no-store') ? [] : ['--store', join(temporaryFolder(), 'store')];
    const { exitCode, stdout, stderr } = await runCli(...args, ...store);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

describe.skipIf(!hasChdb)('lanecast ingest from a node', () => {
  it('keeps a range, and reads nothing twice; credentials come from the environment', async () => {
    const stub = await startStubNode(chain);
    vi.stubEnv('LANECAST_RPC_AUTHORIZATION', 'Bearer aaa.bbb.ccc');
    const args = [stub.url, '--from', '2', '--store', join(temporaryFolder(), 'store'), '--json'];
    const first = await runCli('ingest', ...args);
    expect({ exitCode: first.exitCode, stderr: first.stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(JSON.parse(first.stdout)).toMatchObject({
      ...{ blocks: 8, added: 8, alreadyPresent: 0, transactions: 16 },
      node: { chainId: 31_337, fromBlock: 2, toBlock: 9, reorganisations: [], interrupted: false },
    });
    expect(stub.headers().authorization).toBe('Bearer aaa.bbb.ccc');
    const second = await runCli('ingest', ...args);
    expect(second.exitCode).toBe(0);
    expect(JSON.parse(second.stdout)).toMatchObject({ blocks: 8, added: 0, alreadyPresent: 8 });
    expect(stub.calls('debug_traceBlockByHash')).toHaveLength(16);
  });

  it('follows until a signal ends it, and then exits with 0', async () => {
    const stub = await startStubNode(chain.slice(0, 8));
    let looks = 0;
    stub.onCall = ({ method }) => {
      if (method !== 'eth_blockNumber') return undefined;
      looks += 1;
      if (looks === 2) stub.setChain(chain.slice(8));
      if (looks === 4) process.emit('SIGINT');
      return undefined;
    };
    const args = ['--from', '5', '--poll-ms', '1', '--store', join(temporaryFolder(), 'store'), '--json'];
    const { exitCode, stdout, stderr } = await runCli('ingest', '--follow', stub.url, ...args);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 0,
      stderr: `following chain 31337 at ${stub.url} from block 5 on; Ctrl-C ends it\n`,
    });
    expect(JSON.parse(stdout)).toMatchObject({
      blocks: 5,
      added: 5,
      node: { fromBlock: 5, toBlock: 9, interrupted: true },
    });
    expect(process.listenerCount('SIGINT')).toBe(0);
  });

  it('ends a range by a signal with 130, and keeps what came', async () => {
    const stub = await startStubNode(chain);
    stub.onCall = ({ method }) => {
      if (method === 'debug_traceBlockByHash' && stub.calls(method).length === 9) process.emit('SIGTERM');
      return undefined;
    };
    const args = ['--from', '0', '--concurrency', '1', '--store', join(temporaryFolder(), 'store')];
    const { exitCode, stdout } = await runCli('ingest', stub.url, ...args);
    expect(exitCode).toBe(130);
    expect(stdout).toMatch(/^4 blocks read, 4 written to .*; ended by a signal\.$/m);
  });

  it('--follow refuses an end', async () => {
    const stub = await startStubNode(chain);
    const args = ['--to', '3', '--store', join(temporaryFolder(), 'store')];
    const { exitCode, stderr } = await runCli('ingest', stub.url, '--follow', ...args);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: 'lanecast: --to ends a range; --follow has no end.\n',
    });
  });
});
