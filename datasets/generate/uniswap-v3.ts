import type { Address, Hex } from '../../types.js';
import { bigEndian, joinHex } from './bytes.js';
import type { Draft } from './chain.js';
import type { AbiValue } from './codec.js';
import { callContract } from './drafts.js';
import type { Site } from './site.js';
import { approveAsDeployer } from './tokens.js';
import { DEADLINE, nameTrader } from './uniswap-v2.js';
import type { Token } from './world.js';

/** A price of 1 as √price · 2^96. */
const PRICE_ONE = 2n ** 96n;
const FEE_PIPS = 3_000;
/** Ranges of the positions around the price, in ticks; 60 apart for this fee. */
const RANGES_TICKS = [887_220, 6_000, 1_200] as const;
const LIQUIDITY = 10n ** 26n;
const SWAP_GAS = 450_000;
const GAS_PER_FURTHER_HOP = 250_000;
const MINT = 'mint((address,address,uint24,int24,int24,uint256,uint256,uint256,uint256,address,uint256))';
const SWAP_SINGLE = 'exactInputSingle((address,address,uint24,address,uint256,uint256,uint256,uint160))';
const SWAP_PATH = 'exactInput((bytes,address,uint256,uint256,uint256))';

interface Trade {
  readonly from: Address;
  readonly amount: bigint;
  readonly minimumOut?: bigint;
}

/** Uniswap V3 from its published builds: factory, router, positions, pools of 0.3 %. */
export class UniswapV3 {
  readonly router: Address;
  readonly #factory: Address;
  readonly #positions: Address;
  readonly #site: Site;

  /** Queues the deployment. The positions' descriptor only draws pictures: any address will do. */
  constructor(site: Site, weth: Token) {
    this.#site = site;
    this.#factory = site.deploy('v3Factory');
    this.router = site.deploy('v3Router', [this.#factory, weth.address]);
    this.#positions = site.deploy('v3Positions', [this.#factory, weth.address, site.deployer]);
  }

  /** Queues what the deployer needs to provide liquidity in these tokens. */
  list(tokens: readonly Token[]): void {
    for (const token of tokens) approveAsDeployer(this.#site, token, this.#positions);
  }

  /** Queues a new pool at price 1 with its liquidity; both tokens must be listed. */
  open(a: Token, b: Token): void {
    const [token0, token1] = a.address < b.address ? [a.address, b.address] : [b.address, a.address];
    this.#site.call(this.#positions, 'createAndInitializePoolIfNecessary(address,address,uint24,uint160)', {
      values: [token0, token1, FEE_PIPS, PRICE_ONE],
    });
    for (const ticks of RANGES_TICKS) {
      const range = [BigInt.asUintN(256, BigInt(-ticks)), ticks];
      const amounts = [LIQUIDITY, LIQUIDITY, 0, 0];
      const position = [token0, token1, FEE_PIPS, ...range, ...amounts, this.#site.deployer, DEADLINE];
      this.#site.call(this.#positions, MINT, { values: [{ tuple: position }] });
    }
  }

  /** Exact amount of the first token of `path` for the last. It fails at its end where `minimumOut` is beyond reach. */
  swap(path: readonly Token[], trade: Trade): Draft {
    nameTrader(this.#site.world, path, { trader: trade.from, spender: this.router });
    const gasLimit = SWAP_GAS + Math.max(0, path.length - 2) * GAS_PER_FURTHER_HOP;
    const fails = trade.minimumOut !== undefined && trade.minimumOut > trade.amount;
    return { ...callContract(trade.from, this.router, { input: this.#swapCall(path, trade), gasLimit }), fails };
  }

  /** Several swaps of one trader in one transaction. */
  batch(paths: readonly (readonly Token[])[], trade: Trade): Draft {
    const { world, codec } = this.#site;
    for (const path of paths) nameTrader(world, path, { trader: trade.from, spender: this.router });
    const calls = paths.map((path) => ({ bytes: this.#swapCall(path, trade) }));
    const input = codec.call('multicall(bytes[])', [calls]);
    const gasLimit = SWAP_GAS + paths.length * GAS_PER_FURTHER_HOP;
    return callContract(trade.from, this.router, { input, gasLimit });
  }

  #swapCall(path: readonly Token[], { from, amount, minimumOut = 0n }: Trade): Hex {
    const [first, second] = path;
    const { codec } = this.#site;
    if (first === undefined || second === undefined) throw new RangeError('A swap needs two tokens.');
    if (path.length === 2) {
      const order: AbiValue[] = [first.address, second.address, FEE_PIPS, from, DEADLINE, amount, minimumOut, 0];
      return codec.call(SWAP_SINGLE, [{ tuple: order }]);
    }
    const fee = bigEndian(FEE_PIPS, 3);
    const route = joinHex(first.address, ...path.slice(1).flatMap(({ address }) => [fee, address]));
    return codec.call(SWAP_PATH, [{ tuple: [{ bytes: route }, from, DEADLINE, amount, minimumOut] }]);
  }
}
