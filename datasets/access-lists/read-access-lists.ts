import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LanecastError } from '../../errors.js';
import { readPieces } from '../read-files.js';
import type { BlockAccessList, Numbering } from './access-list.js';
import { decodeAccessList } from './decode.js';
import { detectNumbering } from './numbering.js';

const LIST_FILE = /\.rlp(?:\.gz)?$/i;
const NUMBERED = /^\D*(\d+)\.rlp(?:\.gz)?$/i;

/**
 * Reads block access lists (EIP-7928) in RLP: a file, or the `*.rlp` and `*.rlp.gz` files of a folder by block number. What
 * the indices count is told by the content unless `numbering` says it. Throws InputError for a list that is not valid.
 */
export async function* readAccessLists(path: string, numbering: Numbering | null): AsyncGenerator<BlockAccessList> {
  for (const { file, blockNumber } of await findFiles(path)) {
    const pieces: Buffer[] = [];
    for await (const piece of readPieces(file)) pieces.push(piece);
    const accounts = decodeAccessList(Buffer.concat(pieces), file);
    yield { origin: file, blockNumber, accounts, numbering: numbering ?? detectNumbering(accounts, file) };
  }
}

interface ListFile {
  readonly file: string;
  readonly blockNumber: number | null;
}

async function findFiles(path: string): Promise<ListFile[]> {
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isFolder) return [{ file: path, blockNumber: numberOf(path) }];
  const names = (await readdir(path)).filter((name) => LIST_FILE.test(name));
  if (names.length === 0) {
    throw new LanecastError(
      'SOURCE_NOT_FOUND',
      `${path}: no block access lists here. Expected *.rlp or *.rlp.gz files.`,
    );
  }
  const files = names.map((name): ListFile => ({ file: join(path, name), blockNumber: numberOf(name) }));
  const last = Number.MAX_SAFE_INTEGER;
  return files.sort((a, b) => (a.blockNumber ?? last) - (b.blockNumber ?? last) || (a.file < b.file ? -1 : 1));
}

function numberOf(path: string): number | null {
  const number = Number(NUMBERED.exec(basename(path))?.[1]);
  return Number.isSafeInteger(number) ? number : null;
}
