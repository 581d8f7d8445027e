import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openCryoFolder, type CryoDataset } from '../../../datasets/cryo/folder.js';
import { readCryo } from '../../../datasets/cryo/read.js';
import { keccak256 } from '../../../datasets/keccak.js';
import type { ReadOutcome } from '../../../datasets/read.js';
import type { Database } from '../../../datasets/store/client.js';
import type { Access, BlockRecord } from '../../../types.js';
import { hasSharedData, sharedData } from '../../shared-data.js';
import { change, readTracerJson, tracerJson, MINER, PAYEE, TOKEN } from '../read-fixtures.js';
import { collect, hasChdb, openTestDatabase, temporaryFolder } from '../store-suite.js';
import { cryoTables, writeCryo, type CryoTables, type TracerJson } from './write-cryo.js';

async function read(folder: string, database: Database | null): Promise<BlockRecord[]> {
  const outcomes = await collect(readCryo(await openCryoFolder(folder), database));
  return outcomes.map(recordOf);
}

function recordOf(outcome: ReadOutcome): BlockRecord {
  if (!outcome.ok) throw outcome.error;
  if (outcome.block.kind !== 'record') throw new Error('expected a record');
  return outcome.block;
}

/** What of a record is told by both sources; in one order. */
function comparable({ chainId, header, transactions }: BlockRecord): unknown {
  const { number, hash, parentHash, feeRecipient, timestampSeconds, gasUsed, baseFeePerGasWei } = header;
  return {
    chainId,
    header: { number, hash, parentHash, feeRecipient, timestampSeconds, gasUsed, baseFeePerGasWei },
    transactions: transactions.map(({ transaction, gasUsed: gas, succeeded, accesses }) => ({
      transaction: { ...transaction, accessList: [] },
      gas,
      succeeded,
      accesses: sorted(accesses),
    })),
  };
}

function sorted(accesses: readonly Access[]): string[] {
  return accesses.map(({ address, field, slot, kind, value }) => [address, field, slot, kind, value].join(' ')).sort();
}

function synthetic(): TracerJson {
  return withGas(tracerJson());
}

/** Gas that adds up, and a fee recipient that gains in both transactions. */
function withGas(document: Record<string, unknown>): TracerJson {
  change(document, 'receipts.1.gasUsed', '0x5dc0');
  change(document, 'block.gasUsed', '0xafc8');
  change(document, `prestateTracerDiff.1.result.pre.${MINER}`, { balance: '0x2', nonce: 3 });
  return change(document, `prestateTracerDiff.1.result.post.${MINER}`, { balance: '0x3' }) as unknown as TracerJson;
}

function without(tables: CryoTables, ...names: readonly CryoDataset[]): CryoTables {
  return Object.fromEntries(Object.entries(tables).filter(([name]) => !names.includes(name as CryoDataset)));
}

const RANGE = { first: 100, last: 100 };

