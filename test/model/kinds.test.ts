import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import { ERC20_FUNCTIONS, kindOf, NFT_FUNCTIONS, SWAP_FUNCTIONS } from '../../model/evaluation/kinds.js';
import type { Transaction } from '../../types.js';
import { address } from '../datasets/store-records.js';
import { blockOf, type Draft } from './blocks.js';

function transactionOf(draft: Draft): Transaction {
  const [record] = blockOf(1, [draft]).transactions;
  if (record === undefined) throw new Error('expected a transaction');
  return record.transaction;
}

describe('kinds of transactions', () => {
  it('go by selectors that are the hashes of their signatures', () => {
    for (const [selector, signature] of [...ERC20_FUNCTIONS, ...SWAP_FUNCTIONS, ...NFT_FUNCTIONS]) {
      expect([signature, selector]).toEqual([
        signature,
        `0x${bytesToHex(keccak_256(utf8ToBytes(signature))).slice(0, 8)}`,
      ]);
    }
  });

  it('have no selector twice', () => {
    const selectors = [...ERC20_FUNCTIONS, ...SWAP_FUNCTIONS, ...NFT_FUNCTIONS].map(([selector]) => selector);
    expect(new Set(selectors).size).toBe(selectors.length);
  });

  it.each<[string, Draft]>([
    ['creation', { to: null, input: '0x6080' }],
    ['creation', { to: null, input: '0x' }],
    ['transfer', { to: address(1), input: '0x' }],
    ['erc20', { to: address(1), input: `0xa9059cbb${'0'.repeat(128)}` }],
    ['swap', { to: address(1), input: '0x38ed1739' }],
    ['nft', { to: address(1), input: '0xa22cb46500' }],
    ['other-call', { to: address(1), input: '0xdeadbeef' }],
    ['other-call', { to: address(1), input: '0xa9' }],
  ])('%s', (kind, draft) => {
    expect(kindOf(transactionOf(draft))).toBe(kind);
  });
});
