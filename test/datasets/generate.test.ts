import { describe, expect, it } from 'vitest';
import { Calibration, generateBlocks, PROFILES } from '../../datasets/generate/index.js';
import { readBlock } from '../../datasets/read.js';
import { snapshotToJson } from '../../datasets/snapshot.js';
import { checkHeader, createReferenceExecutor, keccak256 } from '../../executor/reference/index.js';
import { createWasmExecutor } from '../../executor/wasm/index.js';
import { criticalPath } from '../../scheduler/critical-path.js';
import { createWorkload } from '../../scheduler/workload.js';
import type { BlockRecord, BlockResult, BlockSnapshot } from '../../types.js';

const reference = createReferenceExecutor();
/** Executes while blocks are made: in a fraction of the time of the reference, on which they are checked. */
const engine = createWasmExecutor();
/** Enough of each profile to meet all its kinds of transactions. */
const SMALL = 40;

type Execute = (snapshot: BlockSnapshot) => Promise<BlockResult>;

interface Wish {
  readonly profile: string;
  readonly blocks?: number;
  readonly transactions?: number;
  readonly seed?: number;
  readonly execute?: Execute;
}

const onEngine: Execute = (snapshot) => engine.execute(snapshot);

async function generate({
  profile,
  blocks = 1,
  transactions = SMALL,
  seed = 1,
  execute = onEngine,
}: Wish): Promise<BlockSnapshot[]> {
  const options = { profile, blocks, transactions, seed, execute, keccak256 };
  const list: BlockSnapshot[] = [];
  for await (const block of generateBlocks(options)) list.push(block);
  return list;
}

async function recordOne(profile: string): Promise<BlockRecord> {
  const [block] = await generate({ profile });
  if (block === undefined) throw new Error('expected a block');
  return (await reference.record(block, [])).record;
}

function textOf(blocks: readonly BlockSnapshot[]): string[] {
  return blocks.map((block) => JSON.stringify(snapshotToJson(block)));
}

describe('generated blocks', () => {
  it.each(PROFILES)('of $name execute to what their headers say, every transaction as meant', async ({ name }) => {
    const blocks = await generate({ profile: name, blocks: 2 });
    expect(blocks).toHaveLength(2);
    for (const block of blocks) {
      const result = await reference.execute(block);
      expect(checkHeader(block, result)).toEqual({ gasUsed: true, receiptsRoot: true, logsBloom: true });
      // Of mainnet some fail on purpose: swaps beyond their price limit.
      const failed = result.receipts.filter(({ succeeded }) => !succeeded).length;
      expect(failed).toBeLessThanOrEqual(name === 'mainnet' ? block.transactions.length / 4 : 0);
    }
    const [first, second] = blocks;
    expect(second?.header.parentHash).toBe(first?.header.hash);
  });

  it('are the same to the byte for the same seed, however many are asked for', async () => {
    const [one, three] = [await generate({ profile: 'mainnet' }), await generate({ profile: 'mainnet', blocks: 3 })];
    expect(textOf(three.slice(0, 1))).toEqual(textOf(one));
    expect(textOf(await generate({ profile: 'mainnet', blocks: 3 }))).toEqual(textOf(three));
  });

  it('are the same whichever executor they are made with', async () => {
    const onReference: Execute = (snapshot) => reference.execute(snapshot);
    const wish = { profile: 'mainnet', transactions: 20 };
    expect(await generate({ ...wish, execute: onReference })).toEqual(await generate(wish));
  });

  it('differ with the seed, on another chain', async () => {
    const [[one], [two]] = [await generate({ profile: 'erc20' }), await generate({ profile: 'erc20', seed: 2 })];
    expect(one?.chainId).not.toBe(two?.chainId);
    expect(one?.transactions.map(({ hash }) => hash)).not.toEqual(two?.transactions.map(({ hash }) => hash));
  });

  it('read back as they were written', async () => {
    const [block] = await generate({ profile: 'mainnet' });
    if (block === undefined) throw new Error('expected a block');
    const document: unknown = JSON.parse(JSON.stringify(snapshotToJson(block)));
    expect(readBlock(document, block.origin)).toEqual(block);
  });

  it('are independent where they say so, and one chain where they say so', async () => {
    const independent = await recordOne('independent');
    const longest = Math.max(...independent.transactions.map(({ gasUsed }) => gasUsed));
    expect(criticalPath(createWorkload(independent, { cost: 'gas', balances: 'strict' })).longestCost).toBe(longest);
    const chain = await recordOne('chain');
    expect(criticalPath(createWorkload(chain, { cost: 'gas', balances: 'strict' })).bound).toBe(1);
  });

  it('call one token that pays rebates to many accounts: referral', async () => {
    const { transactions } = await recordOne('referral');
    const written = transactions.map(({ accesses }) =>
      accesses.filter(({ field, kind }) => field === 'slot' && kind === 'write').map(({ address }) => address),
    );
    const tokens = new Set(written.flatMap((addresses) => addresses));
    expect(written.every((addresses) => addresses.length > 0)).toBe(true);
    expect(tokens.size).toBeLessThan(transactions.length / 2);
  });

  it.each([
    [{ profile: 'nonsense' }, /No profile "nonsense"/],
    [{ profile: 'mainnet', blocks: 0 }, /number of blocks/],
    [{ profile: 'mainnet', transactions: 0.5 }, /number of transactions/],
    [{ profile: 'mainnet', seed: -1 }, /number of seed/],
  ])('are refused: %j', async (wish, message) => {
    await expect(generate(wish)).rejects.toThrow(message);
  });
});

describe('the profile mainnet', () => {
  it('is near the figures that it is calibrated to', async () => {
    const calibration = new Calibration();
    const options = { profile: 'mainnet', blocks: 3, seed: 5, execute: onEngine, keccak256 };
    for await (const block of generateBlocks(options)) calibration.add((await reference.record(block, [])).record);
    const got = new Map(calibration.rows().map((row) => [row.figure, row.got]));
    const near = (figure: string, asked: number, share: number): void => {
      expect(Math.abs((got.get(figure) ?? Number.NaN) / asked - 1), figure).toBeLessThan(share);
    };
    // Three blocks: the mix is tight, what depends on single blocks is not.
    near('gas per transaction', 71_000, 0.25);
    near('plain transfers', 0.29, 0.15);
    near('ERC-20 transfers', 0.25, 0.15);
    near('slot reads per write', 2.6, 0.15);
    expect(got.get('blocks with a sandwich')).toBe(1);
  });
});
