import { FORKS, type Fork } from '../../types.js';

/** What an operand is for, so that it is drawn where it means something. */
export type Operand = 'word' | 'shift' | 'slot' | 'offset' | 'size' | 'address' | 'number' | 'bits';

export interface Operation {
  readonly opcode: number;
  /** Top of the stack first. */
  readonly operands: readonly Operand[];
  readonly results: number;
  readonly weight: number;
  readonly since: Fork;
}

type Row = readonly [opcode: number, operands: readonly Operand[], results: number, weight?: number, since?: Fork];

const TWO = ['word', 'word'] as const;

const ROWS: readonly Row[] = [
  ...[0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07].map((opcode): Row => [opcode, TWO, 1, 2]),
  ...[0x08, 0x09].map((opcode): Row => [opcode, ['word', 'word', 'word'], 1, 2]),
  [0x0a, ['word', 'bits'], 1],
  [0x0b, ['shift', 'word'], 1],
  ...[0x10, 0x11, 0x12, 0x13, 0x14, 0x16, 0x17, 0x18].map((opcode): Row => [opcode, TWO, 1]),
  ...[0x15, 0x19].map((opcode): Row => [opcode, ['word'], 1]),
  ...[0x1a, 0x1b, 0x1c, 0x1d].map((opcode): Row => [opcode, ['shift', 'word'], 1]),
  [0x1e, ['word'], 1, 2, 'osaka'],
  [0x20, ['offset', 'size'], 1, 6],
  ...[0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3a, 0x3d].map((opcode): Row => [opcode, [], 1]),
  [0x31, ['address'], 1, 4],
  [0x35, ['offset'], 1, 3],
  [0x37, ['offset', 'offset', 'size'], 0, 3],
  [0x39, ['offset', 'offset', 'size'], 0, 3],
  [0x3b, ['address'], 1, 4],
  [0x3c, ['address', 'offset', 'offset', 'size'], 0, 4],
  [0x3e, ['offset', 'offset', 'size'], 0, 2],
  [0x3f, ['address'], 1, 4],
  [0x40, ['number'], 1, 2],
  ...[0x41, 0x42, 0x43, 0x44, 0x45, 0x46].map((opcode): Row => [opcode, [], 1]),
  [0x47, [], 1, 4],
  [0x48, [], 1, 1, 'london'],
  [0x49, ['bits'], 1, 2, 'cancun'],
  [0x4a, [], 1, 1, 'cancun'],
  [0x51, ['offset'], 1, 4],
  [0x52, ['offset', 'word'], 0, 8],
  [0x53, ['offset', 'word'], 0, 3],
  [0x54, ['slot'], 1, 12],
  [0x55, ['slot', 'word'], 0, 16],
  ...[0x58, 0x59].map((opcode): Row => [opcode, [], 1]),
  [0x5a, [], 1, 8],
  [0x5b, [], 0, 2],
  [0x5c, ['slot'], 1, 5, 'cancun'],
  [0x5d, ['slot', 'word'], 0, 5, 'cancun'],
  [0x5e, ['offset', 'offset', 'size'], 0, 6, 'cancun'],
  [0x5f, [], 1, 1, 'shanghai'],
  ...[0, 1, 2, 3, 4].map((topics): Row => [
    0xa0 + topics,
    ['offset', 'size', ...Array.from({ length: topics }, () => 'word' as const)],
    0,
    2,
  ]),
];

export const OPERATIONS: readonly Operation[] = ROWS.map(
  ([opcode, operands, results, weight = 1, since = 'berlin']) => ({
    opcode,
    operands,
    results,
    weight,
    since,
  }),
);

export const CALLS = { call: 0xf1, callcode: 0xf2, delegatecall: 0xf4, staticcall: 0xfa } as const;

export function isActive(operation: Operation, fork: Fork): boolean {
  return FORKS.indexOf(operation.since) <= FORKS.indexOf(fork);
}
