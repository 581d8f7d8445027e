import { bigIntToUnpaddedBytes, bytesToHex, eoaCode7702SignAuthorization, hexToBytes } from '@ethereumjs/util';
import type { Random } from '../../datasets/generate/random.js';
import {
  FORKS,
  type AccessListEntry,
  type Address,
  type Authorization,
  type BlockSnapshot,
  type Fork,
  type Hash,
  type Hex,
  type Transaction,
} from '../../types.js';
import { between, bytes, hash, pick, toHex, word, wordOf } from './draw.js';
import { writeProgram } from './program.js';
import { deployerOf } from './snippets.js';

export interface Sender {
  readonly address: Address;
  readonly privateKey: Uint8Array;
}

/** A block without its transactions, and between whom they pass. */
export interface Stage {
  readonly snapshot: BlockSnapshot;
  readonly contracts: readonly Address[];
  readonly addresses: readonly Address[];
  readonly senders: readonly Sender[];
  /** The one contract there is calls itself to the greatest depth. */
  readonly deep: boolean;
}

/** A nonce, a fee or a gas limit that is wrong, or a balance that does not suffice, ends a block: rare. */
const WRONG = 0.01;
/** That bring a type. */
const FIRST_FORKS: ReadonlyMap<number, Fork> = new Map([
  [2, 'london'],
  [3, 'cancun'],
  [4, 'prague'],
]);
const MAX_NONCE = 2n ** 64n - 1n;

export function drawTransactions(random: Random, stage: Stage): Transaction[] {
  const nonces = new Map(
    stage.senders.map(({ address }) => [address, stage.snapshot.preState.get(address)?.nonce ?? 0]),
  );
  return Array.from({ length: between(random, 1, 8) }, (_, index) => {
    const sender = pick(random, stage.senders);
    const nonce = nonces.get(sender.address) ?? 0;
    nonces.set(sender.address, nonce + 1);
    const transaction = new TransactionDraft(random, stage, nonces).draw(index, sender.address);
    return { ...transaction, nonce: random.chance(WRONG) ? nonce + between(random, -1, 1) : nonce };
  });
}

class TransactionDraft {
  readonly #random: Random;
  readonly #stage: Stage;
  readonly #nonces: Map<Address, number>;

  constructor(random: Random, stage: Stage, nonces: Map<Address, number>) {
    this.#random = random;
    this.#stage = stage;
    this.#nonces = nonces;
  }

  draw(index: number, from: Address): Omit<Transaction, 'nonce'> {
    const random = this.#random;
    const type = this.#type();
    const creates = type < 3 ? random.chance(0.12) && !this.#stage.deep : random.chance(WRONG);
    const payload = {
      to: creates ? null : this.#recipient(),
      input: creates ? this.#initcode() : this.#input(),
      accessList: type === 0 ? [] : this.#accessList(),
      authorizationList: type === 4 ? this.#authorizations() : [],
    };
    return {
      index,
      hash: wordOf(index),
      type,
      from,
      valueWei: this.#value(),
      gasLimit: this.#gasLimit(leastGasOf(payload)),
      ...this.#fees(type),
      blobVersionedHashes: type === 3 ? this.#blobs() : [],
      ...payload,
    };
  }

