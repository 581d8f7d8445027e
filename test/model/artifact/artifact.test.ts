import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LanecastError } from '../../../errors.js';
import { keccak256 } from '../../../executor/reference/index.js';
import { readArtifact, writeArtifact, type Model } from '../../../model/artifact/artifact.js';
import type { ModelFacts } from '../../../model/artifact/manifest.js';
import { TrainingData } from '../../../model/artifact/training-data.js';
import type { BlockRecord } from '../../../types.js';
import { generatedRecords, learn, predictionsOf } from '../learned.js';
import { randomNetwork } from '../network/examples.js';

const folders: string[] = [];
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

let records: BlockRecord[] = [];
beforeAll(async () => {
  records = await generatedRecords('erc20', 2, 20);
});

function modelOf(): Model & { readonly facts: ModelFacts } {
  const data = new TrainingData();
  for (const record of records) data.add(record);
  return {
    evidence: learn(records),
    networks: { pairs: randomNetwork([3, 4, 1], 'linear', 3), gas: randomNetwork([2, 3], 'ascending', 4) },
    calibrations: {
      pairs: { kind: 'isotonic', scores: [-1.5, 0.25], probabilities: [0.1, 0.9] },
      reads: { kind: 'sigmoid', slope: 0.3, intercept: -0.1 },
    },
    thresholds: { wait: 0.1 + 0.2 },
    facts: {
      createdFrom: data.createdFrom,
      dataHash: data.dataHash,
      seed: 11,
      tfBackend: 'cpu',
      options: { halfLifeBlocks: 100, online: true },
      metrics: { conflicts: { precision: 0.93, recall: 1 / 3 }, epochs: [1, 2] },
    },
  };
}

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lanecast-model-'));
  folders.push(folder);
  return folder;
}

async function written(): Promise<string> {
  const folder = join(await emptyFolder(), 'models', 'first');
  await writeArtifact(folder, modelOf());
  return folder;
}

async function refusalOf(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof LanecastError) return { code: error.code, message: error.message };
  throw new Error('expected a refusal', { cause: error });
}

/** Changes the manifest as somebody would who also corrects its id. */
async function forge(
  folder: string,
  change: (manifest: Record<string, unknown>) => Record<string, unknown>,
): Promise<void> {
  const path = join(folder, 'manifest.json');
  const changed = change(JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>);
  await writeFile(path, JSON.stringify(changed));
}