describe.skipIf(!hasChdb)('a cryo folder', () => {
  it('may have a block in several files of a dataset: it counts once', async () => {
    const database = await openTestDatabase({ path: temporaryFolder() });
    const [once, twice] = [temporaryFolder(), temporaryFolder()];
    const tables = cryoTables([synthetic()]);
    await writeCryo(database, once, tables, RANGE);
    for (const range of [RANGE, { first: 90, last: 110 }]) await writeCryo(database, twice, tables, range);
    await writeCryo(database, join(twice, 'again'), tables, RANGE);
    expect((await read(twice, database)).map(comparable)).toEqual((await read(once, database)).map(comparable));
  });

  it.skipIf(!hasSharedData)('says of real blocks what the tracer says, binary', async () => {
    const database = await openTestDatabase({ path: temporaryFolder() });
    const documents = [15_000_001, 15_000_002].map(readTraces);
    const folder = temporaryFolder();
    const tables = cryoTables(documents);
    const until = (last: number): CryoTables => pick(tables, (number) => number <= last);
    await writeCryo(database, folder, until(15_000_001), { first: 15_000_001, last: 15_000_001 });
    const rest = pick(tables, (number) => number > 15_000_001);
    await writeCryo(database, folder, rest, { first: 15_000_002, last: 15_000_002 });
    const records = await read(folder, database);
    const hashes = records.map(({ header }) => header.hash);
    expect(records.slice(1).map(({ header }) => header.parentHash)).toEqual(hashes.slice(0, -1));
    const traced = documents.map(readTracerJson);
    expect(records.map(comparable)).toEqual(traced.map(comparable));
    for (const [index, { codeHashes }] of records.entries()) {
      const expected = [...(traced[index]?.codeHashes ?? [])].map(
        ([address, hash]) => [address, keccak256(hash)] as const,
      );
      expect(new Map(codeHashes)).toEqual(new Map(expected));
    }
  });

  it('says of hexadecimal files what it says of binary ones, on an engine of its own', async () => {
    const [binary, hex] = [temporaryFolder(), temporaryFolder()];
    const writer = await openTestDatabase({ path: temporaryFolder() });
    await writeCryo(writer, binary, cryoTables([synthetic()]), RANGE);
    await writeCryo(writer, join(hex, 'deeper'), cryoTables([synthetic()]), { ...RANGE, hex: true });
    const expected = await read(binary, writer);
    await writer.close();
    const records = await read(hex, null);
    expect(records.map(comparable)).toEqual(expected.map(comparable));
    expect(records.map(comparable)).toEqual([comparable(readTracerJson(synthetic()))]);
    expect(records[0]?.codeHashes).toEqual(expected[0]?.codeHashes);
  });

  it('goes without what is optional, and says what that costs', async () => {
    const database = await openTestDatabase({ path: temporaryFolder() });
    const folder = temporaryFolder();
    const optional = ['blocks', 'balance_reads', 'nonce_reads', 'nonce_diffs', 'code_reads', 'code_diffs'] as const;
    await writeCryo(database, folder, without(cryoTables([synthetic()]), ...optional), RANGE);
    const { losses } = await openCryoFolder(folder);
    expect(losses).toContainEqual(expect.stringMatching(/^without the cryo dataset blocks, base fees/));
    for (const name of optional) expect(losses.join('\n')).toContain(`dataset ${name},`);
    const [record] = await read(folder, database);
    expect(record?.header).toMatchObject({ number: 100, feeRecipient: MINER, gasUsed: 45_000, gasLimit: 0 });
    const accesses = record?.transactions.map((outcome) => sorted(outcome.accesses)) ?? [];
    expect(accesses[0]).toContain(`${PAYEE} account  add `);
    expect(accesses[0]).toContain(`${MINER} account  add `);
    expect(accesses[1]).toContain(`${TOKEN} code  read `);
    expect(record?.codeHashes.size).toBe(0);
  });

  it.each([
    ['a needed dataset', { storage_diffs: 'all' }, /none named as cryo names those of storage_diffs/],
    [
      'a column',
      { transactions: 'gas_used' },
      /expected a column gas_used, got .*run cryo with --include-columns gas_used/,
    ],
    ['exact values', { balance_diffs: 'exact' }, /expected an exact form of from_value .* got from_value_f64 alone/],
  ])('explains that %s is missing', async (_, missing, message) => {
    const database = await openTestDatabase({ path: temporaryFolder() });
    const folder = temporaryFolder();
    const tables = Object.entries(cryoTables([synthetic()])).flatMap(([name, rows]) => {
      if (!(name in missing)) return [[name, rows] as const];
      const column = missing[name as keyof typeof missing];
      if (column === 'all') return [];
      const isLeft = (key: string): boolean => (column === 'exact' ? !/_(?:binary|string)$/.test(key) : key !== column);
      return [
        [name, rows.map((row) => Object.fromEntries(Object.entries(row).filter(([key]) => isLeft(key))))] as const,
      ];
    });
    await writeCryo(database, folder, Object.fromEntries(tables), RANGE);
    await expect(read(folder, database)).rejects.toThrow(message);
  });

  it('tells of a block that a dataset does not cover, of gas that does not add up, and of a broken file', async () => {
    const database = await openTestDatabase({ path: temporaryFolder() });
    const folder = temporaryFolder();
    const tables = cryoTables([synthetic()]);
    await writeCryo(database, folder, without(tables, 'storage_reads'), RANGE);
    await writeCryo(database, folder, { storage_reads: tables.storage_reads }, { first: 200, last: 299 });
    await expect(read(folder, database)).rejects.toThrow(
      /block 100: no file of the dataset storage_reads has this block/,
    );

    const short = temporaryFolder();
    await writeCryo(database, short, { ...tables, transactions: tables.transactions.slice(0, 1) }, RANGE);
    await expect(read(short, database)).rejects.toThrow(/its 1 transactions used 21000 gas, but the block 45000/);

    const path = join(short, 'ethereum__transactions__100_to_100.parquet');
    rmSync(path);
    writeFileSync(path, 'PAR1 nonsense');
    await expect(read(short, database)).rejects.toThrow(/transactions__100_to_100\.parquet: can't be read as Parquet/);
  });
});

function readTraces(number: number): TracerJson {
  const path = sharedData('mainnet-traces', `${number}.json.gz`);
  return JSON.parse(gunzipSync(readFileSync(path)).toString()) as TracerJson;
}

function pick(tables: CryoTables, isWanted: (block: number) => boolean): CryoTables {
  const entries = Object.entries(tables).map(
    ([name, rows]) => [name, rows.filter((row) => isWanted(Number(row['block_number'])))] as const,
  );
  return Object.fromEntries(entries);
}
