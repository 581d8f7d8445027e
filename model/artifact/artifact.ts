import { join } from 'node:path';
import { LanecastError } from '../../errors.js';
import type { Evidence } from '../evidence.js';
import type { Keccak256 } from '../tables/key-space.js';
import { decodeEvidence, encodeEvidence } from './evidence-file.js';
import { listFile, readChecked, readStored, writeFolder, type FileContent } from './folder.js';
import { createManifest, MANIFEST_FILE, parseManifest } from './manifest.js';
import type { ModelFacts, ModelManifest } from './manifest.js';
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
  await writeFolder(folder, contents.files);
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
): { readonly manifest: ModelManifest; readonly files: readonly FileContent[] } {
  const networks = encodeNetworks(model);
  // What would not be read again is not written.
  decodeNetworks(networks, join(folder, NETWORKS_FILE));
  const files = [
    [NETWORKS_FILE, Buffer.from(networks, 'utf8')],
    [EVIDENCE_FILE, encodeEvidence(model.evidence)],
  ] as const;
  const listed = files.map(listFile);
  const manifest = createManifest(model.facts, listed);
  return {
    manifest,
    files: [...files, [MANIFEST_FILE, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`, 'utf8')]],
  };
}
