import { toHex } from './draw.js';

/** A place in a program that is known later: a jump's target. */
export interface Label {
  offset: number | null;
}

/** Bytecode as it is written: jumps by label, data after the code by reference. Tracks the height of the stack. */
export class Assembler {
  readonly #code: number[] = [];
  readonly #jumps: { readonly at: number; readonly label: Label }[] = [];
  readonly #data: { readonly at: number; readonly content: readonly number[] }[] = [];
  /** As far as it is known: branches may leave others. */
  height = 0;

  get length(): number {
    return this.#code.length;
  }

  /** An opcode that takes and gives so many words. */
  op(opcode: number, takes = 0, gives = 0): void {
    this.#code.push(opcode);
    this.height = Math.max(0, this.height - takes) + gives;
  }

  /** As they are: nothing is known of what they do. */
  raw(content: readonly number[]): void {
    for (const byte of content) this.#code.push(byte);
  }

  push(value: bigint | number, width?: number): void {
    const digits = BigInt(value).toString(16);
    const size = width ?? Math.ceil(digits.length / 2);
    this.#code.push(0x5f + size);
    this.raw([...Buffer.from(digits.padStart(2 * size, '0'), 'hex')]);
    this.height += 1;
  }

  pushLabel(label: Label): void {
    this.#jumps.push({ at: this.#code.length + 1, label });
    this.push(0, 2);
  }

  /** Pushes where the content will lie in the code. */
  pushDataOffset(content: readonly number[]): void {
    this.#data.push({ at: this.#code.length + 1, content });
    this.push(0, 2);
  }

  /** A JUMPDEST. */
  place(label: Label): void {
    label.offset = this.#code.length;
    this.#code.push(0x5b);
  }

  assemble(): number[] {
    const code = [...this.#code];
    const set = (at: number, value: number): void => void code.splice(at, 2, value >> 8, value & 255);
    for (const { at, label } of this.#jumps) set(at, label.offset ?? 0);
    for (const { at, content } of this.#data) {
      set(at, code.length);
      code.push(...content);
    }
    return code;
  }

  hex(): `0x${string}` {
    return toHex(this.assemble());
  }
}
