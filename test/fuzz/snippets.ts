import type { Random } from '../../datasets/generate/random.js';
import { Assembler } from './assembler.js';
import { between, pick } from './draw.js';
import { SLOTS, type Surroundings } from './operands.js';
import { OPERATIONS } from './operations.js';

const LONG = [17, 250, 255, 256, 510, 511, 512, 513, 700, 1_000, 1_023, 1_024, 1_025];
const MAX_CODE_BYTES = 24_576;

/** More in one basic block than a small counter of gas or heights holds. */
export function longBlock(random: Random): number[] {
  const count = pick(random, LONG);
  const kind = random.below(4);
  if (kind === 0) return Array.from({ length: count }, () => [0x30, 0x50]).flat();
  if (kind === 1) return [...repeat(0x30, count), ...repeat(0x50, count)];
  if (kind === 2) return [...repeat(0x30, count), ...repeat(0x01, count - 1), 0x50];
  return Array.from({ length: count }, (_, place) => [0x60, place & 255, 0x54, 0x50]).flat();
}

function repeat(opcode: number, count: number): number[] {
  return Array.from({ length: count }, () => opcode);
}

/** Random, but after enough pushes and without opcodes that do not exist. */
export function knownOpcodes(random: Random, count: number): number[] {
  const pushes = Array.from({ length: 12 }, () => [0x60, random.below(100)]).flat();
  return [...pushes, ...Array.from({ length: count }, () => pick(random, OPERATIONS).opcode)];
}

/** Initcode of few bytes: returns nothing, zeros, 0xef…, reverts or destroys itself. */
export function smallInitcode(random: Random, { addresses }: Surroundings): number[] {
  const out = new Assembler();
  const kind = random.below(5);
  if (kind === 0) out.op(0x00);
  if (kind === 4) {
    out.push(BigInt(pick(random, addresses)));
    out.op(0xff, 1);
  }
  if (kind > 0 && kind < 4) {
    out.push(kind === 1 ? 0xef : random.below(256));
    out.push(0);
    out.op(0x53, 2);
    out.push(random.chance(0.02) ? MAX_CODE_BYTES + random.below(2) : random.below(40));
    out.push(0);
    out.op(kind === 3 ? 0xfd : 0xf3, 2);
  }
  return out.assemble();
}

/** Initcode that returns a runtime code, perhaps after it stored something. */
export function deployerOf(runtime: readonly number[], random: Random): number[] {
  const out = new Assembler();
  if (random.chance(0.4)) {
    out.push(between(random, 1, 9));
    out.push(pick(random, SLOTS));
    out.op(0x55, 2);
  }
  out.push(runtime.length, 2);
  out.op(0x80, 0, 1);
  out.pushDataOffset(runtime);
  out.push(0);
  out.op(0x39, 3);
  out.push(0);
  out.op(0xf3, 2);
  return out.assemble();
}
