import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LanecastError } from '../../../errors.js';
import { checksumOf } from '../../../model/artifact/section-format.js';
import { SectionReader } from '../../../model/artifact/section-reader.js';
import { SectionWriter } from '../../../model/artifact/section-writer.js';

const file = 'folder/evidence.bin';

function refusalOf(run: () => unknown): LanecastError {
  try {
    run();
  } catch (error) {
    if (error instanceof LanecastError) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}

function example(): Buffer {
  const to = new SectionWriter();
  to.int32('numbers', Int32Array.of(1, -2, 3));
  to.within('inner').texts('words', ['ä', '', 'c|m 0 from']);
  return to.finish();
}

describe('files of sections', () => {
  it('give back what was written', () => {
    const contents = fc.record({
      int32: fc.int32Array(),
      float32: fc.float32Array(),
      float64: fc.float64Array(),
      bytes: fc.uint8Array(),
      texts: fc.array(fc.string({ unit: 'binary' })),
    });
    fc.assert(
      fc.property(contents, ({ int32, float32, float64, bytes, texts }) => {
        const to = new SectionWriter();
        const inner = to.within('a').within('b');
        inner.int32('int32', int32);
        to.float32('float32', float32);
        to.float64('float64', float64);
        to.bytes('bytes', bytes);
        inner.texts('texts', texts);
        const from = SectionReader.open(file, to.finish());
        expect(from.within('a').int32('b.int32')).toEqual(int32);
        expect(from.float32('float32')).toEqual(float32);
        expect(from.float64('float64', float64.length)).toEqual(float64);
        expect(from.bytes('bytes')).toEqual(bytes);
        expect(from.within('a').within('b').texts('texts')).toEqual(texts);
      }),
    );
  });

  it('are little-endian', () => {
    const to = new SectionWriter();
    to.int32('n', Int32Array.of(1));
    expect(to.finish().subarray(0, 16).toString('hex')).toBe(
      `${Buffer.from('lanecast').toString('hex')}0100000001000000`,
    );
  });

  it.each(Array.from(example().keys()))('are refused when byte %i is another', (position) => {
    const bytes = example();
    bytes[position] = (bytes[position] ?? 0) ^ 0x10;
    const error = refusalOf(() => SectionReader.open(file, bytes));
    expect(error.code).toBe('INVALID_INPUT');
    expect(error.message).toContain(file);
  });

  it('are refused when they are cut off anywhere or something follows', () => {
    const bytes = example();
    for (let length = 0; length < bytes.length; length++) {
      const error = refusalOf(() => SectionReader.open(file, bytes.subarray(0, length)));
      expect([error.code, error.message.startsWith(`${file}: ends too early`)]).toEqual(['INVALID_INPUT', true]);
    }
    const longer = refusalOf(() => SectionReader.open(file, Buffer.concat([bytes, Buffer.alloc(3)])));
    expect(longer.message).toBe(`${file}: 3 bytes after the last section`);
  });

  it('of another format say which', () => {
    const bytes = example();
    bytes.writeUInt32LE(7, 8);
    bytes.writeUInt32LE(checksumOf(bytes.subarray(0, 16)), 16);
    const error = refusalOf(() => SectionReader.open(file, bytes));
    expect(error.code).toBe('UNSUPPORTED');
    expect(error.message).toBe(`${file}: has format 7, this version reads 1: train again with this version`);
  });

  it.each<[string, (from: SectionReader) => unknown, string]>([
    ['a section that is missing', (from) => from.int32('other'), 'section other: missing'],
    ['another kind', (from) => from.float32('numbers'), 'section numbers: holds int32 where float32 is due'],
    ['another length', (from) => from.int32('numbers', 4), 'section numbers: 3 values where 4 are due'],
    ['a number below all', (from) => from.indices('numbers', { count: 9 }), 'section numbers: entry 1 is -2, of 9'],
    [
      'texts as numbers',
      (from) => from.within('inner').int32('words'),
      'section inner.words: holds texts where int32 is due',
    ],
  ])('refuse %s', (_, read, message) => {
    const error = refusalOf(() => read(SectionReader.open(file, example())));
    expect([error.code, error.message]).toEqual(['INVALID_INPUT', `${file}: ${message}`]);
  });

  it('refuse texts that are none', () => {
    const open = (bytes: readonly number[]): SectionReader => {
      const to = new SectionWriter();
      to.bytes('t', Uint8Array.from(bytes));
      const written = to.finish();
      written[20] = 4;
      const end = 20 + 16;
      written.writeUInt32LE(checksumOf(written.subarray(20, end), written.subarray(end + 4)), end);
      return SectionReader.open(file, written);
    };
    expect(open([1, 0, 0, 0, 65]).texts('t')).toEqual(['A']);
    for (const bytes of [
      [1, 0],
      [2, 0, 0, 0, 65],
      [1, 0, 0, 0, 0xff],
    ]) {
      expect(refusalOf(() => open(bytes).texts('t')).message).toMatch(/text 0 (?:does not end|is not UTF-8)/);
    }
  });
});
