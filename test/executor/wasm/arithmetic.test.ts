import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex } from '@ethereumjs/util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWasmExecutor } from '../../../executor/wasm/index.js';
import { createEngine } from '../../../executor/wasm/engine.js';
import type { Hex } from '../../../types.js';
import { CONTRACT, account, code, push, slotOf, snapshotOf } from '../reference/snapshots.js';
import { DEFINITIONS, OPERANDS, type Definition } from './words.js';

const SEED = 20_250_101;
const RUNS = 3_000;
/** Opcodes that the module exports by themselves. */
const EXPORTED = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x10, 0x12, 0x1a, 0x1b, 0x1c, 0x1d];

/** What tests need of the module besides what the host does. */
interface ScratchExports {
  arithmetic(opcode: number, to: number, a: number, b: number, c: number): void;
  keccak256(to: number, from: number, length: number): void;
}

/** The definitions of these opcodes, or all, with their names. */
function named(opcodes?: readonly number[]): [name: string, definition: Definition][] {
  const wanted = DEFINITIONS.filter(({ opcode }) => opcodes?.includes(opcode) ?? true);
  return wanted.map((definition) => [definition.name, definition]);
}

function missing(): never {
  throw new Error('more operands than places');
}

const { instance: engine } = await createEngine(1);
const scratch = engine.exports as unknown as ScratchExports;

describe('arithmetic of the engine', () => {
  const [to, a, b, c] = [0, 1, 2, 3].map(() => engine.allocate(32)) as [number, number, number, number];

  /** The result in a place of its own, or in that of the last operand, where the interpreter wants it. */
  function compute({ opcode, operands }: Definition, words: readonly bigint[], inPlace: boolean): bigint {
    const places = [a, b, c];
    for (const [place, word] of words.entries()) engine.setWord(places[place] ?? missing(), word);
    const target = inPlace ? (places[operands - 1] ?? missing()) : to;
    scratch.arithmetic(opcode, target, a, b, c);
    return engine.word(target);
  }

  it.each(named(EXPORTED))('%s is that of BigInt', (_name, definition) => {
    fc.assert(
      fc.property(OPERANDS, fc.boolean(), (words, inPlace) => {
        expect(compute(definition, words, inPlace)).toBe(definition.result(...words));
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });
});

describe('opcodes of arithmetic and logic', () => {
  const CASES = 400;
  const [MSTORE, LOG0] = [0x52, 0xa0];
  const executor = createWasmExecutor();

  /** A program that computes the cases one after another and logs the results. */
  function programOf({ opcode, operands }: Definition, cases: readonly (readonly bigint[])[]): Hex {
    const computed = cases.flatMap((words, place) => [
      ...words
        .slice(0, operands)
        .reverse()
        .map((word) => push(word)),
      opcode,
      push(32 * place),
      MSTORE,
    ]);
    return code(...computed, push(32 * cases.length), push(0), LOG0);
  }

  it.each(named())('%s takes its operands from the stack and leaves its result there', async (_name, definition) => {
    const cases = fc.sample(OPERANDS, { seed: SEED + definition.opcode, numRuns: CASES });
    const accounts = { [CONTRACT]: account(programOf(definition, cases)) };
    const transactions = [{ gasLimit: 10_000_000 }];
    const { receipts } = await executor.execute(snapshotOf({ accounts, transactions, fork: 'osaka' }));
    const data = receipts[0]?.logs[0]?.data ?? '0x';
    const results = cases.map((_, place) => `0x${data.slice(2 + 64 * place, 2 + 64 * (place + 1))}`);
    expect(results).toEqual(cases.map((words) => slotOf(definition.result(...words))));
  });
});

describe('keccak256 of the engine', () => {
  const [to, from] = [engine.allocate(32), engine.allocate(1 << 20)];

  function hash(content: Uint8Array, offset = 0): Hex {
    engine.bytes.set(content, from + offset);
    scratch.keccak256(to, from + offset, content.length);
    return bytesToHex(engine.bytes.slice(to, to + 32));
  }

  it('is that of @noble/hashes for every length up to 300 and around multiples of the rate', () => {
    const lengths = [...Array(301).keys(), 407, 408, 409, 1_359, 1_360, 1_361, 65_536, 136 * 5_000, 1_000_003];
    for (const [place, length] of lengths.entries()) {
      const content = Uint8Array.from({ length }, (_, index) => (index * 167 + place * 31) & 255);
      expect(hash(content, place % 17)).toBe(bytesToHex(keccak_256(content)));
    }
  });

  it('is that of @noble/hashes for any content', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (content) => {
        expect(hash(content)).toBe(bytesToHex(keccak_256(content)));
      }),
      { seed: SEED, numRuns: 1_000 },
    );
  });
});
