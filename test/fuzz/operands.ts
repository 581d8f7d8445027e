import type { Random } from '../../datasets/generate/random.js';
import type { Address, Fork } from '../../types.js';
import { between, pick, word } from './draw.js';
import type { Operand } from './operations.js';

/** What the programs of a block can refer to. */
export interface Surroundings {
  readonly fork: Fork;
  readonly blockNumber: number;
  readonly addresses: readonly Address[];
}

export const SLOTS = [0n, 1n, 2n, 3n, 5n, 2n ** 64n, 2n ** 255n + 1n];

export function drawOperand(random: Random, around: Surroundings, operand: Operand): bigint {
  const rarely = random.chance(0.03);
  switch (operand) {
    case 'word':
      return word(random);
    case 'shift':
      return rarely ? word(random) : BigInt(random.below(262));
    case 'bits':
      return rarely ? word(random) : BigInt(random.below(random.chance(0.5) ? 6 : 70_000));
    case 'slot':
      return rarely ? word(random) : pick(random, SLOTS);
    case 'offset':
      return random.chance(0.003) ? word(random) : BigInt(random.below(random.chance(0.9) ? 160 : 3_000));
    case 'size':
      return random.chance(0.003) ? word(random) : BigInt(random.below(random.chance(0.9) ? 100 : 1_200));
    case 'number':
      return rarely ? word(random) : BigInt(Math.max(0, around.blockNumber + 3 - random.below(300)));
    case 'address':
      return drawAddress(random, around);
  }
}

/** The upper 12 bytes do not count. */
function drawAddress(random: Random, { addresses }: Surroundings): bigint {
  const address = BigInt(pick(random, addresses));
  return random.chance(0.05) ? address + (BigInt(between(random, 1, 255)) << 160n) : address;
}
