import { beforeAll, describe, expect, it } from 'vitest';
import { LanecastError } from '../../../errors.js';
import { keccak256 } from '../../../executor/reference/index.js';
import { SectionWriter } from '../../../model/artifact/section-writer.js';
import { decodeHints, encodeHints } from '../../../model/hints/hints-file.js';
import { ModelHints } from '../../../model/hints/model-hints.js';
import { pendingOf } from '../../../model/pending.js';
import { ModelPredictor, type ModelPredictorOptions } from '../../../model/predictor.js';
import { untrainedModel } from '../../../model/untrained.js';
import type { BlockRecord } from '../../../types.js';
import { hasSharedData } from '../../shared-data.js';
import { generatedRecords, tracedRecords } from '../learned.js';

const source = { file: 'hints.bin', keccak256 };

function taught(records: readonly BlockRecord[], options: ModelPredictorOptions = {}): ModelHints {
  const hints = new ModelHints(new ModelPredictor(untrainedModel(keccak256), options));
  for (const record of records) hints.learn(record);
  return hints;
}

function again(hints: ModelHints): ModelHints {
  return decodeHints(encodeHints(hints), source);
}

function codeOf(bytes: Uint8Array): string | null {
  try {
    decodeHints(bytes, source);
    return null;
  } catch (error) {
    if (error instanceof LanecastError && error.message.startsWith('hints.bin: ')) return error.code;
    throw error;
  }
}

describe.each([
  { name: 'generated blocks', present: true, read: () => generatedRecords('mainnet', 3) },
  { name: 'generated payments to one wallet', present: true, read: () => generatedRecords('hotspot', 3) },
  { name: 'the shared traces', present: hasSharedData, read: () => tracedRecords(3) },
])('hints from $name', ({ present, read }) => {
  let known: readonly BlockRecord[] = [];
  let next: BlockRecord | undefined;
  beforeAll(async () => {
    if (!present) return;
    const records = await read();
    known = records.slice(0, 2);
    next = records[2];
  });

  it.skipIf(!present)(
    'say to the bit the same of the next block after they were saved, and go on learning the same',
    () => {
      if (next === undefined) throw new Error('expected a third block');
      const hints = taught(known);
      const restored = again(hints);
      const said = hints.hint(pendingOf(next));
      expect(said.keys.length).toBeGreaterThan(0);
      expect(restored.hint(pendingOf(next))).toEqual(said);
      expect(said).not.toEqual(taught([]).hint(pendingOf(next)));
      hints.learn(next);
      restored.learn(next);
      expect(Buffer.from(encodeHints(restored)).equals(encodeHints(hints))).toBe(true);
    },
  );

  it.skipIf(!present)('are refused when a byte is another or the file is cut off', () => {
    const bytes = encodeHints(taught(known.slice(0, 1)));
    for (let part = 0; part < 40; part++) {
      const position = Math.floor((bytes.length * part) / 40) + (part % 7);
      const changed = Buffer.from(bytes);
      changed[position] = (changed[position] ?? 0) + 1;
      expect([codeOf(bytes.subarray(0, position)), codeOf(changed)]).toEqual(['INVALID_INPUT', 'INVALID_INPUT']);
    }
  });
});

describe('hints', () => {
  it('come back as such where nothing was learned', async () => {
    const [block] = await generatedRecords('mainnet', 1);
    if (block === undefined) throw new Error('expected a block');
    expect(again(taught([])).hint(pendingOf(block))).toEqual(taught([]).hint(pendingOf(block)));
  });

  it('are refused where another version wrote them', () => {
    const to = new SectionWriter();
    to.int32('versions', Int32Array.of(99, 1));
    taught([]).save(to);
    expect(codeOf(to.finish())).toBe('UNSUPPORTED');
  });

  it('hold no numbers of evidence that was compacted since', async () => {
    const [first, next] = await generatedRecords('mainnet', 2, 10);
    if (first === undefined || next === undefined) throw new Error('expected two blocks');
    // The size of evidence is looked at after so many blocks.
    const hints = taught(new Array<BlockRecord>(64).fill(first), { maxEvidenceBytes: 1 });
    expect(again(hints).hint(pendingOf(next))).toEqual(hints.hint(pendingOf(next)));
  });
});
