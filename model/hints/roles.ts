import type { SectionReader } from '../artifact/section-reader.js';
import type { SectionWriter } from '../artifact/section-writer.js';
import { at } from '../numbers.js';
import { MOST_ACCOUNTS, UseCounts, UseShares, type ShareState } from './account-use.js';

/** An observation weighs so much less with each later call. */
export const AGE_PER_CALL = 0.9;

/** What calls of one kind did to accounts. */
export class Roles {
  calls = 0;
  readonly recipient = new UseCounts();
  /** Accounts that stood in the calldata, each by itself and all together. */
  readonly arguments = new UseShares();
  readonly anyArgument = new UseCounts();
  anyArgumentCalls = 0;
  /** Accounts that did not. */
  readonly others = new UseShares();

  age(): void {
    this.calls *= AGE_PER_CALL;
    this.recipient.age(AGE_PER_CALL);
    this.anyArgument.age(AGE_PER_CALL);
    this.anyArgumentCalls *= AGE_PER_CALL;
    this.others.age(AGE_PER_CALL);
  }
}

/** What may stand in a saved table: numbers of words, and names of kinds of calls. */
export interface RolesLimits {
  readonly words: number;
  readonly names: { readonly least: number; readonly below: number };
}

/** Numbers of one kind of call beside its shares: calls, recipient, any argument, calls with arguments. */
const ROW_NUMBERS = 8;
/** Numbers of a share beside its account: counts and calls. */
const SHARE_NUMBERS = 4;

/** Writes a table of roles by name; its order is kept. */
export function saveRoles(table: ReadonlyMap<number, Roles>, to: SectionWriter): void {
  const rows = [...table.values()];
  to.float64('names', Float64Array.from(table.keys()));
  const numbers = rows.flatMap(({ calls, recipient, anyArgument, anyArgumentCalls }) => {
    return [calls, ...recipient.state(), ...anyArgument.state(), anyArgumentCalls];
  });
  to.float64('numbers', Float64Array.from(numbers));
  saveShares(
    rows.map((row) => row.arguments.state()),
    to.within('arguments'),
  );
  saveShares(
    rows.map((row) => row.others.state()),
    to.within('others'),
  );
}

/** Fills an empty table with what `saveRoles` wrote. Refuses what cannot have been written. */
export function restoreRoles(table: Map<number, Roles>, from: SectionReader, { words, names }: RolesLimits): void {
  const saved = from.float64('names');
  const numbers = weights(from, 'numbers', saved.length * ROW_NUMBERS);
  const argumentShares = restoreShares(from.within('arguments'), saved.length, words);
  const otherShares = restoreShares(from.within('others'), saved.length, words);
  for (const [index, name] of saved.entries()) {
    const isName = Number.isInteger(name) && name >= names.least && name < names.below;
    if (!isName || table.has(name)) from.refuse('names', `entry ${index} is ${name}, out of range or there twice`);
    const roles = new Roles();
    const first = index * ROW_NUMBERS;
    roles.calls = at(numbers, first);
    roles.recipient.restore(threeAt(numbers, first + 1));
    roles.anyArgument.restore(threeAt(numbers, first + 4));
    roles.anyArgumentCalls = at(numbers, first + 7);
    roles.arguments.restore(argumentShares[index] ?? []);
    roles.others.restore(otherShares[index] ?? []);
    table.set(name, roles);
  }
}

function saveShares(rows: readonly (readonly ShareState[])[], to: SectionWriter): void {
  const shares = rows.flat();
  to.int32(
    'counts',
    Int32Array.from(rows, ({ length }) => length),
  );
  to.int32(
    'accounts',
    Int32Array.from(shares, ({ account }) => account),
  );
  to.float64('numbers', Float64Array.from(shares.flatMap(({ counts, calls }) => [...counts, calls])));
}

function restoreShares(from: SectionReader, rows: number, words: number): ShareState[][] {
  const counts = from.indices('counts', { count: MOST_ACCOUNTS + 1, length: rows });
  const total = counts.reduce((sum, count) => sum + count, 0);
  const accounts = from.indices('accounts', { count: words, length: total });
  const numbers = weights(from, 'numbers', total * SHARE_NUMBERS);
  let position = 0;
  return Array.from(counts, (count) =>
    Array.from({ length: count }, () => {
      const first = position * SHARE_NUMBERS;
      const account = at(accounts, position);
      position += 1;
      return { account, counts: threeAt(numbers, first), calls: at(numbers, first + 3) };
    }),
  );
}

/** Decayed counts. */
function weights(from: SectionReader, name: string, length: number): Float64Array {
  const values = from.float64(name, length);
  const position = values.findIndex((value) => !(value >= 0 && value < Infinity));
  if (position >= 0) from.refuse(name, `entry ${position} is ${at(values, position)}, no count`);
  return values;
}

function threeAt(values: Float64Array, first: number): [number, number, number] {
  return [at(values, first), at(values, first + 1), at(values, first + 2)];
}
