import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { tracerJson } from '../datasets/read-fixtures.js';
import { hasSharedData, sharedData } from '../shared-data.js';
import { soundBlock, writeBlocks } from './blocks-on-disk.js';
import { runCli, temporaryFolder } from './run-cli.js';

const Check = z.boolean().nullable();
const Document = z.strictObject({
  schema: z.literal('lanecast.replay/1'),
  environment: z.strictObject({ node: z.string(), cpu: z.string(), cores: z.int(), tfBackend: z.null() }),
  blocks: z.array(
    z.strictObject({
      origin: z.string(),
      chainId: z.int(),
      number: z.int(),
      transactions: z.int(),
      gasUsed: z.int(),
      execution: z.enum(['evm', 'recorded', 'simulated']),
      engine: z.enum(['wasm', 'reference']).nullable(),
      fallback: z.string().nullable(),
      header: z.strictObject({ gasUsed: Check, receiptsRoot: Check, logsBloom: Check }),
      cost: z.enum(['time', 'gas', 'gas-less-intrinsic']),
      sequentialNs: z.number().nonnegative(),
      sequentialVerified: z.boolean(),
      loadNs: z.strictObject({ state: z.number().positive(), transactions: z.number().positive() }).nullable(),
      heapBytes: z.int().positive().nullable(),
      criticalPathBound: z.number().nullable(),
      conflictPairs: z.int(),
      dependentTransactions: z.int(),
      arrivalNs: z.number().nonnegative(),
      idleNs: z.number().nonnegative(),
      reorder: z.null(),
      shards: z.null(),
      runs: z.array(
        z.strictObject({
          policy: z.string(),
          mode: z.enum(['sequential', 'optimistic', 'planned']).nullable(),
          workers: z.int(),
          joined: z.int(),
          simulated: z.boolean(),
          verified: z.boolean(),
          wallNs: z.number(),
          predictNs: z.number(),
          planNs: z.number(),
          cpuNs: z.number(),
          executions: z.int(),
          aborts: z.int(),
          suspensions: z.int(),
          validations: z.int(),
          inOrderFrom: z.int().nullable(),
          speedup: z.number(),
        }),
      ),
    }),
  ),
  summary: z.array(
    z.strictObject({
      policy: z.string(),
      workers: z.int(),
      simulated: z.boolean(),
      blocks: z.int(),
      verified: z.int(),
      transactionsPerSecond: z.number().nullable(),
      gasPerSecond: z.number().nullable(),
      speedup: z.strictObject({ min: z.number(), p50: z.number(), max: z.number(), total: z.number() }),
      executionsPerTransaction: z.number(),
      predictNsPerTransaction: z.number(),
      planNsPerTransaction: z.number(),
      processors: z.number(),
      wastedProcessorShare: z.number(),
      oracleGainShare: z.number().nullable(),
      oracleGainShareOfRuns: z.number().nullable(),
      simulationError: z
        .strictObject({
          ...{ blocks: z.int(), medianShare: z.number(), worstShare: z.number(), medianSignedShare: z.number() },
        })
        .nullable(),
    }),
  ),
  criticalPathBound: z.strictObject({ min: z.number(), mean: z.number(), max: z.number() }).nullable(),
  leftOut: z.array(z.strictObject({ code: z.string(), message: z.string() })),
  learnedUpTo: z.int().nullable(),
  picture: z.null(),
  predictedConflicts: z.null(),
  forecast: z.null(),
});

function parse(stdout: string): z.infer<typeof Document> {
  return Document.parse(JSON.parse(stdout));
}

