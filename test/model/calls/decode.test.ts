import { describe, expect, it } from 'vitest';
import { keccak256 } from '../../../executor/reference/index.js';
import { Contracts } from '../../../model/calls/contracts.js';
import { CallDecoder, NO_SELECTOR } from '../../../model/calls/decode.js';
import { KeySpace } from '../../../model/tables/key-space.js';
import type { Address, Hex } from '../../../types.js';
import { transaction } from '../transactions.js';

const SENDER: Address = `0x${'a1'.repeat(20)}`;
const TOKEN: Address = `0x${'b2'.repeat(20)}`;
const FRIEND: Address = `0x${'c3'.repeat(20)}`;
const POOL: Address = `0x${'d4'.repeat(20)}`;

function word(hex: string): string {
  return hex.replace('0x', '').padStart(64, '0');
}

function decoder(known: readonly Address[] = []) {
  const space = new KeySpace(keccak256);
  const contracts = new Contracts(space);
  for (const address of known) contracts.learnCode(space.words.addAddress(address), space.words.addHex('0x1'));
  const calls = new CallDecoder(space, contracts);
  return (input: Hex, to: Address | null = TOKEN) => {
    const call = calls.decode(transaction({ from: SENDER, to, input }));
    return { ...call, named: Array.from(call.addresses, (address) => space.words.address(address)), space };
  };
}

describe('decoding a call', () => {
  it('reads selector, words and argument addresses', () => {
    const call = decoder()(`0xa9059cbb${word(FRIEND)}${word('0x2710')}`);
    expect(call.selector).toBe(0xa9059cbb | 0);
    expect(Array.from(call.words, (id) => call.space.words.hash(id))).toEqual([
      `0x${word(FRIEND)}`,
      `0x${word('0x2710')}`,
    ]);
    expect(call.named).toEqual([FRIEND]);
  });

  it('counts zero and other bytes of the whole input', () => {
    const call = decoder()(`0xa9059cbb${word(FRIEND)}${'00'.repeat(5000)}ff`);
    expect([call.zeroBytes, call.nonzeroBytes]).toEqual([5012, 25]);
  });

  it('leaves out sender, recipient, small numbers and repetitions', () => {
    const call = decoder()(
      `0x12345678${word(SENDER)}${word(TOKEN)}${word('0xffffffff')}${word(FRIEND)}${word(FRIEND)}`,
    );
    expect(call.named).toEqual([FRIEND]);
  });

  it('finds known contracts at any byte, unknown addresses only where a word holds them', () => {
    const packed: Hex = `0x12345678${'77'.repeat(5)}${POOL.slice(2)}${'77'.repeat(3)}${FRIEND.slice(2)}`;
    expect(decoder()(packed).named).toEqual([]);
    expect(decoder([POOL])(packed).named).toEqual([POOL]);
    expect(decoder([POOL, FRIEND])(packed).named).toEqual([POOL, FRIEND]);
  });

  it('keeps nothing of the call before', () => {
    const decode = decoder();
    decode(`0x12345678${word(FRIEND)}${word(POOL)}`);
    const call = decode(`0x12345678${word('0x1')}`);
    expect(call.words).toHaveLength(1);
    expect(call.named).toEqual([]);
    expect(decode('0x12345678').words).toHaveLength(0);
  });

  it('takes short inputs and creations for what they are', () => {
    expect(decoder()('0x').selector).toBe(NO_SELECTOR);
    expect(decoder()('0x1234')).toMatchObject({ selector: NO_SELECTOR, nonzeroBytes: 2 });
    expect(decoder()(`0x6080604052${word(FRIEND)}`, null)).toMatchObject({ to: -1, selector: NO_SELECTOR });
  });

  it('reads at most 16 words and 24 addresses', () => {
    const addresses = Array.from({ length: 40 }, (_, index) => word(`0x${(index + 16).toString(16).repeat(20)}`));
    const call = decoder()(`0x12345678${addresses.join('')}`);
    expect([call.words.length, call.addresses.length]).toEqual([16, 24]);
  });
});
