import type { Address, Hash, Hex } from '../../types.js';
import { createArtifacts, type ArtifactName } from './artifacts.js';
import { joinHex } from './bytes.js';
import type { Chain, Draft } from './chain.js';
import { encodeAbi, type AbiValue, type Codec } from './codec.js';
import type { World } from './world.js';

export const WEI_PER_ETHER = 10n ** 18n;
/** What each person starts with: enough to pay fees for the life of the chain. */
export const PERSON_WEI = 100_000n * WEI_PER_ETHER;
const DEPLOYER_WEI = 10n ** 15n * WEI_PER_ETHER;
/** EIP-7825: the most that one transaction may ask for. */
export const MAX_TRANSACTION_GAS = 2 ** 24;
const CALL_GAS = 8_000_000;

/** A chain under construction: collects the transactions that deploy and furnish its contracts. */
export class Site {
  readonly codec: Codec;
  readonly world: World;
  readonly deployer: Address;
  readonly #chain: Chain;
  readonly #label: string;
  readonly #artifacts = createArtifacts();
  #queue: Draft[] = [];

  constructor(label: string, { chain, codec, world }: { chain: Chain; codec: Codec; world: World }) {
    this.#label = label;
    this.#chain = chain;
    this.codec = codec;
    this.world = world;
    this.deployer = codec.addressOf(`${label}/deployer`);
    world.touch(this.deployer, DEPLOYER_WEI);
  }

  get chainId(): number {
    return this.#chain.chainId;
  }

  /** Creation code of a published contract build. */
  creationCode(name: ArtifactName): Hex {
    return this.#artifacts(name);
  }

  /** Queues a creation; the address is known at once. */
  deploy(name: ArtifactName, constructorArguments: readonly AbiValue[] = []): Address {
    const nonce = this.world.nonceOf(this.deployer) + this.#queue.length;
    const input = joinHex(this.creationCode(name), encodeAbi(constructorArguments));
    this.#queue.push(this.#draft({ to: null, input, gasLimit: MAX_TRANSACTION_GAS }));
    return this.codec.createAddress(this.deployer, nonce);
  }

  /** Queues a call by the deployer. */
  call(to: Address, signature: string, options: { values: readonly AbiValue[]; valueWei?: bigint }): void {
    const input = this.codec.call(signature, options.values);
    this.#queue.push(this.#draft({ to, input, gasLimit: CALL_GAS, valueWei: options.valueWei ?? 0n }));
  }

  /** Executes what is queued as one block. Throws EXECUTION_FAILED where a transaction of it fails. */
  async flush(): Promise<void> {
    const drafts = this.#queue;
    this.#queue = [];
    if (drafts.length > 0) await this.#chain.setUp(drafts);
  }

  /** People by number, each with an address of its own and ether from the start. */
  people(group: string): (index: number) => Address {
    const known: (Address | undefined)[] = [];
    return (index) => {
      const address = known[index] ?? this.codec.addressOf(`${this.#label}/${group}/${index}`);
      known[index] = address;
      this.world.touch(address, PERSON_WEI);
      return address;
    };
  }

  seedOf(name: string): number {
    return this.codec.seedOf(`${this.#label}/${name}`);
  }

  hashOf(name: string): Hash {
    return this.codec.hashOf(`${this.#label}/${name}`);
  }

  #draft(part: { to: Address | null; input: Hex; gasLimit: number; valueWei?: bigint }): Draft {
    this.world.touch(this.deployer);
    return { from: this.deployer, tipWei: 0n, ...part, valueWei: part.valueWei ?? 0n };
  }
}
