import { createHash, randomUUID } from 'node:crypto';
import { lstat, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { LanecastError } from '../../errors.js';

/** A file as a manifest lists it. */
export interface ListedFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export type FileContent = readonly [name: string, content: Buffer];

export function listFile([name, content]: FileContent): ListedFile {
  return { name, bytes: content.length, sha256: sha256Of(content) };
}

/**
 * Writes files as a folder that appears whole or not at all. Missing parents are created.
 * Throws INVALID_ARGUMENT where the folder exists and is not empty, or is no folder.
 */
export async function writeFolder(folder: string, files: readonly FileContent[]): Promise<void> {
  const target = resolve(folder);
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}`);
  try {
    await refuseOccupied(target, folder);
    await mkdir(temporary, { recursive: true });
    for (const [name, content] of files) await writeDurably(join(temporary, name), content);
    await refuseOccupied(target, folder);
    await rename(temporary, target).catch((error: unknown) => {
      throw isOccupied(error) ? occupied(folder) : error;
    });
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    if (codeOf(error) === '' || error instanceof LanecastError) throw error;
    throw new LanecastError('INVALID_ARGUMENT', `${folder}: cannot be written: ${codeOf(error)}`, { cause: error });
  }
}

/** A file of an artifact. Throws INVALID_INPUT where it is not the one that was listed, and as `readStored` does. */
export async function readChecked(folder: string, { name, bytes, sha256 }: ListedFile): Promise<Buffer> {
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

/** Throws SOURCE_NOT_FOUND where there is no such file. */
export async function readStored(path: string): Promise<Buffer> {
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
