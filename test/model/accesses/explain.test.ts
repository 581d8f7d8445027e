import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keccak256 } from '../../../executor/reference/index.js';
import { Explainer, type SlotUse } from '../../../model/accesses/explain.js';
import { Evaluator } from '../../../model/accesses/expression.js';
import { Expressions } from '../../../model/accesses/expressions.js';
import { Contracts } from '../../../model/calls/contracts.js';
import { CallDecoder } from '../../../model/calls/decode.js';
import { KeySpace } from '../../../model/tables/key-space.js';
import type { Address, Hex, KeccakPreimage } from '../../../types.js';
import { transaction } from '../transactions.js';

const SENDER: Address = `0x${'a1'.repeat(20)}`;
const TOKEN: Address = `0x${'b2'.repeat(20)}`;
const FRIEND: Address = `0x${'c3'.repeat(20)}`;
const OTHER: Address = `0x${'e5'.repeat(20)}`;
const TOKEN_ID = '0x9001';

function word(value: string | number): string {
  return (typeof value === 'number' ? value.toString(16) : value.replace('0x', '')).padStart(64, '0');
}

function hash(...words: readonly string[]): string {
  return Buffer.from(keccak256(Buffer.from(words.join(''), 'hex'))).toString('hex');
}

function plus(slot: string, offset: number): string {
  return (BigInt(`0x${slot}`) + BigInt(offset)).toString(16).padStart(64, '0');
}

/** A call of TOKEN with (FRIEND, TOKEN_ID), and what it used: slots of a contract, each with the value before. */
function setUp(slots: readonly { address?: Address; slot: string; value?: string }[]) {
  const space = new KeySpace(keccak256);
  const calls = new CallDecoder(space, new Contracts(space));
  const input: Hex = `0x12345678${word(FRIEND)}${word(TOKEN_ID)}`;
  const call = calls.decode(transaction({ from: SENDER, to: TOKEN, input }));
  const uses = slots.map(({ address = TOKEN, slot, value }): SlotUse => ({
    key: space.key(space.words.addAddress(address), space.words.addHex(slot)),
    written: false,
    valueBefore: value === undefined ? null : `0x${value}`,
  }));
  return { space, call, uses, explainer: new Explainer(space, keccak256) };
}

function explain(slots: Parameters<typeof setUp>[0], preimages: readonly KeccakPreimage[] = []): string[] {
  const { call, uses, explainer } = setUp(slots);
  return explainer.explain(call, uses, preimages);
}

function preimage(...words: readonly string[]): KeccakPreimage {
  return { hash: `0x${hash(...words)}`, preimage: `0x${words.join('')}` };
}

const CASES: readonly { name: string; slot: string; text: string; preimages: readonly KeccakPreimage[] }[] = [
  { name: 'a constant', slot: word(7), text: 'c 7', preimages: [] },
  {
    name: 'a mapping by the sender',
    slot: hash(word(SENDER), word(3)),
    text: 'm 3 from',
    preimages: [preimage(word(SENDER), word(3))],
  },
  {
    name: 'a mapping by an argument',
    slot: hash(word(FRIEND), word(0)),
    text: 'm 0 w0',
    preimages: [preimage(word(FRIEND), word(0))],
  },
  {
    name: 'a field of a struct in a mapping',
    slot: plus(hash(word(TOKEN_ID), word(5)), 2),
    text: 'm 5 w1 +2',
    preimages: [preimage(word(TOKEN_ID), word(5))],
  },
  {
    name: 'a nested mapping',
    slot: hash(word(FRIEND), hash(word(SENDER), word(1))),
    text: 'm 1 from w0',
    preimages: [preimage(word(SENDER), word(1)), preimage(word(FRIEND), hash(word(SENDER), word(1)))],
  },
  {
    name: "Vyper's mapping",
    slot: hash(word(4), word(SENDER)),
    text: 'v 4 from',
    preimages: [preimage(word(4), word(SENDER))],
  },
  { name: 'an element of an array', slot: plus(hash(word(6)), 11), text: 'a 6 +11', preimages: [preimage(word(6))] },
];

describe('explaining a storage slot', () => {
  it.each(CASES)('$name: found by search and from observed preimages alike', ({ slot, text, preimages }) => {
    expect(explain([{ slot }])).toEqual([text]);
    expect(explain([{ slot }], preimages)).toEqual([text]);
  });

  it.each(CASES)('$name: the expression names the slot again', ({ slot, text }) => {
    const { space, call } = setUp([]);
    const expressions = new Expressions();
    const expression = expressions.of(`to|${text}`);
    const key = new Evaluator(space, expressions, () => -1).evaluate(expression, call, -1);
    expect([space.keyAddress(key), space.keySlot(key)]).toEqual([TOKEN, `0x${slot}`]);
  });

  it('takes a value that the contract holds for a key', () => {
    const counter = { slot: word(2), value: word('0x1234') };
    const element = { slot: hash(word('0x1234'), word(9)) };
    expect(explain([counter, element])).toEqual(['c 2', 'm 9 s2']);
    expect(explain([counter, element], [preimage(word('0x1234'), word(9))])).toEqual(['c 2', 'm 9 s2']);
    const { space, call } = setUp([]);
    const expressions = new Expressions();
    const expression = expressions.of('to|m 9 s2');
    const evaluator = new Evaluator(space, expressions, () => space.words.addHex('0x1234'));
    expect(space.keySlot(evaluator.evaluate(expression, call, -1))).toBe(`0x${element.slot}`);
    expect(new Evaluator(space, expressions, () => -1).evaluate(expression, call, -1)).toBe(-1);
  });

  it('knows a mapping by a contract that was reached without being named', () => {
    const slots = [{ address: OTHER, slot: word(0) }, { slot: hash(word(OTHER), word(1)) }];
    expect(explain(slots)).toEqual(['c 0', `m 1 =${OTHER.slice(2)}`]);
  });

  it('takes what it cannot derive for a constant', () => {
    const slot = hash('1234', '5678');
    expect(explain([{ slot }])).toEqual([`c ${slot}`]);
    expect(explain([{ slot }], [preimage('1234', '5678')])).toEqual([`c ${slot}`]);
  });

  it('explains each of many slots by itself', () => {
    const slots = CASES.map(({ slot }) => ({ slot }));
    expect(explain(slots)).toEqual(CASES.map(({ text }) => text));
  });

  it('evaluates what it found, whatever mapping it was', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(SENDER, FRIEND, TOKEN, TOKEN_ID),
        fc.option(fc.constantFrom(SENDER, FRIEND, TOKEN), { nil: null }),
        fc.record({ place: fc.nat(13), offset: fc.nat(4) }),
        (key, inner, { place, offset }) => {
          const outer = hash(word(key), word(place));
          const slot = plus(inner === null ? outer : hash(word(inner), outer), offset);
          const { space, call, uses, explainer } = setUp([{ slot }]);
          const [text = ''] = explainer.explain(call, uses, []);
          expect(text.startsWith(`m ${place.toString(16)} `)).toBe(true);
          const expressions = new Expressions();
          const id = expressions.of(`to|${text}`);
          const found = new Evaluator(space, expressions, () => -1).evaluate(id, call, -1);
          expect(space.keySlot(found)).toBe(`0x${slot}`);
        },
      ),
      { numRuns: 40 },
    );
  });
});
