import { LanecastError } from '../../errors.js';
import { SectionReader } from '../artifact/section-reader.js';
import { SectionWriter } from '../artifact/section-writer.js';
import { FEATURE_VERSION } from '../feature-version.js';
import type { Keccak256 } from '../tables/key-space.js';
import { ModelHints, type RestoreOptions } from './model-hints.js';

/** Version of the sections of hints. */
const HINTS_VERSION = 1;

/** All that hints were taught by blocks, as a file of sections (`section-format.ts`). Networks are not part of it. */
export function encodeHints(hints: ModelHints): Uint8Array {
  const to = new SectionWriter();
  to.int32('versions', Int32Array.of(HINTS_VERSION, FEATURE_VERSION));
  hints.save(to);
  return to.finish();
}

/**
 * Hints that say and learn to the bit what the saved ones would, by statistics alone. `file`: its path or name, for messages.
 * Throws LanecastError INVALID_INPUT where the bytes are truncated, corrupted or inconsistent, UNSUPPORTED where another
 * version wrote them.
 */
export function decodeHints(
  bytes: Uint8Array,
  { keccak256, file, ...restore }: RestoreOptions & { readonly keccak256: Keccak256; readonly file: string },
): ModelHints {
  const from = SectionReader.open(file, bytes);
  const expected = [HINTS_VERSION, FEATURE_VERSION].join('.');
  const found = from.int32('versions').join('.');
  if (found !== expected) {
    throw new LanecastError('UNSUPPORTED', `${file}: has version ${found}, this version reads ${expected}`);
  }
  return ModelHints.restore(from, keccak256, restore);
}
