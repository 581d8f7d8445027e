import { HALF_LIFE_BLOCKS, rankHotKeys, type KeyUse } from '../../model/forecast/hot-keys.js';
import type { Address, Hash } from '../../types.js';
import type { Forecast } from '../live.js';
import type { SlotUse } from './block-load.js';

/** Each block halved for every `HALF_LIFE_BLOCKS` since, as of block `at`. */
interface Heat {
  readonly address: Address;
  readonly slot: Hash;
  readonly at: number;
  readonly blocks: number;
  readonly transactions: number;
  readonly conflicts: number;
}

const MOST_HOT_KEYS = 20;
/** Slots that are remembered: of more, those that nothing conflicted on lately are forgotten, the least used first. */
const MOST_SLOTS = 20_000;
/** Conflicts a block from which on a slot is called hot. */
const LEAST_CONFLICTS = 0.001;
const DIGITS = 10_000;

/** Which storage slots the next block will probably contend for: those that the latest blocks did. */
export class SlotHeat {
  #heats = new Map<string, Heat>();
  /** The greatest number so far: what comes late, or again, counts as of now. */
  #now = 0;
  /** All blocks, halved alike: what a slot of every block would have. */
  #blocks = 0;

  observe(number: number, uses: Iterable<SlotUse>): void {
    const now = Math.max(this.#now, number);
    this.#blocks = this.#blocks * decay(now - this.#now) + 1;
    this.#now = now;
    for (const { address, slot, transactions, conflicts } of uses) {
      const name = address + slot;
      const before = this.#heats.get(name);
      const kept = before === undefined ? 0 : decay(now - before.at);
      this.#heats.set(name, {
        ...{ address, slot, at: now },
        blocks: (before?.blocks ?? 0) * kept + 1,
        transactions: (before?.transactions ?? 0) * kept + transactions,
        conflicts: (before?.conflicts ?? 0) * kept + conflicts,
      });
    }
    if (this.#heats.size > 2 * MOST_SLOTS) this.#forget();
  }

  /** Most conflicts first. */
  hottest(): Forecast['hotKeys'] {
    const least = LEAST_CONFLICTS * this.#blocks;
    const uses: KeyUse[] = [];
    for (const [key, { at, conflicts }] of this.#heats) {
      // Of most slots there are none.
      if (conflicts === 0) continue;
      const count = conflicts * decay(this.#now - at);
      if (count >= least) uses.push({ key, blockNumber: this.#now, count });
    }
    const ranking = { fromBlock: this.#now + 1, halfLifeBlocks: HALF_LIFE_BLOCKS, limit: MOST_HOT_KEYS };
    return rankHotKeys(uses, ranking).flatMap(({ key }) => {
      const heat = this.#heats.get(key);
      return heat === undefined ? [] : [this.#expect(heat)];
    });
  }

  #expect({ address, slot, at, blocks, transactions, conflicts }: Heat): Forecast['hotKeys'][number] {
    const share = (sum: number): number => Math.round((DIGITS * sum * decay(this.#now - at)) / this.#blocks) / DIGITS;
    return {
      ...{ address, slot },
      touchProbability: Math.min(1, share(blocks)),
      expectedTransactions: share(transactions),
      expectedConflicts: share(conflicts),
    };
  }

  #forget(): void {
    const ranked = [...this.#heats].map(([name, heat]) => {
      const kept = decay(this.#now - heat.at);
      return { name, heat, conflicts: heat.conflicts * kept, transactions: heat.transactions * kept };
    });
    ranked.sort((a, b) => b.conflicts - a.conflicts || b.transactions - a.transactions || (a.name < b.name ? -1 : 1));
    this.#heats = new Map(ranked.slice(0, MOST_SLOTS).map(({ name, heat }) => [name, heat]));
  }
}

function decay(blocks: number): number {
  return 2 ** (-blocks / HALF_LIFE_BLOCKS);
}
