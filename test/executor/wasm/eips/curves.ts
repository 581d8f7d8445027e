// Arithmetic of elliptic curves y² = x³ + ax + b as the textbook has it: slow, and independent of any library.

export interface Field<Element> {
  readonly zero: Element;
  add(a: Element, b: Element): Element;
  subtract(a: Element, b: Element): Element;
  multiply(a: Element, b: Element): Element;
  invert(a: Element): Element;
  equals(a: Element, b: Element): boolean;
}

/** Null is the point at infinity. */
export type Point<Element> = { readonly x: Element; readonly y: Element } | null;

export interface Curve<Element> {
  readonly field: Field<Element>;
  readonly a: Element;
}

/** The element c0 + c1·i with i² = −1. */
export type Quadratic = readonly [bigint, bigint];

export function modulo(value: bigint, modulus: bigint): bigint {
  return ((value % modulus) + modulus) % modulus;
}

export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n % modulus;
  let square = modulo(base, modulus);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** Of a prime modulus. */
export function inverse(value: bigint, modulus: bigint): bigint {
  return power(value, modulus - 2n, modulus);
}

export function primeField(p: bigint): Field<bigint> {
  return {
    zero: 0n,
    add: (a, b) => modulo(a + b, p),
    subtract: (a, b) => modulo(a - b, p),
    multiply: (a, b) => modulo(a * b, p),
    invert: (a) => inverse(a, p),
    equals: (a, b) => a === b,
  };
}

export function quadraticField(p: bigint): Field<Quadratic> {
  const reduced = (c0: bigint, c1: bigint): Quadratic => [modulo(c0, p), modulo(c1, p)];
  return {
    zero: [0n, 0n],
    add: ([a0, a1], [b0, b1]) => reduced(a0 + b0, a1 + b1),
    subtract: ([a0, a1], [b0, b1]) => reduced(a0 - b0, a1 - b1),
    multiply: ([a0, a1], [b0, b1]) => reduced(a0 * b0 - a1 * b1, a0 * b1 + a1 * b0),
    invert: ([a0, a1]) => {
      const scale = inverse(modulo(a0 * a0 + a1 * a1, p), p);
      return reduced(a0 * scale, -a1 * scale);
    },
    equals: ([a0, a1], [b0, b1]) => a0 === b0 && a1 === b1,
  };
}

export function negate<Element>({ field }: Curve<Element>, point: Point<Element>): Point<Element> {
  return point === null ? null : { x: point.x, y: field.subtract(field.zero, point.y) };
}

export function addPoints<Element>(curve: Curve<Element>, p: Point<Element>, q: Point<Element>): Point<Element> {
  const { field, a } = curve;
  if (p === null) return q;
  if (q === null) return p;
  const doubles = field.equals(p.x, q.x);
  if (doubles && (!field.equals(p.y, q.y) || field.equals(p.y, field.zero))) return null;
  const square = field.multiply(p.x, p.x);
  const rise = doubles ? field.add(field.add(field.add(square, square), square), a) : field.subtract(q.y, p.y);
  const run = doubles ? field.add(p.y, p.y) : field.subtract(q.x, p.x);
  const slope = field.multiply(rise, field.invert(run));
  const x = field.subtract(field.subtract(field.multiply(slope, slope), p.x), q.x);
  return { x, y: field.subtract(field.multiply(slope, field.subtract(p.x, x)), p.y) };
}

export function multiplyPoint<Element>(curve: Curve<Element>, scalar: bigint, point: Point<Element>): Point<Element> {
  let result: Point<Element> = null;
  let double = point;
  for (let rest = scalar; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = addPoints(curve, result, double);
    double = addPoints(curve, double, double);
  }
  return result;
}
