import { RLP } from '@ethereumjs/rlp';
import type { Numbering } from '../../../datasets/access-lists/access-list.js';
import type { BlockRecord } from '../../../types.js';

type Change = [index: Uint8Array, value: Uint8Array];
interface Account {
  readonly changes: Map<string, Change[]>;
  readonly reads: Set<string>;
  readonly balances: Change[];
  readonly nonces: Change[];
}

/** The access list of a recorded block in either numbering; scalars as the final EIP has them, 32 bytes as the draft. */
export function encodeRecord({ transactions }: BlockRecord, numbering: Numbering): Uint8Array {
  const accounts = new Map<string, Account>();
  const at = (address: string): Account => {
    const found = accounts.get(address) ?? { changes: new Map(), reads: new Set(), balances: [], nonces: [] };
    accounts.set(address, found);
    return found;
  };
  if (numbering === 'final') {
    const beacon = at('0x000f3df6d732807ef1319fb7b8bb8522d0beac02');
    beacon.changes.set(`0x${'00'.repeat(31)}07`, [[scalar(0), scalar(9)]]);
  }
  for (const { transaction, accesses } of transactions) {
    const index = scalar(transaction.index + (numbering === 'final' ? 1 : 0));
    at(transaction.from).balances.push([index, scalar(5)]);
    if (numbering === 'final') at(transaction.from).nonces.push([index, scalar(transaction.nonce + 1)]);
    for (const { address, slot, kind, value } of accesses) {
      if (slot === null) continue;
      const account = at(address);
      if (kind !== 'write') account.reads.add(slot);
      else account.changes.set(slot, [...(account.changes.get(slot) ?? []), [index, word(value ?? '0x', numbering)]]);
    }
  }
  const inOrder = <T>(map: Iterable<[string, T]>): [string, T][] => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  const list = inOrder(accounts).map(([address, { changes, reads, balances, nonces }]) => [
    bytes(address),
    inOrder(changes).map(([slot, own]) => [word(slot, numbering), own]),
    [...reads]
      .filter((slot) => !changes.has(slot))
      .sort()
      .map((slot) => word(slot, numbering)),
    balances,
    nonces,
    [],
  ]);
  return RLP.encode(list);
}

export function scalar(value: number): Uint8Array {
  return stripped(bytes(`0x${value.toString(16).padStart(16, '0')}`));
}

function word(hex: string, numbering: Numbering): Uint8Array {
  return numbering === 'draft' ? bytes(hex) : stripped(bytes(hex));
}

function stripped(value: Uint8Array): Uint8Array {
  const first = value.findIndex((byte) => byte !== 0);
  return first === -1 ? new Uint8Array(0) : value.subarray(first);
}

export function bytes(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.slice(2), 'hex'));
}
