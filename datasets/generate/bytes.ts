import type { Hash, Hex } from '../../types.js';

export function toHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`;
}

export function fromHex(hex: Hex): Uint8Array {
  return Buffer.from(hex.slice(2), 'hex');
}

export function joinHex(...parts: readonly Hex[]): Hex {
  return `0x${parts.map((part) => part.slice(2)).join('')}`;
}

/** 32 bytes, big endian. */
export function word(value: bigint | number): Hash {
  return `0x${value.toString(16).padStart(64, '0')}`;
}

/** An address or another short value, left-padded to 32 bytes. */
export function padWord(hex: Hex): Hash {
  return `0x${hex.slice(2).padStart(64, '0')}`;
}

/** Fixed number of bytes, big endian. */
export function bigEndian(value: bigint | number, bytes: number): Hex {
  return `0x${value.toString(16).padStart(2 * bytes, '0')}`;
}

export function utf8(text: string): Hex {
  return toHex(Buffer.from(text, 'utf8'));
}

export function byteLength(hex: Hex): number {
  return (hex.length - 2) / 2;
}
