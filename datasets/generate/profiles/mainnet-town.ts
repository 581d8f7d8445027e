import type { Address } from '../../../types.js';
import { deskOf, type TokenDesk } from '../drafts.js';
import { zipf, type Random, type Weighted } from '../random.js';
import type { Site } from '../site.js';
import { Splitters } from '../splitters.js';
import {
  copyToken,
  deployFixedToken,
  deployPausableToken,
  deployProxiedToken,
  deployWeth,
  settleSupply,
} from '../tokens.js';
import { UniswapV2 } from '../uniswap-v2.js';
import { UniswapV3 } from '../uniswap-v3.js';
import type { Token } from '../world.js';

/** Tokens with contracts of their own; the popular ones. */
const TOKENS = 24;
/** The most popular tokens also have a pool on Uniswap V3. */
const POOLED_TOKENS = 16;
/** Tokens behind them, copies of those. */
const TAIL_TOKENS = 400;
const TOKEN_EXPONENT = 1.3;
const PAIR_EXPONENT = 1.2;
const POOL_EXPONENT = 1.2;
const PEOPLE = 2_500;
const PEOPLE_EXPONENT = 0.45;
const EXCHANGES = 8;
const EXCHANGE_EXPONENT = 1.4;
const SEARCHERS = 12;
const SPLITTERS = 4;
const PAYEES = 40;

/** Who and what `mainnet` transactions are about, each drawn with its own popularity. */
export interface Town {
  readonly site: Site;
  readonly desk: TokenDesk;
  readonly weth: Token;
  readonly v2: UniswapV2;
  readonly v3: UniswapV3;
  readonly splitters: Splitters;
  readonly splitterPopularity: Weighted;
  readonly drawToken: (random: Random) => Token;
  /** A token with a pair against WETH on Uniswap V2. */
  readonly drawPaired: (random: Random) => Token;
  /** A token with a pool against WETH on Uniswap V3. */
  readonly drawPooled: (random: Random) => Token;
  readonly drawPerson: (random: Random) => Address;
  /** Somebody whom no block has seen yet. */
  readonly newcomer: () => Address;
  readonly drawExchange: (random: Random) => Address;
  readonly drawSearcher: (random: Random) => Address;
}

/** Deploys tokens, markets and splitters. */
export async function buildTown(site: Site): Promise<Town> {
  const weth = deployWeth(site);
  const tokens = deployTokens(site);
  const [v2, v3] = [new UniswapV2(site, weth), new UniswapV3(site, weth)];
  const rebate = tokens[0] ?? weth;
  const splitters = new Splitters(site, rebate, { count: SPLITTERS, payees: PAYEES, payee: site.people('payees') });
  await site.flush();
  for (const token of [weth, ...tokens]) settleSupply(site, token);
  const pooled = tokens.slice(0, POOLED_TOKENS);
  openMarkets({ weth, v2, v3 }, tokens, pooled);
  await site.flush();
  const all = [...tokens, ...copyTail(site, { weth, v2 }, tokens)];
  return {
    site,
    desk: deskOf(site),
    weth,
    v2,
    v3,
    splitters,
    splitterPopularity: zipf(SPLITTERS, 1.4),
    drawToken: drawFrom(all, TOKEN_EXPONENT),
    drawPaired: drawFrom(all, PAIR_EXPONENT),
    drawPooled: drawFrom(pooled, POOL_EXPONENT),
    ...drawPeople(site),
  };
}

function drawPeople(site: Site): Pick<Town, 'drawPerson' | 'newcomer' | 'drawExchange' | 'drawSearcher'> {
  const groups = { people: site.people('people'), newcomers: site.people('newcomers') };
  const [exchanges, searchers] = [site.people('exchanges'), site.people('searchers')];
  const people = zipf(PEOPLE, PEOPLE_EXPONENT);
  const [exchangePopularity, searcherPopularity] = [zipf(EXCHANGES, EXCHANGE_EXPONENT), zipf(SEARCHERS, 1.4)];
  let newcomers = 0;
  return {
    drawPerson: (random) => groups.people(people.draw(random)),
    newcomer: () => groups.newcomers((newcomers += 1)),
    drawExchange: (random) => exchanges(exchangePopularity.draw(random)),
    drawSearcher: (random) => searchers(searcherPopularity.draw(random)),
  };
}

/** Popular tokens of mainnet are proxies or can be paused; the long tail is plain. */
function deployTokens(site: Site): Token[] {
  return Array.from({ length: TOKENS }, (_, index) => {
    if (index % 8 < 7) {
      return deployProxiedToken(site, deployPausableToken(site, `Implementation ${index}`).address);
    }
    return index % 16 === 7 ? deployPausableToken(site, `Token ${index}`) : deployFixedToken(site, `Token ${index}`);
  });
}

/** The long tail: copies of the deployed tokens, each with a copy of its model's pair against WETH. */
function copyTail(site: Site, { weth, v2 }: { weth: Token; v2: UniswapV2 }, models: readonly Token[]): Token[] {
  return Array.from({ length: TAIL_TOKENS }, (_, index) => {
    const model = models[index % models.length] ?? weth;
    const token = copyToken(site, model, `Tail ${index}`);
    v2.copy({ address: v2.pairAddress(weth, model), tokens: [weth, model] }, weth, token);
    return token;
  });
}

function openMarkets(
  { weth, v2, v3 }: { weth: Token; v2: UniswapV2; v3: UniswapV3 },
  tokens: readonly Token[],
  pooled: readonly Token[],
): void {
  v2.list([weth, ...tokens]);
  for (const token of tokens) v2.open(weth, token);
  v3.list([weth, ...pooled]);
  for (const token of pooled) v3.open(weth, token);
}

function drawFrom(tokens: readonly Token[], exponent: number): (random: Random) => Token {
  const popularity = zipf(tokens.length, exponent);
  return (random) => {
    const token = tokens[popularity.draw(random)];
    if (token === undefined) throw new RangeError('More weights than tokens.');
    return token;
  };
}
