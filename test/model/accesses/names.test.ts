import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SUBJECT_KINDS as STORED_KINDS } from '../../../datasets/store/expression-schema.js';
import { keccak256 } from '../../../executor/reference/index.js';
import { nameOfSubject, subjectOfName, type NameSpace } from '../../../model/accesses/names.js';
import { SUBJECT_KINDS, type SubjectKind } from '../../../model/accesses/subjects.js';
import { KeySpace } from '../../../model/tables/key-space.js';
import { PairTable } from '../../../model/tables/pair-table.js';

function emptyNames(): NameSpace {
  return { space: new KeySpace(keccak256), functions: new PairTable() };
}

const digits = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((raw) => `0x${Buffer.from(raw).toString('hex')}`);
const address = digits(20);
// 0xffffffff is what the model takes for no selector.
const someSelector = digits(4).filter((text) => text !== '0xffffffff');
const selector = fc.oneof(fc.constant('0x'), someSelector);
const join = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((texts) => texts.join(':'));

const NAMES: Readonly<Record<SubjectKind, fc.Arbitrary<string>>> = {
  function: join(address, selector),
  code: join(digits(32), selector),
  selector: someSelector,
  sender: join(address, address, selector),
  argument: join(address, address, selector),
  neighbour: address,
  own: address,
  'argument-code': join(digits(32), selector),
  contract: address,
};

describe('names of subjects', () => {
  it('are of the kinds that the store knows', () => {
    expect(STORED_KINDS).toEqual(SUBJECT_KINDS);
  });

  it.each(SUBJECT_KINDS)('of kind %s lead to numbers and back, and name one subject', (kind) => {
    const names = emptyNames();
    fc.assert(
      fc.property(fc.array(NAMES[kind], { minLength: 1, maxLength: 5 }), (texts) => {
        const numbers = texts.map((text) => subjectOfName(names, kind, text));
        expect(numbers.map((subject) => nameOfSubject(names, subject))).toEqual(texts);
        const keys = new Set(numbers.map(({ first, second }) => `${first} ${second}`));
        expect(keys.size).toBe(new Set(texts).size);
      }),
      { seed: 15, numRuns: 50 },
    );
  });

  it('read as documented', () => {
    const names = emptyNames();
    const [token, sender] = [`0x${'a1'.repeat(20)}`, `0x${'b2'.repeat(20)}`] as const;
    const [from, to] = [names.space.words.addAddress(sender), names.space.words.addAddress(token)];
    const transfer = names.functions.add(to, 0xa9059cbb | 0);
    const plain = names.functions.add(to, -1);
    const name = (kind: SubjectKind, first: number, second = 0): string =>
      nameOfSubject(names, { kind: SUBJECT_KINDS.indexOf(kind), first, second });
    expect(name('function', transfer)).toBe(`${token}:0xa9059cbb`);
    expect(name('function', plain)).toBe(`${token}:0x`);
    expect(name('sender', from, transfer)).toBe(`${sender}:${token}:0xa9059cbb`);
    expect(name('selector', 0xa9059cbb | 0)).toBe('0xa9059cbb');
    expect(name('own', to)).toBe(token);
    expect(() => nameOfSubject(names, { kind: 9, first: 0, second: 0 })).toThrow('no such kind of subject: 9');
  });

  it.each([
    ['own', '0x12'],
    ['own', `0x${'A1'.repeat(20)}`],
    ['function', `0x${'a1'.repeat(20)}`],
    ['function', `0x${'a1'.repeat(20)}:0x12`],
    ['code', `0x${'a1'.repeat(20)}:0x12345678`],
    ['selector', ''],
  ] as const)('of kind %s are not %s', (kind, text) => {
    expect(() => subjectOfName(emptyNames(), kind, text)).toThrow(`expected the name of a subject of kind ${kind}`);
  });
});
