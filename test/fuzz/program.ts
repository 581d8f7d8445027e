import { Weighted, type Random } from '../../datasets/generate/random.js';
import { Assembler, type Label } from './assembler.js';
import { between, bytes, pick, word } from './draw.js';
import { drawOperand, type Surroundings } from './operands.js';
import { CALLS, OPERATIONS, isActive, type Operand, type Operation } from './operations.js';
import { deployerOf, knownOpcodes, longBlock, smallInitcode } from './snippets.js';

const CALL_KINDS = Object.values(CALLS);
const MAX_HEIGHT = 14;
const MAX_NESTING = 2;

type Statement = (writer: ProgramWriter) => void;

const STATEMENTS: readonly (readonly [weight: number, statement: Statement])[] = [
  [50, (writer) => writer.operation()],
  [12, (writer) => writer.shuffle()],
  [9, (writer) => writer.call()],
  [4, (writer) => writer.create()],
  [4, (writer) => writer.branch()],
  [3, (writer) => writer.loop()],
  [5, (writer) => writer.keep()],
  [0.6, (writer) => writer.wildJump()],
  [1, (writer) => writer.conditionalEnd()],
  [0.15, (writer) => writer.noise()],
  [0.4, (writer) => writer.longBlock()],
];
const STATEMENT_WEIGHTS = new Weighted(STATEMENTS.map(([weight]) => weight));

/** Writes one program, statement by statement. */
class ProgramWriter {
  readonly #random: Random;
  readonly #around: Surroundings;
  readonly #nesting: number;
  readonly #operations: readonly Operation[];
  readonly #weights: Weighted;
  readonly out = new Assembler();

  constructor(random: Random, around: Surroundings, nesting: number) {
    this.#random = random;
    this.#around = around;
    this.#nesting = nesting;
    // Opcodes of later forks too, rarely: they must fail.
    this.#operations = OPERATIONS.filter((operation) => isActive(operation, around.fork) || random.chance(0.02));
    this.#weights = new Weighted(this.#operations.map(({ weight }) => weight));
  }

