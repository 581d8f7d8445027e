import { createMPT, type MerklePatriciaTrie } from '@ethereumjs/mpt';
import { RLP } from '@ethereumjs/rlp';
import {
  bigIntToUnpaddedBytes,
  bytesToHex,
  hexToBytes,
  KECCAK256_RLP,
  MapDB,
  unpadBytes,
  ValueEncoding,
} from '@ethereumjs/util';
import { keccak256 } from '../../../../executor/reference/crypto.js';
import type { AccountState, BlockSnapshot, Hash, Log, PostState } from '../../../../types.js';

/** EIP-2681. */
const MAX_NONCE = 2n ** 64n - 1n;

function emptyTrie(): Promise<MerklePatriciaTrie> {
  return createMPT({
    useKeyHashing: true,
    useKeyHashingFunction: keccak256,
    db: new MapDB<string, string | Uint8Array>(),
    valueEncoding: ValueEncoding.Bytes,
  });
}

/** The state trie of a pre-state, from which those of post-states are computed by what they change. */
export class StateTrie {
  readonly #trie: MerklePatriciaTrie;
  readonly #rootBefore: Uint8Array;
  readonly #storageRoots: WeakMap<AccountState['storage'], Uint8Array>;

  private constructor(trie: MerklePatriciaTrie, storageRoots: WeakMap<AccountState['storage'], Uint8Array>) {
    this.#trie = trie;
    this.#rootBefore = trie.root();
    this.#storageRoots = storageRoots;
  }

  static async of(preState: BlockSnapshot['preState']): Promise<StateTrie> {
    const [trie, storageRoots] = [await emptyTrie(), new WeakMap<AccountState['storage'], Uint8Array>()];
    await putAccounts(trie, preState, storageRoots);
    return new StateTrie(trie, storageRoots);
  }

  /** The state root once those accounts are as given. */
  async rootAfter(postState: PostState): Promise<Hash> {
    await putAccounts(this.#trie, postState, this.#storageRoots);
    const root = bytesToHex(this.#trie.root());
    this.#trie.root(this.#rootBefore);
    return root;
  }
}

async function putAccounts(
  trie: MerklePatriciaTrie,
  accounts: PostState,
  storageRoots: WeakMap<AccountState['storage'], Uint8Array>,
): Promise<void> {
  for (const [address, account] of accounts) {
    if (account === null) {
      await trie.del(hexToBytes(address));
      continue;
    }
    const storageRoot = storageRoots.get(account.storage) ?? (await storageRootOf(account.storage));
    storageRoots.set(account.storage, storageRoot);
    await trie.put(hexToBytes(address), encodeAccount(account, storageRoot));
  }
}

function encodeAccount({ nonce, balanceWei, code }: AccountState, storageRoot: Uint8Array): Uint8Array {
  // The number that a post-state has for the highest nonce is rounded up, to one more.
  const exactNonce = BigInt(nonce) > MAX_NONCE ? MAX_NONCE : BigInt(nonce);
  const codeHash = keccak256(hexToBytes(code));
  return RLP.encode([bigIntToUnpaddedBytes(exactNonce), bigIntToUnpaddedBytes(balanceWei), storageRoot, codeHash]);
}

async function storageRootOf(storage: AccountState['storage']): Promise<Uint8Array> {
  if (storage.size === 0) return KECCAK256_RLP;
  const trie = await emptyTrie();
  for (const [slot, value] of storage) {
    const bytes = unpadBytes(hexToBytes(value));
    if (bytes.length > 0) await trie.put(hexToBytes(slot), RLP.encode(bytes));
  }
  return trie.root();
}

/** Keccak-256 of the RLP of logs. */
export function logsHashOf(logs: readonly Log[]): Hash {
  const encodable = logs.map(({ address, topics, data }) => [
    hexToBytes(address),
    topics.map((topic) => hexToBytes(topic)),
    hexToBytes(data),
  ]);
  return bytesToHex(keccak256(RLP.encode(encodable)));
}
