import { describe, expect, it } from 'vitest';
import { createReferenceExecutor } from '../../../executor/reference/index.js';
import { createWasmExecutor } from '../../../executor/wasm/index.js';
import type { Hex } from '../../../types.js';
import { account, code, push, slotOf, snapshotOf } from '../reference/snapshots.js';
import { comparable } from './comparable.js';
import { contractAt } from './mock-contracts.js';

const [engine, reference] = [createWasmExecutor(), createReferenceExecutor()];

/** Of the contracts that are called. */
const FIRST_CONTRACT = 0x1000;

/** The sequences of executor/engine/assembly/fusion.ts; a jump goes to `target`. */
type Sequence = (target: Hex) => Hex;
const push2 = (target: Hex): Hex => `0x61${target.slice(2).padStart(4, '0')}`;
const SEQUENCES: Readonly<Record<string, Sequence>> = {
  'PUSH2 JUMP': (target) => code(push2(target), 0x56),
  'PUSH2 JUMPI': (target) => code(push2(target), 0x57),
  'ISZERO PUSH2 JUMPI': (target) => code(0x15, push2(target), 0x57),
  'DUP1 ISZERO PUSH2 JUMPI': (target) => code(0x80, 0x15, push2(target), 0x57),
  'LT PUSH2 JUMPI': (target) => code(0x10, push2(target), 0x57),
  'GT PUSH2 JUMPI': (target) => code(0x11, push2(target), 0x57),
  'EQ PUSH2 JUMPI': (target) => code(0x14, push2(target), 0x57),
  'LT ISZERO PUSH2 JUMPI': (target) => code(0x10, 0x15, push2(target), 0x57),
  'GT ISZERO PUSH2 JUMPI': (target) => code(0x11, 0x15, push2(target), 0x57),
  'DUP1 PUSH4 EQ PUSH2 JUMPI': (target) => code(0x80, '0x6300000007', 0x14, push2(target), 0x57),
  'DUP1 PUSH4 GT PUSH2 JUMPI': (target) => code(0x80, '0x6300000007', 0x11, push2(target), 0x57),
  'mask by shift': () => code('0x6001600160a01b03'),
  'AND with mask by shift': () => code('0x6001600160a01b0316'),
  'AND with a literal mask': () => code(`0x73${'ff'.repeat(20)}16`),
  'AND with nearly a mask': () => code(`0x73${'ff'.repeat(19)}fe16`),
  'POP POP': () => code('0x5050'),
  'POP POP POP': () => code('0x505050'),
  'POP JUMP': (target) => code(push2(target), 0x90, '0x5056'),
  'SWAP1 POP': () => code('0x9050'),
  'SWAP2 POP': () => code('0x9150'),
  'SWAP2 POP POP': () => code('0x915050'),
  'SWAP3 POP': () => code('0x9250'),
  'PUSH1 ADD': () => code('0x60ff01'),
  'PUSH1 MLOAD': () => code('0x602151'),
  'PUSH1 MSTORE': () => code('0x60e052'),
  'PUSH1 PUSH1': () => code('0x60a160b2'),
  'PUSH1 PUSH1 and a mask': () => code('0x60a16001600160a01b03'),
  'DUP2 MSTORE': () => code('0x8152'),
  'opcodes that are none': () => code(0xb0),
};

const ALL = 2n ** 256n - 1n;
/** On the stack before a sequence, the top last. */
const STACKS: readonly (readonly bigint[])[] = [
  [],
  [1n],
  [5n, 0n],
  [1n, 2n, 3n, 0n],
  [1n, 2n, 3n, 7n],
  [4n, 4n, 8n, 8n],
  [ALL, ALL - 1n, 1n, ALL],
  [0n, ALL, 2n ** 64n, 2n ** 64n - 1n],
  [9n, 8n, ALL, 3n],
  [3n, 3n, 2n ** 128n + 7n, 2n ** 128n + 7n],
  [2n ** 40n, 2n, 2n ** 33n, 96n],
];

/** The stack, the sequence, a mark for "went on" or "jumped", then all that is left of the stack into slots. */
function programOf(sequence: Sequence, stack: readonly bigint[], target?: Hex): Hex {
  const before = code(...stack.map((word) => push(word)));
  const wentOn = code(push(1), push(0x100), 0x55, 0x00);
  const at = (before.length + sequence('0x00').length + wentOn.length - 6) / 2;
  const drain = Array.from({ length: 4 }, (_, slot) => code(push(slot), 0x55));
  const jumped = code(0x5b, push(2), push(0x100), 0x55, 0x59, push(0x101), 0x55, ...drain, 0x00);
  return code(before, sequence(target ?? (push(at).replace(/^0x../, '0x') as Hex)), wentOn, jumped);
}

/** The same where it goes on: what is left of the stack is stored behind the sequence. */
function straightOf(sequence: Sequence, stack: readonly bigint[]): Hex {
  const drain = Array.from({ length: 4 }, (_, slot) => code(push(slot), 0x55));
  return code(...stack.map((word) => push(word)), sequence('0x00'), ...drain, 0x59, push(0x101), 0x55);
}

interface Call {
  readonly program: Hex;
  readonly gasLimit: number;
}

/** Each call is of a contract of its own, so that none sees what others did; one block of them takes less time than many. */
async function expectAgreement(calls: readonly Call[]): Promise<void> {
  const addresses = calls.map((_, index) => contractAt(FIRST_CONTRACT + index));
  const contracts = calls.map(({ program }) => account(program, { [slotOf(1)]: 3 }));
  const accounts = Object.fromEntries(addresses.map((address, index) => [address, contracts[index] ?? account()]));
  const transactions = calls.map(({ gasLimit }, nonce) => ({ gasLimit, nonce, to: addresses[nonce] ?? null }));
  const block = snapshotOf({ fork: 'osaka', accounts, transactions });
  const expected = await reference.execute(block);
  expect(comparable(await engine.execute(block), block)).toEqual(comparable(expected, block));
}

describe('sequences that run as one', () => {
  it.each(Object.entries(SEQUENCES))('do what their opcodes do: %s', async (_name, sequence) => {
    const programs = STACKS.flatMap((stack) => [
      programOf(sequence, stack),
      straightOf(sequence, stack),
      // No JUMPDEST there: the sequence fails where it jumps, and only there.
      programOf(sequence, stack, '0x01'),
      programOf(sequence, stack, '0xffff'),
    ]);
    await expectAgreement(programs.map((program) => ({ program, gasLimit: 500_000 })));
  });

  it.each(Object.entries(SEQUENCES))(
    'cost what their opcodes cost, to the last unit of gas: %s',
    async (_name, sequence) => {
      const program = straightOf(sequence, [1n, 2n, 3n, 32n]);
      await expectAgreement(Array.from({ length: 90 }, (_, units) => ({ program, gasLimit: 21_000 + units })));
    },
  );
});