describe('lanecast replay', () => {
  it('executes, verifies and simulates, and prints exactly one JSON document', async () => {
    const folder = writeBlocks(temporaryFolder(), await soundBlock(7), await soundBlock(8));
    const args = ['--json', '--no-store', '--repeats', '1', '--workers', '2'];
    const { exitCode, stdout, stderr } = await runCli('replay', folder, ...args);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const { blocks, summary, leftOut } = parse(stdout);
    expect(blocks.map(({ number }) => number)).toEqual([7, 8]);
    expect(blocks[0]).toMatchObject({
      execution: 'evm',
      engine: 'wasm',
      sequentialVerified: true,
      header: { gasUsed: true, receiptsRoot: true, logsBloom: true },
      cost: 'time',
      transactions: 4,
      conflictPairs: 1,
      dependentTransactions: 1,
    });
    expect(summary.map(({ policy, workers, simulated }) => [policy, workers, simulated])).toEqual([
      ['sequential', 1, false],
      ...['optimistic', 'adaptive', 'oracle'].flatMap((policy) => [
        [policy, expect.any(Number), false],
        ...[2, 4, 8, 16, 32].map((workers) => [policy, workers, true]),
      ]),
    ]);
    expect(summary.every((row) => row.verified === row.blocks)).toBe(true);
    expect(leftOut).toEqual([]);
  });

  it('prints tables and one summary sentence for people, what is simulated apart', async () => {
    const folder = writeBlocks(temporaryFolder(), await soundBlock(7));
    const args = ['--no-store', '--repeats', '1', '--simulate-workers', '4', '--workers', '2'];
    const { stdout } = await runCli('replay', folder, ...args);
    expect(stdout).toMatch(/^block +execution +checked/);
    expect(stdout).toMatch(/7 +wasm +gas receipts bloom +4 /);
    const [, real, simulated] = stdout.split('\n\n');
    expect(real).toMatch(
      /^On threads of this machine \(executed transactions\):[^]*\nsequential +1 [^]*\noptimistic +2 [^]*\noracle +2 .* 1\/1\nThe adaptive policy ran blocks [^]*\.$/,
    );
    expect(simulated).toMatch(/^Simulated \(error: .*\):\npolicy[^]*\noptimistic +4 [^]*\noracle +4 .* 1\/1$/);
    expect(stdout).toMatch(
      /\n4 transactions in 1 block, every block verified; on 2 threads: optimistic .*; on 4 simulated workers: .*\.\n$/,
    );
    expect(stdout).not.toMatch(/NOT VERIFIED|left out/);
  });

  it('runs optimistic on real workers that verify, on generated blocks', async () => {
    const size = ['--blocks', '2', '--transactions', '60', '--seed', '5'];
    const args = ['--policy', 'optimistic', '--workers', '2', '--repeats', '2', '--simulate-workers', '2'];
    const { exitCode, stdout } = await runCli('replay', 'generated:hotspot', ...size, ...args, '--no-store', '--json');
    expect(exitCode).toBe(0);
    const { blocks } = parse(stdout);
    expect(blocks).toHaveLength(2);
    for (const { runs, ...block } of blocks) {
      expect(block).toMatchObject({ execution: 'evm', engine: 'wasm', fallback: null, sequentialVerified: true });
      expect(block.loadNs).not.toBeNull();
      expect(block.heapBytes).toBeGreaterThan(0);
      expect(runs.map(({ simulated, workers, verified }) => [simulated, workers, verified])).toEqual([
        [false, 2, true],
        [true, 2, true],
      ]);
      expect(runs.every(({ executions }) => executions >= block.transactions)).toBe(true);
    }
  });

  it('runs optimistic straight through on one thread', async () => {
    const folder = writeBlocks(temporaryFolder(), await soundBlock(7));
    const args = ['--no-store', '--repeats', '1', '--workers', '1', '--json'];
    const { blocks } = parse((await runCli('replay', folder, ...args)).stdout);
    const real = blocks[0]?.runs.filter(({ simulated }) => !simulated);
    expect(real).toMatchObject([
      { policy: 'sequential', workers: 1, verified: true, executions: 4 },
      { policy: 'optimistic', workers: 1, verified: true, executions: 4, aborts: 0, validations: 0 },
      { policy: 'adaptive', workers: 1, verified: true, mode: 'sequential' },
      { policy: 'oracle', workers: 1, verified: true },
    ]);
  });

  it('simulates with gas as time where it is told to, scaled to the measured time', async () => {
    const folder = writeBlocks(temporaryFolder(), await soundBlock(7));
    const { stdout } = await runCli('replay', folder, '--no-store', '--repeats', '1', '--cost', 'gas', '--json');
    const { blocks, summary } = parse(stdout);
    for (const { cost, sequentialNs, runs } of blocks) {
      expect(cost).toBe('gas');
      for (const { wallNs, predictNs, planNs, speedup } of runs) {
        expect(speedup).toBeCloseTo(sequentialNs / (wallNs + predictNs + planNs), 9);
      }
    }
    // One block: its speed-up is the total.
    expect(summary.find(({ policy }) => policy === 'sequential')?.speedup.total).toBe(1);
    expect(summary.every(({ speedup }) => Math.abs(speedup.total - speedup.p50) < 1e-9)).toBe(true);
  });

  it('executes on the reference, and simulates all else, where it is told to', async () => {
    const folder = writeBlocks(temporaryFolder(), await soundBlock(7));
    const args = ['--no-store', '--repeats', '1', '--engine', 'reference', '--simulate-workers', '2'];
    const { exitCode, stdout } = await runCli('replay', folder, ...args, '--json');
    expect(exitCode).toBe(0);
    const { blocks, summary } = parse(stdout);
    expect(blocks).toMatchObject([{ execution: 'evm', engine: 'reference', fallback: null, loadNs: null }]);
    expect(summary.map(({ policy, simulated }) => [policy, simulated])).toEqual([
      ['sequential', false],
      ['optimistic', true],
      ['adaptive', true],
      ['oracle', true],
    ]);
  });

  it('executes on the WASM engine, and names the blocks that are none for it', async () => {
    const old = await soundBlock(7, {}, 'istanbul');
    const folder = writeBlocks(temporaryFolder(), old, await soundBlock(8));
    const args = ['replay', folder, '--no-store', '--repeats', '1', '--workers', '2'];
    const { exitCode, stdout } = await runCli(...args, '--json');
    expect(exitCode).toBe(0);
    const { blocks } = parse(stdout);
    expect(blocks.map(({ engine }) => engine)).toEqual(['reference', 'wasm']);
    expect(blocks.map(({ fallback }) => fallback)).toEqual([expect.stringMatching(/starts with Berlin/), null]);
    expect(blocks.every(({ runs }) => runs.every(({ verified }) => verified))).toBe(true);
    expect(blocks.map(({ runs }) => runs.filter(({ simulated }) => !simulated).length)).toEqual([1, 4]);
    expect((await runCli(...args)).stdout).toMatch(/executed on the reference instead: 1 of 2 blocks/);
  });

  it('says which block does not match its header, and exits with 1', async () => {
    const block = await soundBlock(7);
    const wrong = { ...block, header: { ...block.header, gasUsed: block.header.gasUsed + 1 } };
    const folder = writeBlocks(temporaryFolder(), wrong);
    const { exitCode, stdout } = await runCli('replay', folder, '--no-store', '--repeats', '1');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/WRONG gas/);
    expect(stdout).toMatch(/NOT VERIFIED: block 7 .*7\.json/);
  });

  it('runs recorded transactions on real workers, and only simulates them with the reference', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, '100.json'), JSON.stringify(tracerJson()));
    const args = ['replay', folder, '--no-store', '--repeats', '2', '--workers', '2', '--simulate-workers', '2'];
    const { exitCode, stdout } = await runCli(...args, '--json');
    expect(exitCode).toBe(0);
    const { blocks, summary } = parse(stdout);
    expect(blocks).toMatchObject([{ execution: 'recorded', engine: 'wasm', sequentialVerified: true, loadNs: null }]);
    expect(summary).toMatchObject([
      { policy: 'sequential', workers: 1, simulated: false, verified: 1, transactionsPerSecond: null },
      { policy: 'optimistic', workers: 2, simulated: false, verified: 1, transactionsPerSecond: null },
      { policy: 'optimistic', workers: 2, simulated: true, verified: 1 },
      { policy: 'adaptive', simulated: false, verified: 1 },
      { policy: 'adaptive', workers: 2, simulated: true, verified: 1 },
      { policy: 'oracle', workers: 2, simulated: false, verified: 1 },
      { policy: 'oracle', workers: 2, simulated: true, verified: 1 },
    ]);
    expect((await runCli(...args)).stdout).toMatch(/On threads of this machine \(recorded transactions\):/);
    const onReference = await runCli('replay', folder, '--no-store', '--engine', 'reference', '--json');
    const simulated = parse(onReference.stdout);
    expect(simulated.blocks).toMatchObject([{ execution: 'simulated', engine: null, heapBytes: null }]);
    expect(simulated.summary.every((row) => row.simulated)).toBe(true);
  });

  it('ends its threads, also where it stops half way', async () => {
    const terminate = vi.spyOn(Worker.prototype, 'terminate');
    onTestFinished(() => terminate.mockRestore());
    const folder = writeBlocks(temporaryFolder(), await soundBlock(7));
    writeFileSync(join(folder, '8.json'), '{"chainId": 1');
    const { exitCode } = await runCli('replay', folder, '--no-store', '--repeats', '1', '--workers', '3');
    expect(exitCode).toBe(2);
    // The main thread is the third.
    expect(terminate).toHaveBeenCalledTimes(2);
  });

  it('stops at the first unsound block with exit code 2', async () => {
    const folder = writeBlocks(temporaryFolder(), await soundBlock(7));
    writeFileSync(join(folder, '8.json'), '{"chainId": 1');
    const { exitCode, stderr } = await runCli('replay', folder, '--no-store', '--repeats', '1');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/lanecast: .*8\.json/);
  });

  it('goes on with --keep-going, says what was left out, and exits with 2', async () => {
    const impossible = await soundBlock(9);
    const [first, ...others] = impossible.transactions;
    if (first === undefined) throw new Error('expected transactions');
    const transactions = [{ ...first, nonce: 5 }, ...others];
    const folder = writeBlocks(temporaryFolder(), await soundBlock(7), { ...impossible, transactions });
    writeFileSync(join(folder, '8.json'), '{"chainId": 1');
    const args = ['replay', folder, '--no-store', '--repeats', '1', '--keep-going'];
    const { exitCode, stdout } = await runCli(...args, '--json');
    expect(exitCode).toBe(2);
    const { blocks, leftOut } = parse(stdout);
    expect(blocks.map(({ number }) => number)).toEqual([7]);
    expect(leftOut.map(({ code }) => code)).toEqual(['INVALID_INPUT', 'EXECUTION_FAILED']);
    expect((await runCli(...args)).stdout).toMatch(/left out: .*8\.json.*\nleft out: .*9\.json.*nonce/);
  });

  it.each([
    [['--policy', 'best'], /"best" is none of/],
    [['--workers', '4', '--engine', 'reference'], /reference executes blocks on 1 worker/],
    [['--workers', '0'], /auto or a whole number from 1 to 14/],
    [['--workers', '15'], /auto or a whole number from 1 to 14/],
    [['--workers', 'many'], /auto or a whole number from 1 to 14/],
    [['--workers', '1.5'], /auto or a whole number from 1 to 14/],
    [['--engine', 'rust'], /"rust" is none of/],
    [['--report', 'no-such-folder/x.html'], /cannot be written: .*no-such-folder/],
    [['--report', '.'], /it is a folder/],
    [['--report-block', '7'], /--report-block is for --report only/],
    [['--simulate-workers', '0'], /at least 1/],
    [['--frobnicate'], /unknown option/],
    [['http://127.0.0.1:2'], /The node at http:\/\/127\.0\.0\.1:2: connect ECONNREFUSED/],
    [['no-such-folder'], /no-such-folder/],
    [['generated:nonsense'], /nonsense/],
    [['store:x'], /store:CHAIN_ID/],
    [['somewhere', '--seed', '2'], /--seed is for generated sources/],
  ])('refuses %j with exit code 2', async (args, message) => {
    const { exitCode, stdout, stderr } = await runCli('replay', ...args, '--no-store');
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it.skipIf(!hasSharedData)(
    'finds the critical paths of the 24 consecutive mainnet blocks, and runs them',
    async () => {
      const args = ['--json', '--no-store', '--repeats', '1', '--workers', '2', '--simulate-workers', '8'];
      const { exitCode, stdout } = await runCli('replay', sharedData('mainnet-traces'), ...args);
      expect(exitCode).toBe(0);
      const { blocks, criticalPathBound } = parse(stdout);
      expect(blocks.length).toBe(24);
      for (const { execution, engine, cost, runs } of blocks) {
        expect({ execution, engine, cost }).toEqual({
          execution: 'recorded',
          engine: 'wasm',
          cost: 'gas-less-intrinsic',
        });
        expect(runs.map(({ policy, simulated, verified }) => [policy, simulated, verified])).toEqual([
          ['sequential', false, true],
          ['optimistic', false, true],
          ['optimistic', true, true],
          ['adaptive', false, true],
          ['adaptive', true, true],
          ['oracle', false, true],
          ['oracle', true, true],
        ]);
      }
      expect(criticalPathBound?.mean).toBeCloseTo(5.188276, 5);
      expect(criticalPathBound?.min).toBeCloseTo(1.468104, 5);
      expect(criticalPathBound?.max).toBeCloseTo(11.506627, 5);
    },
  );
});
