import type { Draft } from '../chain.js';
import type { Random } from '../random.js';
import { drawHeavy, drawOffer, drawSandwich, type Offer } from './mainnet-mix.js';
import { buildTown, type Town } from './mainnet-town.js';
import type { Profile } from './profile.js';

/** Transactions per block at the 10th, 50th and 90th percentile of mainnet: a log-normal of two halves. */
const [P10, P50, P90] = [98, 195, 473];
/** Of the standard normal. */
const Z90 = 1.2816;
const MEAN_TRANSACTIONS = 245;
const GAS_PER_TRANSACTION = 71_000;
const MOST_OF_MEAN = 1.95;
/** Gas of a block as large as they come; what is left of the limit covers what a block uses beyond the expected. */
const GAS_PER_MEAN_TRANSACTION = 35_000_000 / MEAN_TRANSACTIONS;
const SPARE_GAS = 2_000_000;
const MOST_OF_GAS = 0.97;

const SANDWICHES_PER_TRANSACTION = 1 / 250;
/** Gas of the heavy transaction as a share of its block's. */
const HEAVY_SHARE = 0.185;
const HEAVY_SIGMA = 0.35;
const MOST_HEAVY_GAS = 6_500_000;
const FEWEST_WITH_HEAVY = 20;

export const MAINNET: Profile = {
  name: 'mainnet',
  description:
    'A mix calibrated to mainnet: payments, tokens, swaps on Uniswap V2 and V3, sandwiches, long transactions',
  transactions: MEAN_TRANSACTIONS,
  gasLimit: (transactions) => SPARE_GAS + Math.round(GAS_PER_MEAN_TRANSACTION * transactions),
  build: async (site, transactions) => {
    const town = await buildTown(site);
    const mostGas = MOST_OF_GAS * GAS_PER_MEAN_TRANSACTION * transactions;
    return (random) => byTip(withinGas(makeOffers(town, random, drawCount(random, transactions)), mostGas));
  },
};

function drawCount(random: Random, mean: number): number {
  const z = random.normal() / Z90;
  const count = P50 * Math.exp(z * Math.log(z < 0 ? P50 / P10 : P90 / P50));
  const scale = mean / MEAN_TRANSACTIONS;
  return Math.max(1, Math.round(scale * Math.min(count, MOST_OF_MEAN * MEAN_TRANSACTIONS)));
}

function makeOffers(town: Town, random: Random, count: number): readonly Offer[] {
  const sandwiches = Array.from({ length: drawSandwiches(random, count) }, () => drawSandwich(town, random));
  const heavyGas = Math.min(MOST_HEAVY_GAS, random.logNormal(HEAVY_SHARE, HEAVY_SIGMA) * count * GAS_PER_TRANSACTION);
  const heavy = count >= FEWEST_WITH_HEAVY ? [drawHeavy(town, random, heavyGas)] : [];
  const rest = Math.max(0, count - 3 * sandwiches.length - heavy.length);
  return [...sandwiches, ...heavy, ...Array.from({ length: rest }, () => drawOffer(town, random))];
}

/** At least one where three transactions fit. */
function drawSandwiches(random: Random, count: number): number {
  if (count < 3) return 0;
  const expected = count * SANDWICHES_PER_TRANSACTION;
  return Math.max(1, Math.floor(expected) + (random.chance(expected % 1) ? 1 : 0));
}

/** The first of them that fit a block together. */
function withinGas(offers: readonly Offer[], mostGas: number): readonly Offer[] {
  let expectedGas = 0;
  return offers.filter(({ gas }, index) => (expectedGas += gas) <= mostGas || index === 0);
}

/** Best tips first, as builders do; what must keep its order shares out the places that its tips earned. */
function byTip(offers: readonly Offer[]): readonly Draft[] {
  const sorted = offers.toSorted((a, b) => Number(tipOf(b) - tipOf(a)));
  const ordered = offers.filter((offer) => offer.ordered).values();
  return sorted.flatMap((offer) => (offer.ordered ? (ordered.next().value ?? offer) : offer).drafts);
}

function tipOf({ drafts }: Offer): bigint {
  return drafts[0]?.tipWei ?? 0n;
}