  #type(): number {
    const random = this.#random;
    const { fork } = this.#stage.snapshot;
    const types = [0, 1, 2, 3, 4, 4].filter((type) => {
      const since = FIRST_FORKS.get(type);
      return since === undefined || FORKS.indexOf(since) <= FORKS.indexOf(fork);
    });
    return random.chance(WRONG / 2) ? random.below(5) : pick(random, types);
  }

  #recipient(): Address {
    const { contracts, addresses } = this.#stage;
    if (this.#stage.deep) return contracts[0] ?? pick(this.#random, addresses);
    const kind = this.#random.below(20);
    if (kind < 3) return pick(this.#random, this.#stage.senders).address;
    return pick(this.#random, kind < 16 ? contracts : addresses);
  }

  #value(): bigint {
    const random = this.#random;
    if (random.chance(0.6)) return 0n;
    return random.chance(1 - WRONG) ? BigInt(random.below(1_000)) : word(random);
  }

  #input(): Hex {
    const random = this.#random;
    if (random.chance(0.3)) return '0x';
    const sparse = random.chance(0.5);
    return toHex(bytes(random, random.below(120)).map((byte) => (sparse && random.chance(0.7) ? 0 : byte)));
  }

  #initcode(): Hex {
    const random = this.#random;
    const { snapshot, addresses } = this.#stage;
    const program = writeProgram(random, { fork: snapshot.fork, addresses, blockNumber: snapshot.header.number }, 1);
    if (random.chance(0.02)) return toHex([...program, ...bytes(random, 49_140 + random.below(24))]);
    return toHex(random.chance(0.5) ? program : deployerOf(program, random));
  }

  #gasLimit(leastGas: number): number {
    const random = this.#random;
    if (this.#stage.deep) return 10 ** 12;
    const kind = random.below(100);
    if (kind === 0) return random.below(60_000);
    if (kind === 1) return pick(random, [2 ** 24, 2 ** 24 + 1, 30_000_000, 30_000_001]);
    if (kind === 2) return leastGas - 1;
    if (kind < 22) return leastGas + random.below(pick(random, [100, 10_000, 60_000, 200_000]));
    return leastGas + between(random, 150_000, 900_000);
  }

  #fees(
    type: number,
  ): Pick<Transaction, 'gasPriceWei' | 'maxFeePerGasWei' | 'maxPriorityFeePerGasWei' | 'maxFeePerBlobGasWei'> {
    const random = this.#random;
    const baseWei = this.#stage.snapshot.header.baseFeePerGasWei ?? 1n;
    const capWei = random.chance(WRONG)
      ? word(random)
      : baseWei * BigInt(between(random, 1, 3)) + BigInt(random.below(5));
    const tipWei = random.chance(WRONG) ? word(random) : BigInt(random.below(4)) % (capWei + 1n);
    return {
      gasPriceWei: type < 2 ? capWei : null,
      maxFeePerGasWei: type < 2 ? null : capWei,
      maxPriorityFeePerGasWei: type < 2 ? null : tipWei,
      maxFeePerBlobGasWei: type === 3 ? (random.chance(5 * WRONG) ? BigInt(random.below(3)) : 10n ** 9n) : null,
    };
  }

  #accessList(): AccessListEntry[] {
    const random = this.#random;
    return Array.from({ length: random.below(4) }, () => ({
      address: pick(random, this.#stage.addresses),
      storageKeys: Array.from({ length: random.below(4) }, () => wordOf(random.below(6))),
    }));
  }

  #blobs(): Hash[] {
    const random = this.#random;
    const count = random.chance(5 * WRONG) ? random.below(11) : between(random, 1, 4);
    return Array.from({ length: count }, (): Hash => {
      const version = random.chance(WRONG) ? '00' : '01';
      return `0x${version}${hash(random).slice(4)}`;
    });
  }

  #authorizations(): Authorization[] {
    const count = this.#random.chance(WRONG) ? 0 : between(this.#random, 1, 3);
    return Array.from({ length: count }, () => this.#authorization());
  }

  #authorization(): Authorization {
    const random = this.#random;
    const { snapshot, senders, addresses } = this.#stage;
    const signer = pick(random, senders);
    const nonce = this.#nonces.get(signer.address) ?? 0;
    const right = random.chance(0.8);
    const signedNonce = right ? BigInt(nonce) : pick(random, [BigInt(nonce + 1), MAX_NONCE, MAX_NONCE - 1n, 0n]);
    const chainId = BigInt(pick(random, [0, snapshot.chainId, snapshot.chainId, snapshot.chainId + (right ? 0 : 1)]));
    const address = random.chance(0.15) ? (`0x${'00'.repeat(20)}` as const) : pick(random, addresses);
    // Where it is right, the authority's next transaction needs the nonce after it.
    if (right) this.#nonces.set(signer.address, nonce + 1);
    return distort(random, sign(signer, { chainId, address, nonce: signedNonce }));
  }
}

type Payload = Pick<Transaction, 'to' | 'input' | 'accessList' | 'authorizationList'>;

/** What a transaction must pay in the latest fork, at least: in earlier ones it may be less. */
function leastGasOf({ to, input, accessList, authorizationList }: Payload): number {
  const content = hexToBytes(input);
  const tokens = content.reduce((sum, byte) => sum + (byte === 0 ? 1 : 4), 0);
  const slots = accessList.reduce((sum, { storageKeys }) => sum + storageKeys.length, 0);
  const creationGas = to === null ? 32_000 + 2 * Math.ceil(content.length / 32) : 0;
  const listsGas = 2_400 * accessList.length + 1_900 * slots + 25_000 * authorizationList.length;
  return 21_000 + Math.max(4 * tokens + creationGas + listsGas, 10 * tokens);
}

function sign(
  { privateKey }: Sender,
  { chainId, address, nonce }: Pick<Authorization, 'chainId' | 'address' | 'nonce'>,
): Authorization {
  const unsigned = [bigIntToUnpaddedBytes(chainId), hexToBytes(address), bigIntToUnpaddedBytes(nonce)] as const;
  const [, , , yParity, r, s] = eoaCode7702SignAuthorization([...unsigned], privateKey);
  return { chainId, address, nonce, yParity: yParity.at(-1) ?? 0, r: bytesToHex(r), s: bytesToHex(s) };
}

/** A signature that is wrong voids the authorization only, or gives it another signer. */
function distort(random: Random, authorization: Authorization): Authorization {
  if (random.chance(0.93)) return authorization;
  const kind = random.below(4);
  if (kind === 0) return { ...authorization, yParity: 1 - authorization.yParity };
  if (kind === 1) return { ...authorization, yParity: between(random, 2, 255) };
  if (kind === 2) return { ...authorization, r: hash(random) };
  return { ...authorization, s: `0xff${'ff'.repeat(31)}` };
}
