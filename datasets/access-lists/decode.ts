import { RLP, type NestedUint8Array } from '@ethereumjs/rlp';
import { InputError } from '../../errors.js';
import type { Address, Hash, Hex } from '../../types.js';
import type { AccountAccess, SlotChange } from './access-list.js';

type Item = Uint8Array | NestedUint8Array;

/** Largest index: EIP-7928 allows 32 bits in its later versions, 16 in earlier ones. */
const INDEX_BYTES = 4;

/**
 * Decodes and validates the RLP of a block access list as EIP-7928 orders it: accounts by address, slots, and the indices
 * of changes, each ascending and without duplicates, and no slot both changed and only read. Slots and values are scalars as in the final
 * EIP, or 32 bytes as in its early drafts. Throws InputError that names the place.
 */
export function decodeAccessList(bytes: Uint8Array, origin: string): AccountAccess[] {
  const place = new Place(origin, '');
  const accounts = place.list(parse(bytes, place)).map((item, i) => decodeAccount(item, place.at(`${i}`)));
  ascending(accounts, (account) => account.address, place);
  return accounts;
}

function parse(bytes: Uint8Array, place: Place): Item {
  if (bytes.length === 0) place.fail('is empty, expected the RLP of a block access list');
  try {
    return RLP.decode(bytes);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return place.fail(`is not RLP: ${problem}`, { cause: error });
  }
}

function decodeAccount(item: Item, place: Place): AccountAccess {
  const fields = place.list(item, 6);
  const [address, changes, reads, balances, nonces, codes] = fields as [Item, Item, Item, Item, Item, Item];
  const account = place.named(place.at('address').bytes(address, 20));
  const storageChanges = account.at('storageChanges').map(changes, decodeSlot);
  const storageReads = account.at('storageReads').map(reads, (slot, own) => own.word(slot));
  ascending(storageChanges, ({ slot }) => slot, account.at('storageChanges'));
  ascending(storageReads, (slot) => slot, account.at('storageReads'));
  const changed = new Set(storageChanges.map(({ slot }) => slot));
  const both = storageReads.find((slot) => changed.has(slot));
  if (both !== undefined) account.at('storageReads').fail(`has slot ${both}, which is among storageChanges`);
  return {
    address: place.at('address').bytes(address, 20),
    storageChanges,
    storageReads,
    balanceChanges: indices(balances, account.at('balanceChanges'), 32),
    nonceChanges: indices(nonces, account.at('nonceChanges'), 8),
    codeChanges: indices(codes, account.at('codeChanges'), null),
  };
}

function decodeSlot(item: Item, place: Place): { readonly slot: Hash; readonly changes: SlotChange[] } {
  const [slot, changes] = place.list(item, 2) as [Item, Item];
  const found = place.at('changes').map(changes, (change, own): SlotChange => {
    const [index, value] = own.list(change, 2) as [Item, Item];
    return { index: own.at('index').number(index, INDEX_BYTES), value: own.at('value').word(value) };
  });
  if (found.length === 0) place.fail('has no changes: a slot that is only read belongs to storageReads');
  ascending(found, ({ index }) => index, place.at('changes'));
  return { slot: place.at('slot').word(slot), changes: found };
}

/** Indices of changes; the value after each has at most so many bytes, null: any number. */
function indices(item: Item, place: Place, valueBytes: number | null): number[] {
  const found = place.map(item, (change, own) => {
    const [index, value] = own.list(change, 2) as [Item, Item];
    if (valueBytes === null) own.at('value').anyBytes(value);
    else own.at('value').scalar(value, valueBytes);
    return own.at('index').number(index, INDEX_BYTES);
  });
  ascending(found, (index) => index, place);
  return found;
}

/** Hex of one length orders as the bytes do. */
function ascending<T>(items: readonly T[], key: (item: T) => string | number, place: Place): void {
  for (let i = 1; i < items.length; i += 1) {
    const [previous, own] = [items[i - 1], items[i]].map((item) => (item === undefined ? '' : key(item)));
    if (previous === undefined || own === undefined || own > previous) continue;
    place.at(`${i}`).fail(`expected ascending order without duplicates, got ${own} after ${previous}`);
  }
}

/** A place inside the list, and the readers of what stands there. */
class Place {
  private readonly origin: string;
  private readonly path: string;

  constructor(origin: string, path: string) {
    this.origin = origin;
    this.path = path;
  }

  at(name: string): Place {
    return new Place(this.origin, this.path === '' ? name : `${this.path}.${name}`);
  }

  /** An account is named by its address, not by its position. */
  named(name: string): Place {
    return new Place(this.origin, name);
  }

  list(item: Item, length?: number): readonly Item[] {
    if (!Array.isArray(item)) return this.fail('expected a list, got bytes');
    if (length !== undefined && item.length !== length) this.fail(`expected ${length} items, got ${item.length}`);
    return item;
  }

  map<T>(item: Item, decode: (item: Item, place: Place) => T): T[] {
    return this.list(item).map((own, i) => decode(own, this.at(`${i}`)));
  }

  anyBytes(item: Item): Uint8Array {
    return Array.isArray(item) ? this.fail('expected bytes, got a list') : item;
  }

  bytes(item: Item, length: number): Address {
    const found = this.anyBytes(item);
    return found.length === length ? hexOf(found) : this.fail(`expected ${length} bytes, got ${found.length}`);
  }

  /** A whole number without leading zeros. */
  scalar(item: Item, maxBytes: number): Uint8Array {
    const found = this.anyBytes(item);
    if (found.length > maxBytes) this.fail(`expected at most ${maxBytes} bytes, got ${found.length}`);
    if (found[0] === 0) this.fail('expected a number without leading zeros');
    return found;
  }

  number(item: Item, maxBytes: number): number {
    return this.scalar(item, maxBytes).reduce((sum, byte) => 256 * sum + byte, 0);
  }

  /** A scalar of at most 32 bytes, or 32 bytes with leading zeros. */
  word(item: Item): Hash {
    const found = this.anyBytes(item);
    if (found.length !== 32) this.scalar(found, 32);
    return `0x${hexOf(found).slice(2).padStart(64, '0')}`;
  }

  fail(problem: string, options?: ErrorOptions): never {
    throw new InputError({ origin: this.origin, field: this.path === '' ? undefined : this.path }, problem, options);
  }
}

function hexOf(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`;
}