describe('a model as a folder', () => {
  it('comes back as it was written', async () => {
    const folder = await written();
    const model = modelOf();
    const { evidence, manifest, ...rest } = await readArtifact(folder, { keccak256 });
    expect(rest).toEqual({ networks: model.networks, calibrations: model.calibrations, thresholds: model.thresholds });
    const [, last] = records;
    if (last === undefined) throw new Error('expected two blocks');
    expect(predictionsOf(evidence, last)).toEqual(predictionsOf(model.evidence, last));
    expect(manifest).toMatchObject({ schema: 'lanecast.model/1', version: 1, ...model.facts });
    expect(manifest.createdFrom).toMatchObject({ blocks: 2, transactions: 40, lastBlock: last.header.number });
    expect((await readdir(folder)).sort()).toEqual(['evidence.bin', 'manifest.json', 'networks.json']);
    expect(await readdir(join(folder, '..'))).toEqual(['first']);
  });

  it('is the same to the byte for the same training', async () => {
    const [one, other] = [await written(), await written()];
    for (const name of await readdir(one)) {
      expect((await readFile(join(one, name))).equals(await readFile(join(other, name)))).toBe(true);
    }
  });

  it("takes an empty folder, and never another model's", async () => {
    const folder = await emptyFolder();
    await writeArtifact(folder, modelOf());
    const before = await readFile(join(folder, 'evidence.bin'));
    const expected = {
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(`${folder}: exists already`) as string,
    };
    expect(await refusalOf(writeArtifact(folder, modelOf()))).toEqual(expected);
    expect((await readFile(join(folder, 'evidence.bin'))).equals(before)).toBe(true);
    const file = join(folder, 'manifest.json');
    expect((await refusalOf(writeArtifact(file, modelOf()))).message).toContain(`${file}: exists already`);
    expect((await refusalOf(writeArtifact(join(file, 'model'), modelOf()))).message).toContain('cannot be written');
  });

  it('is written once where two write at the same time', async () => {
    const folder = join(await emptyFolder(), 'model');
    const outcomes = await Promise.allSettled([writeArtifact(folder, modelOf()), writeArtifact(folder, modelOf())]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await readArtifact(folder, { keccak256 });
    expect(await readdir(join(folder, '..'))).toEqual(['model']);
  });

  it('is not written with what could not be read again', async () => {
    const folder = join(await emptyFolder(), 'model');
    const model = modelOf();
    const broken = [
      { ...model, thresholds: { wait: Number.NaN } },
      { ...model, facts: { ...model.facts, metrics: { loss: Infinity } } },
      { ...model, facts: { ...model.facts, dataHash: 'none' } },
      { ...model, calibrations: { pairs: { kind: 'isotonic' as const, scores: [1, 0], probabilities: [0, 1] } } },
    ];
    for (const each of broken) await refusalOf(writeArtifact(folder, each));
    expect(await readdir(join(folder, '..'))).toEqual([]);
  });
});

describe('a model that is refused', () => {
  it.each(['manifest.json', 'networks.json', 'evidence.bin'])('lacks %s', async (name) => {
    const folder = await written();
    await rm(join(folder, name));
    const { code, message } = await refusalOf(readArtifact(folder, { keccak256 }));
    expect(code).toBe('SOURCE_NOT_FOUND');
    expect(message).toContain(`${join(folder, name)}: expected a file of a model, found none: train a model`);
  });

  it('is not there, or no folder', async () => {
    const folder = await emptyFolder();
    expect((await refusalOf(readArtifact(join(folder, 'none'), { keccak256 }))).code).toBe('SOURCE_NOT_FOUND');
    await writeFile(join(folder, 'file'), '');
    expect((await refusalOf(readArtifact(join(folder, 'file'), { keccak256 }))).code).toBe('SOURCE_NOT_FOUND');
    await mkdir(join(folder, 'manifest.json'));
    expect(await refusalOf(readArtifact(folder, { keccak256 }))).toMatchObject({ code: 'INVALID_INPUT' });
  });

  it.each(['manifest.json', 'networks.json', 'evidence.bin'])(
    'has a byte of %s changed, or is cut off there',
    async (name) => {
      const folder = await written();
      const path = join(folder, name);
      const bytes = await readFile(path);
      for (const position of [0, 1, bytes.length >> 2, bytes.length >> 1, bytes.length - 3]) {
        const changed = Buffer.from(bytes);
        changed[position] = (changed[position] ?? 0) ^ 1;
        for (const content of [changed, bytes.subarray(0, position)]) {
          await writeFile(path, content);
          const { code, message } = await refusalOf(readArtifact(folder, { keccak256 }));
          expect(['INVALID_INPUT', 'UNSUPPORTED']).toContain(code);
          expect(message).toContain(path);
        }
      }
      await writeFile(path, bytes);
      await readArtifact(folder, { keccak256 });
    },
  );

  it.each<[string, Record<string, unknown>, string, string]>([
    [
      'of another schema',
      { schema: 'lanecast.model/2' },
      'UNSUPPORTED',
      'schema: expected lanecast.model/1, found lanecast.model/2: train again with this version',
    ],
    ['of another format', { version: 2 }, 'UNSUPPORTED', 'version: expected 1, found 2: train again with this version'],
    [
      'of other features',
      { featureVersion: 99 },
      'UNSUPPORTED',
      'featureVersion: expected 1, found 99: train again with this version',
    ],
    ['without a schema', { schema: undefined }, 'INVALID_INPUT', 'schema: expected lanecast.model/1, found nothing'],
    ['with another seed', { seed: 12 }, 'INVALID_INPUT', 'it was changed'],
    ['with a field of its own', { colour: 'red' }, 'INVALID_INPUT', 'colour'],
    [
      'with a path among its files',
      { files: [{ name: '../a.bin', bytes: 1, sha256: '0'.repeat(64) }] },
      'INVALID_INPUT',
      'files.0.name',
    ],
  ])('is %s', async (_, change, code, message) => {
    const folder = await written();
    await forge(folder, (manifest) => ({ ...manifest, ...change }));
    const refusal = await refusalOf(readArtifact(folder, { keccak256 }));
    expect(refusal.code).toBe(code);
    expect(refusal.message).toContain(join(folder, 'manifest.json'));
    expect(refusal.message).toContain(message);
  });
});

describe('training data', () => {
  it('are named by chain, number and hash of each block in order', () => {
    const data = new TrainingData();
    for (const record of records) data.add(record);
    const lines = records.map(({ chainId, header }) => `${chainId} ${header.number} ${header.hash}\n`);
    expect(data.dataHash).toBe(createHash('sha256').update(lines.join('')).digest('hex'));
    const reversed = new TrainingData();
    for (const record of records.toReversed()) reversed.add(record);
    expect(reversed.dataHash).not.toBe(data.dataHash);
  });

  it('are of one chain, and something', () => {
    const data = new TrainingData();
    expect(() => data.createdFrom).toThrow('there are no blocks to train on');
    for (const record of records.slice(0, 1)) {
      data.add(record);
      expect(() => data.add({ ...record, chainId: record.chainId + 1 })).toThrow('those before it are of chain');
    }
  });
});
