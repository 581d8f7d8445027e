import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { BlockSeries } from '../../datasets/series/series.js';
import { LanecastError } from '../../errors.js';
import { listFile, readChecked, readStored, writeFolder, type FileContent } from '../artifact/folder.js';
import { describeIssues, expectVersion, idOf, MANIFEST_FILE, parseJson } from '../artifact/manifest.js';
import { decodeNetwork, encodeNetwork } from '../network/network.js';
import { COLUMN_FEATURES } from './column-state.js';
import { COLUMN_TARGETS } from './columns.js';
import type { ForecastModel } from './forecast-model.js';
import type { ForecastNetwork } from './forecast-network.js';
import { FORECAST_LEVELS } from './levels.js';
import { LOAD_FEATURES } from './load-state.js';

const FORECASTER_SCHEMA = 'lanecast.forecaster/1';
/** Version of the features that a forecaster was trained on; a change of their meaning or order is a new one. */
const FEATURE_VERSION = 1;
const FORECASTER_FILE = 'forecaster.json';

const Count = z.int().min(0);
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const FACTS = {
  createdFrom: z.strictObject({ blocks: Count, firstBlock: Count, lastBlock: Count }),
  /** Of the columns of the series up to the last block: `hashSeries`. */
  dataHash: Sha256,
  seed: z.int(),
  tfBackend: z.string().min(1),
} as const;
const Manifest = z.strictObject({
  schema: z.literal(FORECASTER_SCHEMA),
  featureVersion: z.literal(FEATURE_VERSION),
  ...FACTS,
  files: z.array(z.strictObject({ name: z.string().regex(/^[a-z0-9-]+\.[a-z]+$/), bytes: Count, sha256: Sha256 })),
  /** SHA-256 of the canonical JSON of all other fields. */
  id: Sha256,
});

/** What training says of a forecaster, besides itself. */
export type ForecasterFacts = Pick<ForecasterManifest, keyof typeof FACTS>;
export type ForecasterManifest = z.infer<typeof Manifest>;

const Floats = z.array(z.number());
const Positive = z.number().positive();
const Scale = z.number().nonnegative();
const Network = z.strictObject({
  scaler: z.strictObject({ mean: Floats, scale: z.array(Scale) }),
  outputs: z
    .array(z.strictObject({ horizon: z.int().min(1), linear: Floats, centre: z.number(), scale: Positive }))
    .min(1),
  members: z.array(z.unknown()).min(1),
});
const Stored = z.strictObject({
  horizons: z.array(z.int().min(1)).min(1),
  slotSeconds: Positive,
  feeRules: z.array(
    z.strictObject({
      fromBlock: Count,
      rule: z.strictObject({ elasticity: z.int().min(1), denominator: z.int().min(1) }),
    }),
  ),
  load: Network,
  nextFee: z.array(z.number()).length(FORECAST_LEVELS.length),
  columns: z.partialRecord(z.enum(COLUMN_TARGETS), Network),
});

