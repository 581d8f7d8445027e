import { createHash } from 'node:crypto';
import { z } from 'zod';
import { LanecastError } from '../../errors.js';
import { FEATURE_VERSION } from '../feature-version.js';

export const MODEL_SCHEMA = 'lanecast.model/1';
/** Version of the files of a model and what is in them. */
export const MODEL_VERSION = 1;
export const MANIFEST_FILE = 'manifest.json';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const Count = z.int().min(0);

const FACTS = {
  /** The blocks that were learned; numbers are those of the chain. */
  createdFrom: z.strictObject({
    blocks: Count,
    firstBlock: Count,
    lastBlock: Count,
    chainId: Count,
    transactions: Count,
  }),
  /** `TrainingData.dataHash`. */
  dataHash: Sha256,
  seed: z.int(),
  /** Backend of TensorFlow.js that trained the networks. */
  tfBackend: z.string().min(1),
  /** Half-life and other choices of the training. */
  options: z.record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()])),
  metrics: z.record(z.string(), z.json()),
} as const;

const Facts = z.strictObject(FACTS);
const Manifest = z.strictObject({
  schema: z.literal(MODEL_SCHEMA),
  version: z.literal(MODEL_VERSION),
  featureVersion: z.literal(FEATURE_VERSION),
  ...FACTS,
  files: z.array(z.strictObject({ name: z.string().regex(/^[a-z0-9-]+\.[a-z]+$/), bytes: Count, sha256: Sha256 })),
  /** SHA-256 of the canonical JSON of all other fields: names the model, and shows changes of the manifest. */
  id: Sha256,
});

/** What training says of a model, besides the model. */
export type ModelFacts = z.infer<typeof Facts>;
export type ModelManifest = z.infer<typeof Manifest>;
export type ModelFile = ModelManifest['files'][number];

/** Throws INVALID_ARGUMENT where the facts are not what a manifest may hold, for instance a number that is not finite. */
export function createManifest(facts: ModelFacts, files: readonly ModelFile[]): ModelManifest {
  const checked = Facts.safeParse(facts);
  if (!checked.success) throw new LanecastError('INVALID_ARGUMENT', `Model: ${describeIssues(checked.error)}`);
  const versions = { schema: MODEL_SCHEMA, version: MODEL_VERSION, featureVersion: FEATURE_VERSION } as const;
  const manifest = { ...versions, ...checked.data, files: [...files] };
  return { ...manifest, id: idOf(manifest) };
}

/** Throws LanecastError UNSUPPORTED on other versions, INVALID_INPUT on anything else that is wrong; `path` for messages. */
export function parseManifest(text: string, path: string): ModelManifest {
  const value = parseJson(text, path);
  const head = z.looseObject({}).safeParse(value);
  if (!head.success) throw invalid(path, 'is no JSON object');
  expectVersion(path, { field: 'schema', found: head.data['schema'], expected: MODEL_SCHEMA });
  expectVersion(path, { field: 'version', found: head.data['version'], expected: MODEL_VERSION });
  expectVersion(path, { field: 'featureVersion', found: head.data['featureVersion'], expected: FEATURE_VERSION });
  const parsed = Manifest.safeParse(value);
  if (!parsed.success) throw invalid(path, describeIssues(parsed.error));
  const { id, ...rest } = parsed.data;
  const expected = idOf(rest);
  if (id !== expected) throw invalid(path, `id: expected ${expected} for this content, found ${id}: it was changed`);
  return parsed.data;
}

/** What a file of JSON says; `INVALID_INPUT` where it is none. */
export function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new LanecastError('INVALID_INPUT', `${path}: is no JSON: ${error instanceof Error ? error.message : ''}`);
  }
}

export function describeIssues(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => (path.length > 0 ? `${path.join('.')}: ` : '') + message).join('; ');
}

/** Throws UNSUPPORTED where a field has another version than this program writes. */
export function expectVersion(
  path: string,
  { field, found, expected }: { readonly field: string; readonly found: unknown; readonly expected: string | number },
): void {
  if (found === expected) return;
  if (typeof found !== typeof expected) {
    const text = found === undefined ? 'nothing' : JSON.stringify(found);
    throw invalid(path, `${field}: expected ${expected}, found ${text}`);
  }
  const message = `${path}: ${field}: expected ${expected}, found ${String(found)}: train again with this version`;
  throw new LanecastError('UNSUPPORTED', message);
}

/** SHA-256 of the canonical JSON of fields. */
export function idOf(content: object): string {
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}

/** JSON with the fields of every object in the order of their names. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) => {
    if (typeof field !== 'object' || field === null || Array.isArray(field)) return field;
    return Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function invalid(path: string, problem: string): LanecastError {
  return new LanecastError('INVALID_INPUT', `${path}: ${problem}`);
}
