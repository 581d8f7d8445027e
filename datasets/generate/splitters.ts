import type { Address } from '../../types.js';
import type { Draft } from './chain.js';
import { callContract, deskOf, transferToken, type TokenDesk } from './drafts.js';
import type { Random, Weighted } from './random.js';
import type { Site } from './site.js';
import type { Token } from './world.js';

const RELEASE_GAS = 250_000;
/** What one funding brings: at least one unit for each share. */
const FUNDING = 10n ** 21n;

interface Splitter {
  readonly address: Address;
  readonly payees: readonly Address[];
  /** How many fundings each payee has been paid for. */
  readonly paidFor: number[];
  fundings: number;
}

/** Referral rebates: OpenZeppelin's PaymentSplitter is funded in one token and pays it out to its many payees. */
export class Splitters {
  readonly #desk: TokenDesk;
  readonly #token: Token;
  readonly #splitters: readonly Splitter[];

  /** Queues the deployment. */
  constructor(
    site: Site,
    token: Token,
    { count, payees, payee }: { count: number; payees: number; payee: (index: number) => Address },
  ) {
    this.#desk = deskOf(site);
    this.#token = token;
    this.#splitters = Array.from({ length: count }, (_, at) => {
      const addresses = Array.from({ length: payees }, (__, index) => payee(at * payees + index));
      const shares = addresses.map((___, index) => 1 + (index % 7));
      const address = site.deploy('splitter', [addresses, shares]);
      return { address, payees: addresses, paidFor: addresses.map(() => 0), fundings: 0 };
    });
  }

  /** A release to somebody who has something due, or else a funding by `patron`. */
  next(random: Random, popularity: Weighted, patron: Address): Draft {
    const splitter = this.#splitters[popularity.draw(random)];
    if (splitter === undefined) throw new RangeError('More weights than splitters.');
    const index = dueIndex(splitter, random.below(splitter.payees.length));
    return index === null ? this.#fund(splitter, patron) : this.#release(splitter, index);
  }

  #fund(splitter: Splitter, patron: Address): Draft {
    splitter.fundings += 1;
    return transferToken(this.#desk, this.#token, {
      from: patron,
      to: splitter.address,
      amount: FUNDING,
      newcomer: true,
    });
  }

  #release(splitter: Splitter, index: number): Draft {
    const payee = splitter.payees[index];
    if (payee === undefined) throw new RangeError('No such payee.');
    splitter.paidFor[index] = splitter.fundings;
    this.#desk.world.hold(this.#token, payee);
    this.#desk.world.hold(this.#token, splitter.address);
    const input = this.#desk.codec.call('release(address,address)', [this.#token.address, payee]);
    return callContract(payee, splitter.address, { input, gasLimit: RELEASE_GAS });
  }
}

/** The first payee from `start` on, around the list, who was not paid since the last funding; null where all were. */
function dueIndex({ payees, paidFor, fundings }: Splitter, start: number): number | null {
  for (let step = 0; step < payees.length; step += 1) {
    const index = (start + step) % payees.length;
    if ((paidFor[index] ?? 0) < fundings) return index;
  }
  return null;
}
