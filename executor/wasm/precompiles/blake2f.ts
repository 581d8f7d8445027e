import type { Precompile } from './call.js';
import type { Kernels } from './kernels.js';

const INPUT_BYTES = 213;

/** EIP-152: rounds (4 bytes), h, m, t, and the flag of the final block, which is 0 or 1. A round costs 1 gas. */
export function createBlake2f(kernels: Kernels): Precompile {
  return (input, gas) => {
    const flag = input[INPUT_BYTES - 1];
    if (input.length !== INPUT_BYTES || flag === undefined || flag > 1) return null;
    const rounds = new DataView(input.buffer, input.byteOffset).getUint32(0);
    if (gas < rounds) return null;
    return { output: kernels.compress(input.subarray(4, 212), rounds, flag === 1), gasUsed: rounds };
  };
}
