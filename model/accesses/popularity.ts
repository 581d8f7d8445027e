import type { SectionReader } from '../artifact/section-reader.js';
import type { SectionWriter } from '../artifact/section-writer.js';
import { float32At, grownFloat32, paddedFloat32 } from '../numbers.js';

/** How often keys and addresses were touched: decayed numbers of transactions, by the numbers of the key space. */
export class Popularity {
  readonly keys = new DecayedCounts();
  readonly addresses = new DecayedCounts();

  ofKey(key: number): number {
    return this.keys.get(key);
  }

  ofAddress(address: number): number {
    return this.addresses.get(address);
  }

  /** Counts one transaction; weights of later blocks grow instead of older ones shrinking. */
  count(keys: Iterable<number>, addresses: Iterable<number>): void {
    for (const key of keys) this.keys.add(key);
    for (const address of addresses) this.addresses.add(address);
  }

  /** Starts a block: what was counted before weighs `factor` of what it did. */
  age(factor: number): void {
    this.keys.age(factor);
    this.addresses.age(factor);
  }

  /** Memory held, in bytes. */
  get byteLength(): number {
    return this.keys.byteLength + this.addresses.byteLength;
  }

  save(to: SectionWriter): void {
    this.keys.save(to.within('keys'));
    this.addresses.save(to.within('addresses'));
  }

  /** Takes over what was saved in place of what was counted. */
  restore(from: SectionReader): void {
    this.keys.restore(from.within('keys'));
    this.addresses.restore(from.within('addresses'));
  }
}

const INITIAL_COUNTS = 1024;
const RENORMALISE_AT = 1e12;

/** Decayed counts of things that are numbered from 0. */
export class DecayedCounts {
  #values = new Float32Array(INITIAL_COUNTS);
  #unit = 1;

  get(index: number): number {
    return float32At(this.#values, index) / this.#unit;
  }

  add(index: number): void {
    this.#set(index, float32At(this.#values, index) + this.#unit);
  }

  age(factor: number): void {
    this.#unit /= factor;
    if (this.#unit < RENORMALISE_AT) return;
    for (let index = 0; index < this.#values.length; index++)
      this.#values[index] = float32At(this.#values, index) / this.#unit;
    this.#unit = 1;
  }

  /** What was counted at all, ascending. */
  counted(): number[] {
    const counted: number[] = [];
    for (let index = 0; index < this.#values.length; index++)
      if (float32At(this.#values, index) > 0) counted.push(index);
    return counted;
  }

  /** Takes over counts of others under new numbers, all else is zero. */
  copyCounts(from: DecayedCounts, indices: Iterable<number>, rename: (index: number) => number): void {
    this.#unit = from.#unit;
    for (const source of indices) this.#set(rename(source), float32At(from.#values, source));
  }

  /** Memory held, in bytes. */
  get byteLength(): number {
    return this.#values.byteLength;
  }

  save(to: SectionWriter): void {
    to.float32('values', this.#values.subarray(0, this.#values.findLastIndex((value) => value > 0) + 1));
    to.float64('unit', Float64Array.of(this.#unit));
  }

  restore(from: SectionReader): void {
    this.#values = paddedFloat32(from.float32('values'), INITIAL_COUNTS);
    this.#unit = from.float64('unit', 1)[0] ?? 1;
  }

  #set(index: number, value: number): void {
    while (index >= this.#values.length) this.#values = grownFloat32(this.#values);
    this.#values[index] = value;
  }
}