/** Writes a forecaster as a folder that appears whole or not at all. Throws INVALID_ARGUMENT where the folder is not free. */
export async function writeForecaster(
  folder: string,
  model: ForecastModel,
  facts: ForecasterFacts,
): Promise<ForecasterManifest> {
  const file: FileContent = [FORECASTER_FILE, Buffer.from(`${JSON.stringify(encode(model))}\n`, 'utf8')];
  const content = {
    schema: FORECASTER_SCHEMA,
    featureVersion: FEATURE_VERSION,
    ...facts,
    files: [listFile(file)],
  } as const;
  const manifest = Manifest.parse({ ...content, id: idOf(content) });
  await writeFolder(folder, [file, [MANIFEST_FILE, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`, 'utf8')]]);
  return manifest;
}

/**
 * Reads what `writeForecaster` wrote. Throws LanecastError: SOURCE_NOT_FOUND where there is none, UNSUPPORTED where another version
 * wrote it, INVALID_INPUT where a file is not what the manifest says.
 */
export async function readForecaster(
  folder: string,
): Promise<{ readonly model: ForecastModel; readonly manifest: ForecasterManifest }> {
  const path = join(folder, MANIFEST_FILE);
  const manifest = parseManifest((await readStored(path)).toString('utf8'), path);
  const listed = manifest.files.find(({ name }) => name === FORECASTER_FILE);
  if (listed === undefined) throw invalid(path, `files: expected ${FORECASTER_FILE}, found none`);
  const text = (await readChecked(folder, listed)).toString('utf8');
  return { model: decode(text, join(folder, FORECASTER_FILE)), manifest };
}

/** SHA-256 of the blocks before an index. */
export function hashSeries(series: BlockSeries, until: number): string {
  const hash = createHash('sha256');
  const columns = [series.number, series.timestampSeconds, series.baseFeePerGasWei, series.gasLimit, series.gasUsed];
  for (const column of [...columns, ...COLUMN_TARGETS.map((target) => series[target])]) {
    const values = column?.subarray(0, until);
    hash.update(values === undefined ? 'none' : Buffer.from(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}

function parseManifest(text: string, path: string): ForecasterManifest {
  const value = parseJson(text, path);
  const head = z.looseObject({}).safeParse(value);
  if (!head.success) throw invalid(path, 'is no JSON object');
  expectVersion(path, { field: 'schema', found: head.data['schema'], expected: FORECASTER_SCHEMA });
  expectVersion(path, { field: 'featureVersion', found: head.data['featureVersion'], expected: FEATURE_VERSION });
  const parsed = Manifest.safeParse(value);
  if (!parsed.success) throw invalid(path, describeIssues(parsed.error));
  const { id, ...rest } = parsed.data;
  if (id !== idOf(rest))
    throw invalid(path, `id: expected ${idOf(rest)} for this content, found ${id}: it was changed`);
  return parsed.data;
}

function encode({ load, columns, ...rest }: ForecastModel): z.input<typeof Stored> {
  const encoded = Object.fromEntries(Object.entries(columns).map(([name, each]) => [name, encodePart(each)]));
  const { horizons, slotSeconds, feeRules, nextFee } = rest;
  return {
    ...{ horizons: [...horizons], slotSeconds, feeRules: [...feeRules], nextFee: [...nextFee] },
    ...{ load: encodePart(load), columns: encoded },
  };
}

function encodePart({ scaler, outputs, members }: ForecastNetwork): z.input<typeof Network> {
  return {
    scaler: { mean: [...scaler.mean], scale: [...scaler.scale] },
    outputs: outputs.map(({ linear, ...output }) => ({ ...output, linear: [...linear] })),
    members: members.map(encodeNetwork),
  };
}

function decode(text: string, path: string): ForecastModel {
  const parsed = Stored.safeParse(parseJson(text, path));
  if (!parsed.success) throw invalid(path, describeIssues(parsed.error));
  const { load, columns, ...rest } = parsed.data;
  const outputs = rest.horizons.length + rest.horizons.filter((horizon) => horizon > 1).length;
  const columnShape = { inputs: LOAD_FEATURES + COLUMN_FEATURES, outputs: rest.horizons.length };
  return {
    ...rest,
    load: decodePart(load, { inputs: LOAD_FEATURES, outputs }, `${path}: load`),
    columns: Object.fromEntries(
      Object.entries(columns).map(([name, part]) => [name, decodePart(part, columnShape, `${path}: columns.${name}`)]),
    ),
  };
}

interface Shape {
  readonly inputs: number;
  readonly outputs: number;
}

function decodePart(
  { scaler, outputs, members }: z.output<typeof Network>,
  shape: Shape,
  where: string,
): ForecastNetwork {
  const fits =
    scaler.mean.length === shape.inputs &&
    scaler.scale.length === shape.inputs &&
    outputs.length === shape.outputs &&
    outputs.every(({ linear }) => linear.length === shape.inputs + 1);
  if (!fits) throw invalid(where, `expected ${shape.inputs} inputs and ${shape.outputs} outputs, found others`);
  const networks = members.map(decodeNetwork);
  const units = shape.outputs * FORECAST_LEVELS.length;
  if (!networks.every((network) => network.inputs === shape.inputs && network.layers.at(-1)?.units === units)) {
    throw invalid(where, `expected networks from ${shape.inputs} to ${units} numbers, found others`);
  }
  return {
    scaler: { mean: Float32Array.from(scaler.mean), scale: Float32Array.from(scaler.scale) },
    outputs: outputs.map(({ linear, ...output }) => ({ ...output, linear: Float64Array.from(linear) })),
    members: networks,
  };
}

function invalid(where: string, problem: string): LanecastError {
  return new LanecastError('INVALID_INPUT', `${where}: ${problem}`);
}
