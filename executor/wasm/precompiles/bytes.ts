/** Bytes `start` to `start + length`; past the end of the input they are zero. */
export function readPadded(input: Uint8Array, start: number, length: number): Uint8Array {
  const end = start + length;
  if (end <= input.length) return input.subarray(start, end);
  const padded = new Uint8Array(length);
  if (start < input.length) padded.set(input.subarray(start));
  return padded;
}

/** Big-endian. */
export function toBigInt(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`);
}

/** Big-endian, padded on the left to `length` bytes, which must be enough. */
export function toBytes(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const digits = value.toString(16);
  const content = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  if (value !== 0n) bytes.set(content, length - content.length);
  return bytes;
}

export function isZero(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0) return false;
  return true;
}
