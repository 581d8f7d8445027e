import { createHash, randomUUID } from 'node:crypto';
import { lstat, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { LanecastError } from '../../errors.js';
import type { Evidence } from '../evidence.js';
import type { Keccak256 } from '../tables/key-space.js';
import { decodeEvidence, encodeEvidence } from './evidence-file.js';
import { createManifest, MANIFEST_FILE, parseManifest } from './manifest.js';
import type { ModelFacts, ModelFile, ModelManifest } from './manifest.js';
import { decodeNetworks, encodeNetworks, type LearnedParts } from './networks-file.js';

const NETWORKS_FILE = 'networks.json';
const EVIDENCE_FILE = 'evidence.bin';

/** All that was learned. */
export interface Model extends LearnedParts {
  readonly evidence: Evidence;
}

export interface StoredModel extends Model {
  readonly manifest: ModelManifest;
}

/**
 * Writes a model as a folder that appears whole or not at all, and never changes afterwards. Missing parents are created.
 * Throws INVALID_ARGUMENT where the folder exists and is not empty, is no folder, or the model holds what cannot be stored.
 */
export async function writeArtifact(
  folder: string,
  model: Model & { readonly facts: ModelFacts },
): Promise<ModelManifest> {
  const contents = contentsOf(folder, model);
  const target = resolve(folder);
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
  try {
    await refuseOccupied(target, folder);
    await mkdir(temporary, { recursive: true });
    for (const [name, content] of contents.files) await writeDurably(join(temporary, name), content);
    await refuseOccupied(target, folder);
    await rename(temporary, target).catch((error: unknown) => {
      throw isOccupied(error) ? occupied(folder) : error;
    });
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    if (codeOf(error) === '' || error instanceof LanecastError) throw error;
    throw new LanecastError('INVALID_ARGUMENT', `${folder}: cannot be written: ${codeOf(error)}`, { cause: error });
  }
  return contents.manifest;
}

/**
 * Reads what `writeArtifact` wrote. Throws LanecastError: SOURCE_NOT_FOUND where the folder or a file is missing, UNSUPPORTED
 * where another version wrote it, INVALID_INPUT where a file is not what the manifest says; each names the file and both sides.
 */
export async function readArtifact(
  folder: string,
  { keccak256 }: { readonly keccak256: Keccak256 },
): Promise<StoredModel> {
  const manifestPath = join(folder, MANIFEST_FILE);
  const manifest = parseManifest((await readStored(manifestPath)).toString('utf8'), manifestPath);
  const read = async (name: string): Promise<Buffer> => {
    const file = manifest.files.find((each) => each.name === name);
    if (file === undefined)
      throw new LanecastError('INVALID_INPUT', `${manifestPath}: files: expected ${name}, found none`);
    return readChecked(folder, file);
  };
  const networks = (await read(NETWORKS_FILE)).toString('utf8');
  const evidence = await read(EVIDENCE_FILE);
  return {
    manifest,
    ...decodeNetworks(networks, join(folder, NETWORKS_FILE)),
    evidence: decodeEvidence(evidence, { file: join(folder, EVIDENCE_FILE), keccak256 }),
  };
}

function contentsOf(
  folder: string,
  model: Model & { readonly facts: ModelFacts },
): { readonly manifest: ModelManifest; readonly files: readonly (readonly [name: string, content: Buffer])[] } {
  const networks = encodeNetworks(model);
  // What would not be read again is not written.
  decodeNetworks(networks, join(folder, NETWORKS_FILE));
  const files = [
    [NETWORKS_FILE, Buffer.from(networks, 'utf8')],
    [EVIDENCE_FILE, encodeEvidence(model.evidence)],
  ] as const;
  const listed = files.map(([name, content]) => ({ name, bytes: content.length, sha256: sha256Of(content) }));
  const manifest = createManifest(model.facts, listed);
  return {
    manifest,
    files: [...files, [MANIFEST_FILE, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`, 'utf8')]],
  };
}

async function readChecked(folder: string, { name, bytes, sha256 }: ModelFile): Promise<Buffer> {
  const path = join(folder, name);
  const content = await readStored(path);
  const remedy = 'the file was changed or cut off: copy the model again, or train again';
  if (content.length !== bytes) {
    throw new LanecastError('INVALID_INPUT', `${path}: expected ${bytes} bytes, found ${content.length}: ${remedy}`);
  }
  const found = sha256Of(content);
  if (found === sha256) return content;
  throw new LanecastError('INVALID_INPUT', `${path}: expected SHA-256 ${sha256}, found ${found}: ${remedy}`);
}

async function readStored(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') {
      throw new LanecastError('INVALID_INPUT', `${path}: cannot be read: ${code}`, { cause: error });
    }
    const message = `${path}: expected a file of a model, found none: train a model, or name the folder of one`;
    throw new LanecastError('SOURCE_NOT_FOUND', message, { cause: error });
  }
}

async function refuseOccupied(target: string, folder: string): Promise<void> {
  const found = await lstat(target).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  });
  if (found === null) return;
  if (!found.isDirectory() || (await readdir(target)).length > 0) throw occupied(folder);
}

/** Somebody else was faster. */
function isOccupied(error: unknown): boolean {
  return ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(codeOf(error));
}

function occupied(folder: string): LanecastError {
  const message = `${folder}: exists already, and models never change: name another folder, or remove this one`;
  return new LanecastError('INVALID_ARGUMENT', message);
}

async function writeDurably(path: string, content: Buffer): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

function sha256Of(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
