import { joinHex } from '../bytes.js';
import type { Draft } from '../chain.js';
import { encodeAbi } from '../codec.js';
import { approveToken, depositWeth, pay, transferToken, withdrawWeth } from '../drafts.js';
import { Weighted, type Random } from '../random.js';
import { UNLIMITED } from '../world.js';
import type { Town } from './mainnet-town.js';

const GWEI = 10n ** 9n;

/** A kind of transaction: its share, and the median tip of its senders, which decides where in the block it stands. */
interface Kind {
  readonly name: string;
  /** Of the transactions that are neither sandwiches nor the block's heavy one, in percent. */
  readonly share: number;
  /** What one uses on average. */
  readonly gas: number;
  readonly tipGwei: number;
  readonly draft: (town: Town, random: Random) => Draft;
}

/** Drafts that stand together in a block. */
export interface Offer {
  readonly drafts: readonly Draft[];
  /** What they use together, on average. */
  readonly gas: number;
  /** Kept in the order of generation among their like, whatever their tips. */
  readonly ordered: boolean;
}

const PAYMENT_KINDS: readonly Kind[] = [
  { name: 'payment', share: 8.5, gas: 21_000, tipGwei: 1, draft: payPerson },
  { name: 'exchange withdrawal', share: 12.5, gas: 21_000, tipGwei: 1, draft: payFromExchange },
  { name: 'exchange deposit', share: 9.5, gas: 21_000, tipGwei: 1, draft: payToExchange },
];

const TOKEN_KINDS: readonly Kind[] = [
  { name: 'token transfer', share: 12.5, gas: 47_000, tipGwei: 1, draft: transferToPerson },
  { name: 'token withdrawal', share: 7, gas: 47_000, tipGwei: 1, draft: transferFromExchange },
  { name: 'token deposit', share: 6, gas: 42_000, tipGwei: 1, draft: transferToExchange },
];

const TRADE_KINDS: readonly Kind[] = [
  { name: 'V2 swap', share: 6, gas: 115_000, tipGwei: 3, draft: swapOnV2 },
  { name: 'V2 swap of ether', share: 4, gas: 105_000, tipGwei: 3, draft: swapEtherOnV2 },
  { name: 'V2 swap over two pairs', share: 1, gas: 190_000, tipGwei: 3, draft: swapTwiceOnV2 },
  { name: 'V3 swap', share: 4.5, gas: 112_000, tipGwei: 3, draft: swapOnV3 },
  { name: 'V3 swap over two pools', share: 2, gas: 185_000, tipGwei: 3, draft: swapTwiceOnV3 },
  { name: 'swap beyond its price limit', share: 3.5, gas: 190_000, tipGwei: 3, draft: swapInVain },
];

const OTHER_KINDS: readonly Kind[] = [
  { name: 'WETH deposit', share: 4, gas: 28_000, tipGwei: 1.5, draft: wrap },
  { name: 'WETH withdrawal', share: 2, gas: 36_000, tipGwei: 1.5, draft: unwrap },
  { name: 'approval', share: 13, gas: 52_000, tipGwei: 1.5, draft: approve },
  { name: 'rebate', share: 4, gas: 92_000, tipGwei: 1, draft: rebate },
];

const KINDS: readonly Kind[] = [...PAYMENT_KINDS, ...TOKEN_KINDS, ...TRADE_KINDS, ...OTHER_KINDS];
const SHARES = new Weighted(KINDS.map(({ share }) => share));
const TIP_SIGMA = 0.9;
const LEGACY_SHARE = 0.2;
/** Of the recipients of payments and tokens. */
const NEWCOMER_SHARE = 0.45;

/** One transaction of the mix. */
export function drawOffer(town: Town, random: Random): Offer {
  const kind = KINDS[SHARES.draw(random)];
  if (kind === undefined) throw new RangeError('More weights than kinds.');
  const draft = kind.draft(town, random);
  const paid = { ...draft, tipWei: drawTipWei(random, kind.tipGwei), legacy: random.chance(LEGACY_SHARE) };
  return { drafts: [paid], gas: kind.gas, ordered: kind.draft === rebate };
}

