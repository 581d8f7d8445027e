import { beforeAll, describe, expect, it } from 'vitest';
import { LanecastError } from '../../../errors.js';
import { keccak256 } from '../../../executor/reference/index.js';
import { decodeEvidence, encodeEvidence } from '../../../model/artifact/evidence-file.js';
import type { Evidence } from '../../../model/evidence.js';
import { pendingOf } from '../../../model/pending.js';
import type { BlockRecord } from '../../../types.js';
import { hasSharedData } from '../../shared-data.js';
import { generatedRecords, learn, predictionsOf, tracedRecords } from '../learned.js';

const source = { file: 'evidence.bin', keccak256 };

describe.each([
  { name: 'generated blocks', present: true, read: () => generatedRecords('mainnet', 3) },
  { name: 'the shared traces', present: hasSharedData, read: () => tracedRecords(3) },
])('evidence from $name', ({ present, read }) => {
  let known: readonly BlockRecord[] = [];
  let next: BlockRecord | undefined;
  beforeAll(async () => {
    if (!present) return;
    const records = await read();
    known = records.slice(0, 2);
    next = records[2];
  });

  const learnt = (): { evidence: Evidence; loaded: Evidence; block: BlockRecord } => {
    if (next === undefined) throw new Error('expected a third block');
    const evidence = learn(known);
    return { evidence, loaded: decodeEvidence(encodeEvidence(evidence), source), block: next };
  };

  it.skipIf(!present)('predicts to the bit the same after it was saved, and goes on learning the same', () => {
    const { evidence, loaded, block } = learnt();
    expect(loaded.block).toBe(evidence.block);
    const predictions = predictionsOf(evidence, block);
    expect(predictionsOf(loaded, block)).toEqual(predictions);
    expect(predictions.length).toBeGreaterThan(4 * block.transactions.length);
    // The same numbers, too.
    expect(loaded.describe(pendingOf(block))).toEqual(evidence.describe(pendingOf(block)));
    evidence.learn(block);
    loaded.learn(block);
    expect(encodeEvidence(loaded).equals(encodeEvidence(evidence))).toBe(true);
    expect(predictionsOf(loaded, block)).toEqual(predictionsOf(evidence, block));
  });

  it.skipIf(!present)('is refused when a byte is another or the file is cut off', () => {
    const bytes = encodeEvidence(learn(known.slice(0, 1)));
    const refused = (changed: Uint8Array): void => {
      try {
        decodeEvidence(changed, source);
      } catch (error) {
        if (error instanceof LanecastError && error.code === 'INVALID_INPUT' && /^evidence\.bin: /.test(error.message))
          return;
        throw error;
      }
      throw new Error('expected a refusal');
    };
    for (let part = 0; part < 40; part++) {
      const position = Math.floor((bytes.length * part) / 40) + (part % 7);
      refused(bytes.subarray(0, position));
      const changed = Buffer.from(bytes);
      changed[position] = (changed[position] ?? 0) + 1;
      refused(changed);
    }
  });
});

describe('evidence that learned nothing', () => {
  it('comes back as such', () => {
    const loaded = decodeEvidence(encodeEvidence(learn([])), source);
    expect(loaded.block).toBe(0);
    expect([loaded.space.words.size, loaded.accesses.size, loaded.expressions.size]).toEqual([0, 0, 0]);
  });
});
