import { createMPT } from '@ethereumjs/mpt';
import { RLP } from '@ethereumjs/rlp';
import type { TransactionType } from '@ethereumjs/tx';
import { bytesToHex } from '@ethereumjs/util';
import { encodeReceipt, type TxReceipt } from '@ethereumjs/vm';
import type { Hash, Hex } from '../../types.js';
import { keccak256 } from './crypto.js';

const BLOOM_BYTES = 256;

/** The root of the trie of receipts, as a header holds it. */
export async function receiptsRootOf(receipts: readonly TxReceipt[], types: readonly TransactionType[]): Promise<Hash> {
  const trie = await createMPT({ useKeyHashingFunction: keccak256 });
  for (const [index, receipt] of receipts.entries()) {
    await trie.put(RLP.encode(index), encodeReceipt(receipt, types[index] ?? 0));
  }
  return bytesToHex(trie.root());
}

/** All blooms of a block in one: 256 bytes. */
export function joinBlooms(receipts: readonly TxReceipt[]): Hex {
  const joined = new Uint8Array(BLOOM_BYTES);
  for (const { bitvector } of receipts) {
    for (const [index, byte] of bitvector.entries()) joined[index] = (joined[index] ?? 0) | byte;
  }
  return bytesToHex(joined);
}
