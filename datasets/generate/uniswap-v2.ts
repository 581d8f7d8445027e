import type { Address, Hash, Hex } from '../../types.js';
import { joinHex, padWord, utf8, word } from './bytes.js';
import type { Draft } from './chain.js';
import { encodeAbi, type Codec } from './codec.js';
import { callContract } from './drafts.js';
import type { Site } from './site.js';
import { approveAsDeployer, HOLDING } from './tokens.js';
import type { Token, World } from './world.js';

/** Of each token in each pair: large beside every swap, so prices stay near 1. */
const LIQUIDITY = 10n ** 26n;
export const DEADLINE = 2n ** 40n;
const SWAP_GAS = 320_000;
const GAS_PER_FURTHER_HOP = 150_000;

export interface Pair {
  readonly address: Address;
  readonly tokens: readonly [Token, Token];
}

/** Uniswap V2 from its published builds: factory, router, pairs. */
export class UniswapV2 {
  readonly router: Address;
  readonly weth: Token;
  readonly #factory: Address;
  readonly #site: Site;
  readonly #pairCodeHash: Hash;
  readonly #addresses = new Map<Hex, Address>();

  /** Queues the deployment. */
  constructor(site: Site, weth: Token) {
    this.#site = site;
    this.weth = weth;
    this.#factory = site.deploy('v2Factory', [site.deployer]);
    this.router = site.deploy('v2Router', [this.#factory, weth.address]);
    this.#pairCodeHash = site.codec.keccak(site.creationCode('v2Pair'));
  }

  /** Queues what the deployer needs to provide liquidity in these tokens. */
  list(tokens: readonly Token[]): void {
    for (const token of tokens) approveAsDeployer(this.#site, token, this.router);
  }

  /** Queues a new pair with its liquidity; both tokens must be listed. */
  open(a: Token, b: Token): Pair {
    const { deployer } = this.#site;
    this.#site.call(this.#factory, 'createPair(address,address)', { values: [a.address, b.address] });
    this.#site.call(this.router, 'addLiquidity(address,address,uint256,uint256,uint256,uint256,address,uint256)', {
      values: [a.address, b.address, LIQUIDITY, LIQUIDITY, 0, 0, deployer, DEADLINE],
    });
    return { address: this.pairAddress(a, b), tokens: [a, b] };
  }

  pairAddress(a: Token, b: Token): Address {
    const addresses = joinHex(...sortedAddresses(a, b));
    const known = this.#addresses.get(addresses);
    if (known !== undefined) return known;
    const { codec } = this.#site;
    const address = codec.create2Address(this.#factory, codec.keccak(addresses), this.#pairCodeHash);
    this.#addresses.set(addresses, address);
    return address;
  }

  /**
   * Puts a pair in place as a copy of another one that was really deployed: its code and storage, with its own tokens,
   * its own EIP-712 domain, its own balances and its entries in the factory's mapping (not in the list of all pairs).
   */
  copy(template: Pair, a: Token, b: Token): Pair {
    const { world, codec, chainId } = this.#site;
    const address = this.pairAddress(a, b);
    const [token0, token1] = sortedAddresses(a, b);
    const storage = new Map(world.storageOf(template.address));
    storage.set(DOMAIN_SLOT, domainSeparator(codec, chainId, address));
    storage.set(TOKEN0_SLOT, padWord(token0)).set(TOKEN1_SLOT, padWord(token1));
    world.putContract(address, world.codeOf(template.address), storage);
    for (const [from, to] of [
      [token0, token1],
      [token1, token0],
    ] as const) {
      const slot = codec.mappingSlot(padWord(to), codec.mappingSlot(padWord(from), PAIRS_SLOT));
      world.setSlot(this.#factory, slot, BigInt(address));
    }
    return { address, tokens: [a, b] };
  }

  /** Exact amount of the first token of `path` for the last. */
  swap(path: readonly Token[], { from, amount }: { from: Address; amount: bigint }): Draft {
    const { world, codec } = this.#site;
    nameTrader(world, path, { trader: from, spender: this.router });
    this.#namePairs(path);
    const input = codec.call('swapExactTokensForTokens(uint256,uint256,address[],address,uint256)', [
      amount,
      0,
      path.map(({ address }) => address),
      from,
      DEADLINE,
    ]);
    return callContract(from, this.router, { input, gasLimit: gasOf(path) });
  }

  /** Ether for the last token of `path`, which starts with WETH. */
  swapEther(path: readonly Token[], { from, valueWei }: { from: Address; valueWei: bigint }): Draft {
    const { world, codec } = this.#site;
    for (const token of path.slice(1)) world.hold(token, from, HOLDING);
    this.#namePairs(path);
    const addresses = path.map(({ address }) => address);
    const input = codec.call('swapExactETHForTokens(uint256,address[],address,uint256)', [
      0,
      addresses,
      from,
      DEADLINE,
    ]);
    return { ...callContract(from, this.router, { input, gasLimit: gasOf(path) }), valueWei };
  }

  /** Copied pairs are part of those blocks only that name them. */
  #namePairs(path: readonly Token[]): void {
    for (const [index, a] of path.slice(0, -1).entries()) {
      const b = path[index + 1] ?? a;
      const pair = this.pairAddress(a, b);
      this.#site.world.touch(pair);
      for (const token of [a, b]) this.#site.world.hold(token, pair, LIQUIDITY);
    }
  }
}

/** Names what a swap of a trader through a router can touch. */
export function nameTrader(
  world: World,
  path: readonly Token[],
  { trader, spender }: { trader: Address; spender: Address },
): void {
  for (const token of path) world.hold(token, trader, HOLDING);
  const [first] = path;
  if (first !== undefined) world.allow(first, trader, spender);
}

function gasOf(path: readonly Token[]): number {
  return SWAP_GAS + Math.max(0, path.length - 2) * GAS_PER_FURTHER_HOP;
}

/** Of the pair: DOMAIN_SEPARATOR, token0, token1; of the factory: getPair. */
const DOMAIN_SLOT = word(3);
const TOKEN0_SLOT = word(6);
const TOKEN1_SLOT = word(7);
const PAIRS_SLOT = word(2);

function sortedAddresses(a: Token, b: Token): readonly [Address, Address] {
  return a.address < b.address ? [a.address, b.address] : [b.address, a.address];
}

/** As the constructor of UniswapV2ERC20 computes it (EIP-712). */
function domainSeparator(codec: Codec, chainId: number, pair: Address): Hash {
  const type = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)';
  const [typeHash, name, version] = [type, 'Uniswap V2', '1'].map((text) => codec.keccak(utf8(text)));
  return codec.keccak(encodeAbi([typeHash ?? '0x', name ?? '0x', version ?? '0x', chainId, pair]));
}