  statements(count: number): void {
    for (let left = count; left > 0; left -= 1) {
      STATEMENTS[STATEMENT_WEIGHTS.draw(this.#random)]?.[1](this);
      while (this.out.height > MAX_HEIGHT) this.keep();
    }
  }

  operation(): void {
    const operation = this.#operations[this.#weights.draw(this.#random)];
    if (operation === undefined) return;
    const { opcode, operands, results } = operation;
    for (const operand of operands.toReversed()) this.#operand(operand);
    this.out.op(opcode, operands.length, results);
  }

  /** Fresh, or a copy of what lies on the stack already. */
  #operand(operand: Operand): void {
    const { height } = this.out;
    const copies = operand === 'word' ? 0.4 : operand === 'address' || operand === 'bits' ? 0.1 : 0.02;
    if (height > 0 && this.#random.chance(copies)) this.#duplicate();
    else this.out.push(this.#fresh(operand));
  }

  #fresh(operand: Operand): bigint {
    return drawOperand(this.#random, this.#around, operand);
  }

  #duplicate(): void {
    const depth = Math.min(16, between(this.#random, 1, Math.max(1, this.out.height)));
    this.out.op(0x7f + depth, 0, 1);
  }

  shuffle(): void {
    const { height } = this.out;
    const kind = this.#random.below(3);
    if (height > 0 && kind === 0) this.#duplicate();
    else if (height > 1 && kind === 1) this.out.op(0x8f + Math.min(16, between(this.#random, 1, height - 1)));
    else if (height > 2 && this.#random.chance(0.3)) this.out.op(0x50, 1);
    else this.out.push(word(this.#random), this.#random.chance(0.1) ? 32 : undefined);
  }

  /** Makes the top of the stack count: in a slot, in memory or in a log. */
  keep(): void {
    if (this.out.height === 0) this.out.op(0x5a, 0, 1);
    if (this.#random.chance(0.5)) {
      this.out.push(this.#fresh('slot'));
      this.out.op(0x55, 2);
    } else if (this.#random.chance(0.6)) {
      this.out.push(this.#random.below(96));
      this.out.op(0x52, 2);
    } else {
      this.out.push(this.#random.below(64));
      this.out.push(this.#random.below(64));
      this.out.op(0xa1, 3);
    }
  }

  call(target?: () => void): void {
    const { out } = this;
    const random = this.#random;
    const kind = random.chance(0.5) ? CALLS.call : pick(random, CALL_KINDS);
    const valued = kind === CALLS.call || kind === CALLS.callcode;
    for (const operand of ['size', 'offset', 'size', 'offset'] as const) out.push(this.#fresh(operand));
    if (valued) out.push(random.chance(0.6) ? 0n : random.chance(0.9) ? BigInt(between(random, 1, 9)) : word(random));
    if (target === undefined) this.#operand('address');
    else target();
    this.#callGas();
    out.op(kind, valued ? 7 : 6, 1);
    if (random.chance(0.3)) this.#readOutput();
  }

  #callGas(): void {
    const random = this.#random;
    const kind = random.below(10);
    if (kind < 2) this.out.op(0x5a, 0, 1);
    else if (kind < 7) this.out.push(between(random, 2_000, 60_000));
    else if (kind < 9) this.out.push(random.below(3_000));
    else this.out.push(word(random));
  }

  #readOutput(): void {
    const { out } = this;
    if (this.#random.chance(0.7)) out.op(0x3d, 0, 1);
    else out.push(this.#fresh('size'));
    out.push(this.#random.chance(0.8) ? 0n : this.#fresh('offset'));
    out.push(this.#fresh('offset'));
    out.op(0x3e, 3);
  }

  create(): void {
    const { out } = this;
    const random = this.#random;
    const initcode = writeInitcode(random, this.#around, this.#nesting + 1);
    const offset = random.below(64);
    out.push(initcode.length, 2);
    out.pushDataOffset(initcode);
    out.push(offset);
    out.op(0x39, 3);
    const second = random.chance(0.5);
    if (second) out.push(random.below(2));
    out.push(random.chance(0.97) ? initcode.length : this.#fresh('size'));
    out.push(offset);
    out.push(random.chance(0.7) ? 0n : BigInt(random.below(20)));
    out.op(second ? 0xf5 : 0xf0, second ? 4 : 3, 1);
    if (random.chance(0.5)) this.call(() => out.op(0x84, 0, 1));
    else if (random.chance(0.3)) this.#readOutput();
  }

  /** A body that a condition skips. */
  branch(): void {
    const { out } = this;
    const end: Label = { offset: null };
    this.#operand('word');
    if (this.#random.chance(0.5)) out.op(0x15, 1, 1);
    out.pushLabel(end);
    out.op(0x57, 2);
    this.#body(between(this.#random, 1, 4));
    out.place(end);
  }

  /** A body that leaves the stack as high as it was, mostly. */
  #body(count: number): void {
    const { out } = this;
    const { height } = out;
    this.statements(count);
    if (this.#random.chance(0.03)) return;
    while (out.height > height) out.op(0x50, 1);
    while (out.height < height) out.push(this.#random.below(5));
  }

  /** Counts down, or never ends. */
  loop(): void {
    const { out } = this;
    const start: Label = { offset: null };
    out.push(between(this.#random, 1, this.#random.chance(0.9) ? 6 : 200));
    const { height } = out;
    out.place(start);
    this.#body(between(this.#random, 1, 3));
    while (out.height < height) out.push(1);
    if (this.#random.chance(0.98)) {
      out.push(1);
      out.op(0x90);
      out.op(0x03, 2, 1);
    }
    out.op(0x80, 0, 1);
    out.pushLabel(start);
    out.op(0x57, 2);
  }

  /** To a place that may be no JUMPDEST, or one in the data of a PUSH. */
  wildJump(): void {
    const { out } = this;
    const random = this.#random;
    const conditional = random.chance(0.8);
    if (random.chance(0.3)) {
      const end: Label = { offset: null };
      out.pushLabel(end);
      out.op(0x56, 1);
      out.raw([0x60, ...(random.chance(0.3) ? [0x5b] : [])]);
      out.place(end);
      return;
    }
    if (conditional) out.push(random.below(2));
    out.push(random.chance(0.8) ? BigInt(random.below(out.length + 40)) : word(random));
    out.op(conditional ? 0x57 : 0x56, conditional ? 2 : 1);
  }

  conditionalEnd(): void {
    const { out } = this;
    const after: Label = { offset: null };
    const { height } = out;
    this.#operand('word');
    out.pushLabel(after);
    out.op(0x57, 2);
    this.end();
    out.place(after);
    out.height = height;
  }

  end(): void {
    const { out } = this;
    const kind = this.#random.below(20);
    if (kind < 4) return out.op(0x00);
    if (kind < 5) return out.op(0xfe);
    if (kind < 7) {
      this.#operand('address');
      return out.op(0xff, 1);
    }
    out.push(this.#fresh('size'));
    out.push(this.#fresh('offset'));
    out.op(kind < 17 ? 0xf3 : 0xfd, 2);
  }

  noise(): void {
    this.out.raw(bytes(this.#random, between(this.#random, 1, 6)));
  }

  longBlock(): void {
    this.out.raw(longBlock(this.#random));
  }
}

/** Code that tries to mean something: it is not to fail too early, and its results are to be seen. */
export function writeProgram(random: Random, around: Surroundings, nesting = 0): number[] {
  const kind = random.below(40);
  if (kind === 0) return bytes(random, between(random, 0, 90));
  if (kind === 1) return knownOpcodes(random, between(random, 5, 80));
  const writer = new ProgramWriter(random, around, nesting);
  writer.statements(between(random, 2, nesting === 0 ? 30 : 8));
  for (let left = Math.min(3, writer.out.height); left > 0; left -= 1) writer.keep();
  writer.end();
  return writer.out.assemble();
}

function writeInitcode(random: Random, around: Surroundings, nesting: number): number[] {
  const kind = random.below(12);
  if (kind === 0) return [];
  if (kind === 1) return bytes(random, between(random, 1, 40));
  if (kind < 4 || nesting > MAX_NESTING) return smallInitcode(random, around);
  if (kind < 6) return writeProgram(random, around, nesting);
  return deployerOf(writeProgram(random, around, nesting), random);
}
