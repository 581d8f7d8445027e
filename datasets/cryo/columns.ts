import { InputError } from '../../errors.js';

/** The columns of a Parquet file with their ClickHouse types. */
export type ColumnTypes = ReadonlyMap<string, string>;

/** How a column of cryo is read; the result is named `as`. */
export type CryoColumn = (types: ColumnTypes, origin: string) => string;

interface Options {
  /** Null where the file lacks the column. */
  readonly optional?: boolean;
  /** Other names that versions of cryo use. */
  readonly also?: readonly string[];
  readonly as?: string;
}

/** A whole number. */
export function integer(name: string, options: Options = {}): CryoColumn {
  return column(name, options, (found) => found);
}

/**
 * Bytes of a known length as hexadecimal digits: cryo writes them raw, or with `--hex` as text with 0x, which is longer.
 */
export function fixedHex(name: string, bytes: number, options: Options = {}): CryoColumn {
  return column(name, options, (found) => digits(found, `length(${found}) = ${2 + 2 * bytes}`));
}

/** Bytes of any length; `witness` is a column of a known length in the same file, whose form tells that of this one. */
export function anyHex(name: string, witness: { name: string; bytes: number }, options: Options = {}): CryoColumn {
  return column(name, options, (found, types, origin) => {
    const other = require(types, [witness.name], origin);
    return digits(found, `length(${other}) = ${2 + 2 * witness.bytes}`);
  });
}

/** Keccak-256 of code, digits; empty where there is no code. */
export function codeHash(name: string, options: Options = {}): CryoColumn {
  return column(name, options, (found, types, origin) => {
    const address = require(types, ['address', 'contract_address'], origin);
    const raw = `if(length(${address}) = 42, unhex(substring(${found}, 3)), ${found})`;
    return `if(length(${raw}) = 0, '', lower(hex(keccak256(${raw}))))`;
  });
}

/**
 * A number of 256 bits, which cryo writes in the forms that `--u256-types` names, as `x` and digits or in decimal. Of the
 * forms, those are taken that are exact.
 */
export function wideInteger(name: string, options: Options = {}): CryoColumn {
  return (types, origin) => {
    const label = options.as ?? name;
    const binary = ['_binary', '_u256binary'].map((suffix) => name + suffix).find((found) => types.has(found));
    if (binary !== undefined) return `concat('x', ${digits(binary, `length(${binary}) = 66`)}) AS ${label}`;
    const text = [`${name}_string`, `${name}_d128`, name].find((found) => types.has(found));
    if (text === undefined) {
      const forms = [...types.keys()].filter((found) => found.startsWith(`${name}_`));
      if (forms.length === 0) return column(name, options, (found) => found)(types, origin);
      const problem = `expected an exact form of ${name} (${name}_binary or ${name}_string), got ${forms.join(', ')} alone`;
      throw new InputError({ origin }, `${problem}: run cryo with its default --u256-types`);
    }
    const isText = (types.get(text) ?? '').includes('String');
    const raw = `multiIf(length(${text}) = 66, concat('x', lower(substring(${text}, 3))), match(${text}, '^[0-9]+$'), ${text}, concat('x', hex(${text})))`;
    return `${isText ? raw : `toString(${text})`} AS ${label}`;
  };
}

function digits(found: string, isText: string): string {
  return `if(${isText}, lower(substring(${found}, 3)), lower(hex(${found})))`;
}

function column(
  name: string,
  { optional = false, also = [], as = name }: Options,
  read: (found: string, types: ColumnTypes, origin: string) => string,
): CryoColumn {
  return (types, origin) => {
    const known = [name, ...also].some((candidate) => types.has(candidate));
    if (optional && !known) return `NULL AS ${as}`;
    return `${read(require(types, [name, ...also], origin), types, origin)} AS ${as}`;
  };
}

function require(types: ColumnTypes, names: readonly string[], origin: string): string {
  const found = names.find((name) => types.has(name));
  if (found !== undefined) return found;
  const problem = `expected a column ${names.join(' or ')}, got ${[...types.keys()].join(', ')}`;
  throw new InputError({ origin }, `${problem}: run cryo with --include-columns ${names[0] ?? ''}`);
}
