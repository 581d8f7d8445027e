import type { Draft } from '../chain.js';
import { deskOf, pay, transferToken } from '../drafts.js';
import { zipf, type Random } from '../random.js';
import type { Site } from '../site.js';
import { deployFixedToken, deployWeth, settleSupply } from '../tokens.js';
import { UniswapV2, type Pair } from '../uniswap-v2.js';
import type { Token } from '../world.js';
import { repeat, twiceTheUse, type Profile } from './profile.js';

const SWAP_GAS = 120_000;
const TOKEN = 10n ** 18n;

interface Market {
  readonly uniswap: UniswapV2;
  readonly tokens: readonly Token[];
}

/** WETH, so many tokens (besides) and Uniswap V2 without pairs. */
async function openMarket(site: Site, tokenCount: number): Promise<Market> {
  const weth = deployWeth(site);
  const tokens = [weth, ...Array.from({ length: tokenCount }, (_, index) => deployFixedToken(site, `Token ${index}`))];
  const uniswap = new UniswapV2(site, weth);
  await site.flush();
  for (const token of tokens) settleSupply(site, token);
  return { uniswap, tokens };
}

/** Pairs of neighbours in a ring, so that popular pairs share tokens. */
async function openRing(site: Site, { uniswap, tokens }: Market): Promise<Pair[]> {
  uniswap.list(tokens);
  const pairs = tokens.map((token, index) => uniswap.open(token, tokens[(index + 1) % tokens.length] ?? token));
  await site.flush();
  return pairs;
}

/** A swap of a random amount in a random direction. */
function swapSomething(
  uniswap: UniswapV2,
  pair: Pair | undefined,
  trade: { random: Random; from: Draft['from'] },
): Draft {
  if (pair === undefined) throw new RangeError('No such pair.');
  const [a, b] = pair.tokens;
  const amount = TOKEN + BigInt(trade.random.below(1_000_000_000));
  return uniswap.swap(trade.random.chance(0.5) ? [a, b] : [b, a], { from: trade.from, amount });
}

const POPULAR_PAIRS = 8;
const TRADERS = 10_000;

const uniswap: Profile = {
  name: 'uniswap',
  description: `Uniswap V2 swaps over ${POPULAR_PAIRS} pairs of Zipf popularity`,
  transactions: 300,
  gasLimit: twiceTheUse(SWAP_GAS),
  build: async (site, transactions) => {
    const market = await openMarket(site, POPULAR_PAIRS - 1);
    const pairs = await openRing(site, market);
    const person = site.people('people');
    const popularity = zipf(pairs.length, 1);
    return (random) =>
      repeat(transactions, () => {
        const pair = pairs[popularity.draw(random)];
        return swapSomething(market.uniswap, pair, { random, from: person(random.below(TRADERS)) });
      });
  },
};

/** Fewest tokens that make so many different pairs. */
function tokensForPairs(pairs: number): number {
  return Math.max(2, Math.ceil((1 + Math.sqrt(1 + 8 * pairs)) / 2));
}

const gigagasSwaps: Profile = {
  name: 'gigagas-swaps',
  description: 'Uniswap V2 swaps, each on a pair of its own: about one gigagas without conflicts (6,413 in a block)',
  transactions: 6_413,
  gasLimit: twiceTheUse(SWAP_GAS),
  build: async (site, transactions) => {
    // The pair that was really deployed serves as template; the swaps use its copies.
    const market = await openMarket(site, tokensForPairs(transactions + 1) - 1);
    const [template, ...copies] = allPairs(market.tokens).slice(0, transactions + 1);
    if (template === undefined) throw new RangeError('No pair.');
    market.uniswap.list(template);
    const deployed = market.uniswap.open(...template);
    await site.flush();
    const pairs = copies.map(([a, b]) => market.uniswap.copy(deployed, a, b));
    const person = site.people('people');
    return (random) => pairs.map((pair, index) => swapSomething(market.uniswap, pair, { random, from: person(index) }));
  },
};

function allPairs(tokens: readonly Token[]): (readonly [Token, Token])[] {
  return tokens.flatMap((a, index) => tokens.slice(index + 1).map((b) => [a, b] as const));
}

const PEOPLE = 100_000;
const HOT_PEOPLE = 10_000;
const HOT_RATIO = 0.3;
const PAIRS = 64;
const TRANSFER_SHARE = 0.6;
const TOKEN_SHARE = 0.2;

const grevmHot: Profile = {
  name: 'grevm-hot',
  description: `Grevm's hot mix: ${PEOPLE} accounts, 10 % of them hot and picked 30 % of the time; 60/20/20 payments, ERC-20, swaps`,
  transactions: 5_000,
  gasLimit: twiceTheUse(0.6 * 21_000 + 0.2 * 35_000 + 0.2 * SWAP_GAS),
  build: async (site, transactions) => {
    const market = await openMarket(site, PAIRS - 1);
    const pairs = await openRing(site, market);
    const [desk, person] = [deskOf(site), site.people('people')];
    const [, token] = market.tokens;
    if (token === undefined) throw new RangeError('No token.');
    return (random) =>
      repeat(transactions, () => {
        const kind = random.unit();
        const [from, to] = [person(drawHot(random)), person(drawHot(random))];
        if (kind < TRANSFER_SHARE) return pay(from, to, 1n + BigInt(random.below(1_000_000)));
        if (kind < TRANSFER_SHARE + TOKEN_SHARE) return transferToken(desk, token, { from, to, amount: TOKEN });
        return swapSomething(market.uniswap, pairs[random.below(pairs.length)], { random, from });
      });
  },
};

function drawHot(random: Random): number {
  if (random.chance(HOT_RATIO)) return random.below(HOT_PEOPLE);
  return HOT_PEOPLE + random.below(PEOPLE - HOT_PEOPLE);
}

export const SWAP_PROFILES: readonly Profile[] = [uniswap, gigagasSwaps, grevmHot];
