import { deskOf, pay, transferToken, TRANSFER_GAS } from '../drafts.js';
import { zipf, type Random } from '../random.js';
import type { Site } from '../site.js';
import { Splitters } from '../splitters.js';
import { deployFixedToken, settleSupply } from '../tokens.js';
import type { Token } from '../world.js';
import { repeat, twiceTheUse, type Profile } from './profile.js';

const TRANSFER_TOKEN_GAS = 35_000;
const RELEASE_GAS = 75_000;
const HOLDERS = 10_000;
/** Share of the transactions of `hotspot` that write the one slot. */
const HOT_SHARE = 0.9;
const SPLITTERS = 8;
const PAYEES = 100;

async function deployOneToken(site: Site): Promise<Token> {
  const token = deployFixedToken(site, 'Lane');
  await site.flush();
  settleSupply(site, token);
  return token;
}

function someTokens(random: Random): bigint {
  return BigInt(1 + random.below(1_000_000));
}

const erc20: Profile = {
  name: 'erc20',
  description: `Transfers of one ERC-20 token among ${HOLDERS} holders, drawn uniformly`,
  transactions: 1_000,
  gasLimit: twiceTheUse(TRANSFER_TOKEN_GAS),
  build: async (site, transactions) => {
    const token = await deployOneToken(site);
    const [desk, person] = [deskOf(site), site.people('people')];
    return (random) =>
      repeat(transactions, () => {
        const [from, to] = random.twoBelow(HOLDERS);
        return transferToken(desk, token, { from: person(from), to: person(to), amount: someTokens(random) });
      });
  },
};

const hotspot: Profile = {
  name: 'hotspot',
  description: `ERC-20 transfers, ${100 * HOT_SHARE} % of them to one holder, so that most transactions write one slot`,
  transactions: 500,
  gasLimit: twiceTheUse(TRANSFER_TOKEN_GAS),
  build: async (site, transactions) => {
    const token = await deployOneToken(site);
    const [desk, person] = [deskOf(site), site.people('people')];
    const hot = site.people('hot')(0);
    return (random) =>
      repeat(transactions, (index) => {
        const to = random.chance(HOT_SHARE) ? hot : person(2 * index + 1);
        return transferToken(desk, token, { from: person(2 * index), to, amount: someTokens(random) });
      });
  },
};

const gigagasErc20: Profile = {
  name: 'gigagas-erc20',
  description: 'ERC-20 transfers without conflicts, as many as pevm counts for one gigagas (37,123 in a block)',
  transactions: 37_123,
  gasLimit: twiceTheUse(TRANSFER_TOKEN_GAS),
  build: async (site, transactions) => {
    const token = await deployOneToken(site);
    const [desk, person] = [deskOf(site), site.people('people')];
    return (random) =>
      repeat(transactions, (index) => {
        const [from, to] = [person(2 * index), person(2 * index + 1)];
        return transferToken(desk, token, { from, to, amount: someTokens(random) });
      });
  },
};

const independent: Profile = {
  name: 'independent',
  description: 'Payments and ERC-20 transfers in turn, no two of which share more than the fee recipient',
  transactions: 500,
  gasLimit: twiceTheUse((TRANSFER_TOKEN_GAS + TRANSFER_GAS) / 2),
  build: async (site, transactions) => {
    const token = await deployOneToken(site);
    const [desk, person] = [deskOf(site), site.people('people')];
    return (random) =>
      repeat(transactions, (index) => {
        const [from, to] = [person(2 * index), person(2 * index + 1)];
        if (index % 2 === 0) return pay(from, to, someTokens(random));
        return transferToken(desk, token, { from, to, amount: someTokens(random) });
      });
  },
};

const referral: Profile = {
  name: 'referral',
  description: `Referral rebates: ${SPLITTERS} payment splitters pay one token to ${PAYEES} accounts each`,
  transactions: 500,
  gasLimit: twiceTheUse(RELEASE_GAS),
  build: async (site, transactions) => {
    const token = deployFixedToken(site, 'Rebate');
    const splitters = new Splitters(site, token, {
      count: SPLITTERS,
      payees: PAYEES,
      payee: site.people('payees'),
    });
    await site.flush();
    settleSupply(site, token);
    const patron = site.people('patron');
    const popularity = zipf(SPLITTERS, 1);
    return (random) => repeat(transactions, (index) => splitters.next(random, popularity, patron(index % SPLITTERS)));
  },
};

export const TOKEN_PROFILES: readonly Profile[] = [erc20, hotspot, gigagasErc20, independent, referral];
