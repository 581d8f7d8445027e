import { at } from '../rows.js';
import type { Workload } from '../workload.js';
import type { NextPlaces } from './next-places.js';

const READ = 1;
const WRITE = 2;
const ADD = 4;
const PUBLISH = WRITE | ADD;
const USE_OF = { read: READ, write: WRITE, add: ADD } as const;

/** `given`: the first in the given order. `exposed`: who would else have to wait for most of what may come before it. */
export type TieBreak = 'given' | 'exposed';

/** The keys of each transaction and what it does with them, as compressed rows. */
interface KeyUses {
  readonly offsets: Uint32Array;
  readonly keys: Uint32Array;
  readonly uses: Uint8Array;
}

function keyUsesOf({ transactions }: Workload): KeyUses {
  const rows = transactions.map(({ accesses }) => {
    const uses = new Map<number, number>();
    for (const { key, kind } of accesses) uses.set(key, (uses.get(key) ?? 0) | USE_OF[kind]);
    return [...uses];
  });
  const offsets = new Uint32Array(rows.length + 1);
  for (const [index, row] of rows.entries()) offsets[index + 1] = at(offsets, index) + row.length;
  return {
    offsets,
    keys: Uint32Array.from(rows.flat(), ([key]) => key),
    uses: Uint8Array.from(rows.flat(), ([, use]) => use),
  };
}

/**
 * A new order by greedy list scheduling (Graham, 1969) on virtual workers: each place goes to the allowed transaction that
 * can start first; of several, to the one whose keys have most work left, because that work can only be done in turn; and of
 * several again, as the tie-break says. Neither tie-break is better in general.
 */
export function scheduleByPressure(
  workload: Workload,
  workers: number,
  places: NextPlaces,
  tieBreak: TieBreak,
): number[] {
  const machine = new Machine(workload, workers, tieBreak);
  const order: number[] = [];
  for (let allowed = places.allowed(); allowed.length > 0; allowed = places.allowed()) {
    const index = machine.choose(allowed);
    machine.run(index);
    places.take(index);
    order.push(index);
  }
  return order;
}

class Machine {
  readonly #costs: Float64Array;
  readonly #keyUses: KeyUses;
  /** By worker: when it is free. */
  readonly #freeAt: Float64Array;
  /** By key: when its value is there that the next reader sees. */
  readonly #readyAt: Float64Array;
  /** By key: the cost of the transactions without a place that change it. */
  readonly #workLeft: Float64Array;
  /** By key: the cost of the transactions without a place that replace it or add to it. */
  readonly #publishersLeft: Float64Array;

  readonly #tieBreak: TieBreak;

  constructor(workload: Workload, workers: number, tieBreak: TieBreak) {
    this.#tieBreak = tieBreak;
    this.#costs = Float64Array.from(workload.transactions, ({ cost }) => cost);
    this.#keyUses = keyUsesOf(workload);
    this.#freeAt = new Float64Array(workers);
    this.#readyAt = new Float64Array(workload.keyCount);
    this.#workLeft = new Float64Array(workload.keyCount);
    this.#publishersLeft = new Float64Array(workload.keyCount);
    for (const index of this.#costs.keys()) this.#addWork(index, at(this.#costs, index));
  }

  choose(allowed: readonly number[]): number {
    const now = this.#freeAt.reduce((first, freeAt) => Math.min(first, freeAt), Infinity);
    let best = { index: -1, start: Infinity, pressure: -1, exposure: -1 };
    for (const index of allowed) {
      const start = Math.max(now, this.#startOf(index));
      if (start > best.start) continue;
      const exposure = this.#tieBreak === 'given' ? 0 : this.#exposureOf(index);
      const next = { index, start, pressure: this.#pressureOf(index), exposure };
      if (isBetter(next, best)) best = next;
    }
    return best.index;
  }

  /** On the worker that is idle for the shortest time before it, else on the first that is free. */
  run(index: number): void {
    const ready = this.#startOf(index);
    let chosen = 0;
    for (const [worker, freeAt] of this.#freeAt.entries()) {
      const known = at(this.#freeAt, chosen);
      if (freeAt <= ready ? known > ready || freeAt > known : freeAt < known) chosen = worker;
    }
    const finish = Math.max(ready, at(this.#freeAt, chosen)) + at(this.#costs, index);
    this.#freeAt[chosen] = finish;
    this.#addWork(index, -at(this.#costs, index));
    this.#publish(index, finish);
  }

  /** When what it reads is there. */
  #startOf(index: number): number {
    const { offsets, keys, uses } = this.#keyUses;
    let start = 0;
    for (let entry = at(offsets, index); entry < at(offsets, index + 1); entry++) {
      if ((at(uses, entry) & READ) !== 0) start = Math.max(start, at(this.#readyAt, at(keys, entry)));
    }
    return start;
  }

  #pressureOf(index: number): number {
    const { offsets, keys, uses } = this.#keyUses;
    let pressure = at(this.#costs, index);
    for (let entry = at(offsets, index); entry < at(offsets, index + 1); entry++) {
      if (isChange(at(uses, entry))) pressure = Math.max(pressure, at(this.#workLeft, at(keys, entry)));
    }
    return pressure;
  }

  #exposureOf(index: number): number {
    const { offsets, keys, uses } = this.#keyUses;
    let exposure = 0;
    for (let entry = at(offsets, index); entry < at(offsets, index + 1); entry++) {
      const use = at(uses, entry);
      if ((use & READ) === 0) continue;
      const own = (use & PUBLISH) === 0 ? 0 : at(this.#costs, index);
      exposure = Math.max(exposure, at(this.#publishersLeft, at(keys, entry)) - own);
    }
    return exposure;
  }

  #addWork(index: number, cost: number): void {
    const { offsets, keys, uses } = this.#keyUses;
    for (let entry = at(offsets, index); entry < at(offsets, index + 1); entry++) {
      const [key, use] = [at(keys, entry), at(uses, entry)];
      if (isChange(use)) this.#workLeft[key] = at(this.#workLeft, key) + cost;
      if ((use & PUBLISH) !== 0) this.#publishersLeft[key] = at(this.#publishersLeft, key) + cost;
    }
  }

  #publish(index: number, finish: number): void {
    const { offsets, keys, uses } = this.#keyUses;
    for (let entry = at(offsets, index); entry < at(offsets, index + 1); entry++) {
      const [key, use] = [at(keys, entry), at(uses, entry)];
      if ((use & WRITE) !== 0) this.#readyAt[key] = finish;
      else if ((use & ADD) !== 0) this.#readyAt[key] = Math.max(at(this.#readyAt, key), finish);
    }
  }
}

interface Choice {
  readonly index: number;
  readonly start: number;
  readonly pressure: number;
  readonly exposure: number;
}

function isBetter(a: Choice, b: Choice): boolean {
  if (a.start !== b.start) return a.start < b.start;
  return a.pressure !== b.pressure ? a.pressure > b.pressure : a.exposure > b.exposure;
}

/** Those that see a value and replace it can only run one after the other. */
function isChange(use: number): boolean {
  return (use & READ) !== 0 && (use & WRITE) !== 0;
}
