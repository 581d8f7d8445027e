import { createKeccak } from 'hash-wasm';
import type { Hash, Hex } from '../types.js';

const hasher = await createKeccak(256);

/** Keccak-256 as Ethereum uses it. */
export function keccak256(data: Hex): Hash {
  return `0x${hasher
    .init()
    .update(Buffer.from(data.slice(2), 'hex'))
    .digest('hex')}`;
}
