import type { Address, Hex } from '../../../types.js';
import { code, push } from '../reference/snapshots.js';

// Contracts whose keys depend on values: what a call touches changes with what earlier transactions did.
// Pieces of code are expressions (they leave one word) or statements (they leave none).

const RECIPIENTS = 0xd000;
const CALL_GAS = 60_000;
/** Slots of the factory: by salt, the child. */
const CHILDREN = 64;
const SALTS = 3;

export const contractAt = (place: number): Address => `0x${(RECIPIENTS + place).toString(16).padStart(40, '0')}`;
const INITCODE_HOLDER = contractAt(0x100);
const BRIEF_INITCODE_HOLDER = contractAt(0x101);

const argument = (place: number): Hex => code(push(32 * place), 0x35);
const both = (a: Hex, b: Hex, opcode: number): Hex => code(a, b, opcode);
const add = (a: Hex, b: Hex): Hex => both(a, b, 0x01);
const low = (value: Hex, mask: number): Hex => both(value, push(mask), 0x16);
const slotAt = (slot: Hex): Hex => code(slot, 0x54);
const setSlot = (slot: Hex, value: Hex): Hex => code(value, slot, 0x55);
const balanceAt = (address: Hex): Hex => code(address, 0x31);
const hashAt = (address: Hex): Hex => code(address, 0x3f);
const feeRecipient = code(0x41);
const sizeOf = (piece: Hex): number => (piece.length - 2) / 2;
const twoBytes = (value: number): Hex => `0x61${value.toString(16).padStart(4, '0')}`;

/** Jumps are relative to the program counter, so that pieces can stand anywhere. */
const when = (condition: Hex, body: Hex): Hex =>
  code(condition, 0x15, twoBytes(3 + sizeOf(body)), 0x58, 0x01, 0x57, body, 0x5b);
const unless = (condition: Hex, body: Hex): Hex => when(code(condition, 0x15), body);

/** Counts down from `times`, at least 1: work that makes executions overlap. */
const work = (times: Hex): Hex => code(times, 0x5b, push(1), 0x90, 0x03, 0x80, push(8), 0x58, 0x03, 0x57, 0x50);

const call = (address: Hex, value: Hex): Hex =>
  code(push(0), push(0), push(0), push(0), value, address, push(CALL_GAS), 0xf1, 0x50);

const log = (first: Hex, second: Hex): Hex =>
  code(first, push(0), 0x52, second, push(32), 0x52, push(64), push(0), 0xa0);

const word = (place: number): Hex => low(argument(place), 7);
const recipient = (slot: Hex): Hex => add(push(RECIPIENTS), low(slotAt(slot), 15));
const isOdd = (value: Hex): Hex => low(value, 1);

/** A slot names the next slot, four times. */
function chase(): Hex {
  let slot = word(0);
  for (let step = 0; step < 4; step += 1) slot = low(slotAt(slot), 7);
  return setSlot(slot, add(slotAt(slot), argument(1)));
}

function appendAtIndex(): Hex {
  const index = slotAt(push(0));
  return code(setSlot(add(push(16), low(index, 7)), argument(1)), setSlot(push(0), low(add(index, word(0)), 7)));
}

/** Returns the single byte of code 0 after setting a slot. */
const TINY_INITCODE: Hex = code(push(1), push(0), 0x55, push(1), push(0), 0xf3);
const createTiny = code(push(TINY_INITCODE), push(0), 0x52, push(10), push(22), low(argument(1), 1), 0xf0, 0x50);

/** A write and a creation that vanish where an earlier transaction has made the slot even. */
function changeIfOdd(): Hex {
  const value = slotAt(word(0));
  const effects = code(setSlot(add(push(32), word(1)), code(0x33)), createTiny);
  return code(when(isOdd(value), effects), setSlot(word(0), add(value, push(1))));
}

const payWhoIsNamed = code(
  call(recipient(word(0)), low(argument(1), 3)),
  setSlot(word(0), add(slotAt(word(0)), word(1))),
);

/** Asks whether an account is empty before or after its balance is read. */
function probe(): Hex {
  const account = recipient(word(0));
  const value = low(argument(1), 1);
  return code(
    when(isOdd(argument(2)), code(call(account, value), log(hashAt(account), balanceAt(account)))),
    unless(isOdd(argument(2)), code(log(balanceAt(account), hashAt(account)), call(account, value))),
  );
}

/** Reads, probes and pays the fee recipient, each where a bit says so. */
function lookAtFees(): Hex {
  const bit = (mask: number): Hex => low(argument(0), mask);
  return code(
    when(bit(8), log(hashAt(feeRecipient), push(0))),
    when(bit(1), call(feeRecipient, low(argument(1), 3))),
    when(bit(2), setSlot(word(1), balanceAt(feeRecipient))),
    when(bit(4), setSlot(push(8), hashAt(feeRecipient))),
    when(isOdd(code(0x47)), setSlot(push(9), add(slotAt(push(9)), push(1)))),
  );
}

/** A child counts its calls, and destroys itself where it is sent value. */
const CHILD_CODE = code(when(code(0x34), code(0x33, 0xff)), setSlot(push(0), add(slotAt(push(0)), push(1))));

/** Creates a child, one that destroys itself at once, or calls the one that is there. */
function createOrCallChild(): Hex {
  const salt = low(argument(0), SALTS);
  const childSlot = add(push(CHILDREN), salt);
  const create = (holder: Address): Hex =>
    code(
      ...[code(push(holder), 0x3b), push(0), push(0), push(holder), 0x3c],
      ...[salt, code(push(holder), 0x3b), push(0), low(argument(1), 1), 0xf5],
      ...[when(code(0x80), code(0x80, childSlot, 0x55)), 0x50],
    );
  const kind = low(argument(2), 3);
  return code(
    unless(kind, create(INITCODE_HOLDER)),
    when(both(kind, push(1), 0x14), create(BRIEF_INITCODE_HOLDER)),
    when(low(kind, 2), call(slotAt(childSlot), low(argument(1), 1))),
    log(hashAt(slotAt(childSlot)), balanceAt(slotAt(childSlot))),
  );
}

const CHILD_INITCODE = code(
  ...[push(sizeOf(CHILD_CODE)), 0x80, push(11), push(0), 0x39, push(0), 0xf3, 0x00, CHILD_CODE],
);
/** Destroys itself in the transaction of its creation. */
const BRIEF_INITCODE = code(push(1), push(0), 0x55, 0x33, 0xff);

/** By place, the code at contractAt(place); each does some work first, by the fourth word of its input. */
export const MOCK_CODES: readonly Hex[] = [
  chase(),
  appendAtIndex(),
  changeIfOdd(),
  payWhoIsNamed,
  probe(),
  lookAtFees(),
  createOrCallChild(),
].map((body) => code(work(add(low(argument(3), 255), push(1))), body));

export const FACTORY_PLACE = 6;
/** Held as code, which the factory copies. */
export const INITCODES: Readonly<Record<Address, Hex>> = {
  [INITCODE_HOLDER]: CHILD_INITCODE,
  [BRIEF_INITCODE_HOLDER]: BRIEF_INITCODE,
};

export function childInitcode(brief: boolean): Hex {
  return brief ? BRIEF_INITCODE : CHILD_INITCODE;
}