function drawTipWei(random: Random, medianGwei: number): bigint {
  return BigInt(Math.ceil(1_000 * random.logNormal(medianGwei, TIP_SIGMA))) * (GWEI / 1_000n);
}

function someEther(random: Random): bigint {
  return BigInt(Math.ceil(1_000 * random.logNormal(0.2, 1.5))) * 10n ** 15n;
}

function someTokens(random: Random): bigint {
  return BigInt(Math.ceil(1_000 * random.logNormal(5, 1.2))) * 10n ** 15n;
}

function payPerson(town: Town, random: Random): Draft {
  const to = random.chance(NEWCOMER_SHARE) ? town.newcomer() : town.drawPerson(random);
  return pay(town.drawPerson(random), to, someEther(random));
}

function payFromExchange(town: Town, random: Random): Draft {
  const to = random.chance(NEWCOMER_SHARE) ? town.newcomer() : town.drawPerson(random);
  return pay(town.drawExchange(random), to, someEther(random));
}

function payToExchange(town: Town, random: Random): Draft {
  return pay(town.drawPerson(random), town.drawExchange(random), someEther(random));
}

function transferToPerson(town: Town, random: Random): Draft {
  const newcomer = random.chance(NEWCOMER_SHARE);
  const to = newcomer ? town.newcomer() : town.drawPerson(random);
  const transfer = { from: town.drawPerson(random), to, amount: someTokens(random), newcomer };
  return transferToken(town.desk, town.drawToken(random), transfer);
}

function transferFromExchange(town: Town, random: Random): Draft {
  const newcomer = random.chance(NEWCOMER_SHARE);
  const to = newcomer ? town.newcomer() : town.drawPerson(random);
  const transfer = { from: town.drawExchange(random), to, amount: someTokens(random), newcomer };
  return transferToken(town.desk, town.drawToken(random), transfer);
}

function transferToExchange(town: Town, random: Random): Draft {
  const transfer = { from: town.drawPerson(random), to: town.drawExchange(random), amount: someTokens(random) };
  return transferToken(town.desk, town.drawToken(random), transfer);
}

function swapOnV2(town: Town, random: Random): Draft {
  const [token, from] = [town.drawPaired(random), town.drawPerson(random)];
  const path = random.chance(0.5) ? [token, town.weth] : [town.weth, token];
  return town.v2.swap(path, { from, amount: someTokens(random) });
}

function swapEtherOnV2(town: Town, random: Random): Draft {
  const path = [town.weth, town.drawPaired(random)];
  return town.v2.swapEther(path, { from: town.drawPerson(random), valueWei: someEther(random) });
}

function swapTwiceOnV2(town: Town, random: Random): Draft {
  const [sold, bought] = twoOf(() => town.drawPaired(random));
  return town.v2.swap([sold, town.weth, bought], { from: town.drawPerson(random), amount: someTokens(random) });
}

function swapOnV3(town: Town, random: Random): Draft {
  const [token, from] = [town.drawPooled(random), town.drawPerson(random)];
  const path = random.chance(0.5) ? [token, town.weth] : [town.weth, token];
  return town.v3.swap(path, { from, amount: someTokens(random) });
}

function swapTwiceOnV3(town: Town, random: Random): Draft {
  const [sold, bought] = twoOf(() => town.drawPooled(random));
  return town.v3.swap([sold, town.weth, bought], { from: town.drawPerson(random), amount: someTokens(random) });
}

/** Fails on its minimum, as searchers' do who come too late: it reads both pools and leaves nothing written. */
function swapInVain(town: Town, random: Random): Draft {
  const [sold, bought] = twoOf(() => town.drawPooled(random));
  const amount = someTokens(random);
  const trade = { from: town.drawSearcher(random), amount, minimumOut: 1_000n * amount };
  return town.v3.swap([sold, town.weth, bought], trade);
}

