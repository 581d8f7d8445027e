import { endianness } from 'node:os';
import { crc32 } from 'node:zlib';

/**
 * A file of named sections: `MAGIC`, u32 format version, u32 number of sections, u32 CRC-32 of all before it; then for each
 * section u32 kind, u32 bytes of the name, u32 bytes of the data, u32 bytes of the data before it was compressed, u32 CRC-32
 * of these four, the name and the data; then the name (UTF-8) and the data (RFC 1951). All numbers are little-endian.
 */
export const MAGIC = 'lanecast';
export const SECTION_FORMAT = 1;
export const FILE_HEADER_BYTES = 20;
export const SECTION_HEADER_BYTES = 20;
/** Where a section's checksum stands in its header; it covers what is before it. */
export const CHECKSUM_AT = 16;

/** `texts`: for each string its bytes as u32 and UTF-8. */
export const SECTION_KINDS = ['int32', 'float32', 'float64', 'bytes', 'texts'] as const;
export type SectionKind = (typeof SECTION_KINDS)[number];

export function checksumOf(...parts: readonly Uint8Array[]): number {
  return parts.reduce((checksum, part) => crc32(part, checksum), 0);
}

/** Turns numbers of this machine into little-endian ones or back, in place. */
export function swapIfBigEndian(bytes: Buffer, width: 4 | 8): Buffer {
  if (endianness() === 'LE') return bytes;
  return width === 4 ? bytes.swap32() : bytes.swap64();
}
