import { createKeccak, createRIPEMD160 } from 'hash-wasm';
import type { Precompile } from './call.js';

const RIPEMD160_GAS = 600;
const RIPEMD160_WORD_GAS = 120;

export async function createKeccak256(): Promise<(data: Uint8Array) => Uint8Array> {
  const hasher = await createKeccak(256);
  return (data) => hasher.init().update(data).digest('binary');
}

export async function createRipemd160(): Promise<Precompile> {
  const hasher = await createRIPEMD160();
  return (input, gas) => {
    const gasUsed = RIPEMD160_GAS + RIPEMD160_WORD_GAS * Math.ceil(input.length / 32);
    if (gas < gasUsed) return null;
    const output = new Uint8Array(32);
    output.set(hasher.init().update(input).digest('binary'), 12);
    return { output, gasUsed };
  };
}