function wrap(town: Town, random: Random): Draft {
  return depositWeth(town.desk, town.weth, town.drawPerson(random), someEther(random));
}

function unwrap(town: Town, random: Random): Draft {
  return withdrawWeth(town.desk, town.weth, town.drawPerson(random), someEther(random));
}

/** For somebody who never spends it. */
function approve(town: Town, random: Random): Draft {
  const amount = random.chance(0.7) ? UNLIMITED : UNLIMITED - someTokens(random);
  const approval = { from: town.drawPerson(random), spender: town.drawExchange(random), amount };
  return approveToken(town.desk, town.drawToken(random), approval);
}

function rebate(town: Town, random: Random): Draft {
  return town.splitters.next(random, town.splitterPopularity, town.drawExchange(random));
}

const SANDWICH_TIP_GWEI = 8;
const SANDWICH_GAS = 350_000;

/** A searcher buys in front of somebody's swap and sells behind it. */
export function drawSandwich(town: Town, random: Random): Offer {
  const { v2, weth } = town;
  const [token, searcher, amount] = [town.drawPaired(random), town.drawSearcher(random), someTokens(random)];
  const tipWei = drawTipWei(random, SANDWICH_TIP_GWEI);
  const drafts = [
    v2.swap([weth, token], { from: searcher, amount: 3n * amount }),
    v2.swap([weth, token], { from: town.drawPerson(random), amount }),
    v2.swap([token, weth], { from: searcher, amount: 2n * amount }),
  ];
  return { drafts: drafts.map((draft) => ({ ...draft, tipWei })), gas: SANDWICH_GAS, ordered: false };
}

/** Of the first swaps of a batch, and of each further one, most of whose slots are warm. */
const FIRST_SWAPS_GAS = 300_000;
const FURTHER_SWAP_GAS = 40_000;
/** Of creating a payment splitter, and of each of its payees. */
const SPLITTER_GAS = 750_000;
const PAYEE_GAS = 50_000;
const NEW_SPLITTER_SHARE = 0.4;
const HEAVY_TIP_GWEI = 1.5;

/** The long transaction of a block, of about so much gas: a new contract with many payees, or many swaps in one. */
export function drawHeavy(town: Town, random: Random, gas: number): Offer {
  const creates = gas > SPLITTER_GAS && random.chance(NEW_SPLITTER_SHARE);
  const draft = creates ? newSplitter(town, random, gas) : manySwaps(town, random, gas);
  const gasLimit = 500_000 + Math.round(1.2 * gas);
  return { drafts: [{ ...draft, gasLimit, tipWei: drawTipWei(random, HEAVY_TIP_GWEI) }], gas, ordered: false };
}

function newSplitter(town: Town, random: Random, gas: number): Draft {
  const count = Math.max(1, Math.round((gas - SPLITTER_GAS) / PAYEE_GAS));
  const payees = Array.from({ length: count }, () => town.newcomer());
  const shares = payees.map(() => 1 + random.below(10));
  const input = joinHex(town.site.creationCode('splitter'), encodeAbi([payees, shares]));
  return { ...pay(town.drawPerson(random), null, 0n), input };
}

function manySwaps(town: Town, random: Random, gas: number): Draft {
  const swaps = 4 + Math.max(0, Math.round((gas - FIRST_SWAPS_GAS) / FURTHER_SWAP_GAS));
  const [a, b] = twoOf(() => town.drawPooled(random));
  const legs = [a, b].flatMap((token) => [
    [town.weth, token],
    [token, town.weth],
  ]);
  const paths = Array.from({ length: swaps }, (_, index) => legs[index % legs.length] ?? []);
  return town.v3.batch(paths, { from: town.drawPerson(random), amount: someTokens(random) });
}

/** Two draws that differ. */
function twoOf<T>(draw: () => T): readonly [T, T] {
  const first = draw();
  for (;;) {
    const second = draw();
    if (second !== first) return [first, second];
  }
}
