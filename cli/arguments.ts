import { InvalidArgumentError } from 'commander';

/** A parser for commander: an integer of at least `minimum`. */
export function integerFrom(minimum: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value) || value < minimum) {
      throw new InvalidArgumentError(`Expected a whole number of at least ${minimum}.`);
    }
    return value;
  };
}

/** A parser for commander: integers of at least `minimum`, separated by commas, ascending and without repetition. */
export function integerListFrom(minimum: number): (text: string) => number[] {
  const parse = integerFrom(minimum);
  return (text) => [...new Set(text.split(',').map((part) => parse(part.trim())))].sort((a, b) => a - b);
}

/** A parser for commander: names out of a fixed set, separated by commas. */
export function namesFrom<const Name extends string>(known: readonly Name[]): (text: string) => Name[] {
  return (text) => [...new Set(text.split(',').map((part) => nameFrom(part.trim(), known)))];
}

function nameFrom<const Name extends string>(text: string, known: readonly Name[]): Name {
  const name = known.find((candidate) => candidate === text);
  if (name === undefined) throw new InvalidArgumentError(`"${text}" is none of ${known.join(', ')}.`);
  return name;
}

/** A parser for commander: `all` or `none` of a set of names, or some of them separated by commas. */
export function allNoneOr<const Name extends string>(known: readonly Name[]): (text: string) => Name[] {
  const parse = namesFrom(known);
  return (text) => (text === 'all' ? [...known] : text === 'none' ? [] : parse(text));
}

/** A parser for commander: `auto` or a whole number from 1 to `most`. */
export function autoOrIntegerTo(most: number): (text: string) => 'auto' | number {
  return (text) => {
    if (text === 'auto') return text;
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= 1 && value <= most) return value;
    throw new InvalidArgumentError(`Expected auto or a whole number from 1 to ${most}.`);
  };
}

/** A parser for commander: a whole number from 1 to `most`. */
export function integerTo(most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= 1 && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${most}.`);
  };
}

/** A parser for commander: a fraction from 0 on, to `most` where there is a limit. */
export function fractionTo(most: number | null): (text: string) => number {
  return (text) => {
    const value = /^(\d+|\d*\.\d+)$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isFinite(value) && value <= (most ?? Infinity)) return value;
    throw new InvalidArgumentError(`Expected a fraction from 0${most === null ? ' on' : ` to ${most}`}.`);
  };
}

/** A parser for commander: exactly one of a few words. */
export function oneOf<const Name extends string>(known: readonly Name[]): (text: string) => Name {
  return (text) => nameFrom(text, known);
}
