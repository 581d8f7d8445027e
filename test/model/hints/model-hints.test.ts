import { beforeAll, describe, expect, it, vi } from 'vitest';
import { keccak256 } from '../../../executor/reference/index.js';
import { Evidence } from '../../../model/evidence.js';
import { ModelHints } from '../../../model/hints/model-hints.js';
import { HintPool } from '../../../model/hints/hint-pool.js';
import { pendingOf } from '../../../model/pending.js';
import { ModelPredictor } from '../../../model/predictor.js';
import { DEFAULT_PLAN_SETTINGS, PlanBuilder } from '../../../scheduler/plan-builder.js';
import type { BlockHints, PendingBlock } from '../../../scheduler/predictor.js';
import { at, rowOf } from '../../../scheduler/rows.js';
import type { Access, BlockRecord, Hex } from '../../../types.js';
import { accountAccess, address, FEE_RECIPIENT, slotAccess } from '../../datasets/store-records.js';
import { blockOf, type Draft } from '../blocks.js';
import { describeHints } from '../../scheduler/hints.js';
import { generatedRecords, modelOf } from '../learned.js';

const [COUNTER, OTHER] = [0xc0de, 0x07e7];
const COUNT: Hex = '0x06661abd';

function newHints(): ModelHints {
  return new ModelHints(new ModelPredictor(modelOf(new Evidence({ keccak256, halfLifeBlocks: 100 }))));
}

function hintsAfter(records: readonly BlockRecord[]): ModelHints {
  const hints = newHints();
  for (const record of records) hints.learn(record);
  return hints;
}

/** Senders differ, as they do in all that follows. */
function blockWith(number: number, drafts: readonly Draft[]): BlockRecord {
  return blockOf(
    number,
    drafts.map((draft, index) => {
      const sender = 1_000 * number + index;
      const payment: Access[] = [accountAccess('read', sender), accountAccess('write', sender)];
      return { from: address(sender), ...draft, accesses: [...payment, ...(draft.accesses ?? [])] };
    }),
  );
}

/** Counts up in a slot of a contract. */
function countIn(contract: number, draft: Draft = {}): Draft {
  const accesses = [slotAccess('read', contract, 3), slotAccess('write', contract, 3)];
  return { to: address(contract), input: COUNT, gasUsed: 50_000, accesses, ...draft };
}

function transfer(to: number, draft: Draft = {}): Draft {
  return { to: address(to), valueWei: 5n, accesses: [accountAccess('add', to)], ...draft };
}

function history(blocks: number, draft: Draft = {}): BlockRecord[] {
  return Array.from({ length: blocks }, (_, block) =>
    blockWith(block + 1, [countIn(COUNTER, draft), countIn(OTHER, draft), countIn(COUNTER, draft)]),
  );
}

function pendingWith(drafts: readonly Draft[], number = 100): PendingBlock {
  return pendingOf(blockWith(number, drafts));
}

type Use = [read: number, write: number, add: number];

/** Of keys that both transactions name: how each uses it. */
function sharedBy({ offsets, keys, read, write, add }: BlockHints, one: number, other: number): [Use, Use][] {
  const usesOf = (index: number): Map<number, Use> => {
    const uses = new Map<number, Use>();
    for (let access = at(offsets, index); access < at(offsets, index + 1); access++) {
      uses.set(at(keys, access), [at(read, access), at(write, access), at(add, access)]);
    }
    return uses;
  };
  const others = usesOf(other);
  return [...usesOf(one)].flatMap(([key, use]): [Use, Use][] => {
    const otherUse = others.get(key);
    return otherUse === undefined ? [] : [[use, otherUse]];
  });
}

function blockersOf(hints: BlockHints): number[][] {
  const { blockers } = new PlanBuilder().build(hints, { workers: 4, ...DEFAULT_PLAN_SETTINGS });
  return Array.from({ length: hints.costs.length }, (_, index) => [...rowOf(blockers, index)].sort((a, b) => a - b));
}

/** All that does not depend on how keys are numbered. */
function plain(hints: BlockHints): unknown {
  const names = new Map<number, number>();
  const keys = Array.from(hints.keys, (key) => {
    const name = names.get(key) ?? names.size;
    names.set(key, name);
    return name;
  });
  return { ...hints, keys, keyCount: null };
}

describe('hints from a model', () => {
  it('name the slots that calls of the next block share', () => {
    const hints = hintsAfter(history(6)).hint(pendingWith([countIn(COUNTER), countIn(OTHER), countIn(COUNTER)]));
    const shared = sharedBy(hints, 0, 2).filter(([one, two]) => one[1] > 0.8 && two[0] > 0.8);
    expect(shared).toHaveLength(1);
    expect(sharedBy(hints, 0, 1).filter(([one, two]) => one[1] > 0.2 && two[0] > 0.2)).toEqual([]);
    expect(blockersOf(hints)).toEqual([[], [], [0]]);
  });

  it('take calls of a function that nobody saw for likely to depend on each other', () => {
    const hints = newHints().hint(pendingWith([countIn(COUNTER), countIn(OTHER), countIn(COUNTER)]));
    expect(sharedBy(hints, 0, 2)).toEqual([
      [
        [1, expect.closeTo(0.5, 2) as number, 0],
        [1, expect.closeTo(0.5, 2) as number, 0],
      ],
    ]);
    expect(sharedBy(hints, 0, 1)).toEqual([]);
  });

  it('let credits of one recipient commute, and the recipient wait for them', () => {
    const drafts = [transfer(0xa11ce), transfer(0xa11ce), transfer(0xb0b), transfer(0xb0b, { from: address(0xa11ce) })];
    const hints = newHints().hint(pendingWith(drafts));
    expect(sharedBy(hints, 0, 1)).toEqual([
      [
        [0, 0, 1],
        [0, 0, 1],
      ],
    ]);
    expect(blockersOf(hints)).toEqual([[], [], [], [0, 1]]);
  });

  it('let transactions of one sender wait for each other', () => {
    const from = address(0xa11ce);
    const hints = newHints().hint(pendingWith([transfer(1, { from }), transfer(2), transfer(3, { from })]));
    expect(blockersOf(hints)).toEqual([[], [], [0]]);
  });

  it('let all pay the fee recipient where it sends something', () => {
    const drafts = [transfer(1), transfer(2), transfer(3, { from: FEE_RECIPIENT }), transfer(4)];
    expect(blockersOf(newHints().hint(pendingWith(drafts)))).toEqual([[], [], [0, 1], []]);
    const others = newHints().hint(pendingWith([transfer(1), transfer(2)]));
    expect(describeHints(others)).toEqual([[], []]);
  });

  it('cost gas less what is paid before the work, or time where it was measured', () => {
    const drafts = [countIn(COUNTER), countIn(OTHER)];
    for (const cost of hintsAfter(history(6)).hint(pendingWith(drafts)).costs) expect(cost).toBeCloseTo(35_000, 6);
    const timed = hintsAfter(history(6, { executionNs: 1_700 })).hint(pendingWith(drafts)).costs;
    for (const cost of timed) expect(cost).toBeCloseTo(1_700, -2);
    expect(
      newHints()
        .hint(pendingWith(drafts))
        .costs.every((cost) => cost >= 1),
    ).toBe(true);
  });

  it('of an empty block are empty', () => {
    const { offsets, keys, costs } = newHints().hint(pendingWith([]));
    expect([offsets, keys.length, costs.length]).toEqual([Uint32Array.of(0), 0, 0]);
  });
});

describe('preparing', () => {
  const drafts = [countIn(COUNTER), transfer(0xa11ce), countIn(COUNTER), transfer(0xa11ce)];

  it('changes nothing but when the work is done', () => {
    const [prepared, unprepared] = [hintsAfter(history(6)), hintsAfter(history(6))];
    const pending = pendingWith(drafts);
    for (const transaction of pending.transactions) prepared.prepare({ ...pending, transactions: [transaction] });
    expect(plain(prepared.hint(pending))).toEqual(plain(unprepared.hint(pending)));
  });

  it('twice does not make a transaction share keys with itself', () => {
    const hints = hintsAfter(history(6));
    const pending = pendingWith([countIn(COUNTER)]);
    hints.prepare(pending);
    hints.prepare(pending);
    expect(describeHints(hints.hint(pending))).toEqual([[]]);
  });

  it('stays good for a plan when blocks were learned since', () => {
    const hints = hintsAfter(history(6));
    const pending = pendingWith(drafts);
    hints.prepare(pending);
    const before = plain(hints.hint(pending));
    for (const record of history(8).slice(6)) hints.learn(record);
    expect(plain(hints.hint(pending))).toEqual(before);
  });

  it('fits together with what is prepared after blocks were learned', () => {
    const hints = hintsAfter(history(6));
    const [early, late] = [pendingWith([countIn(COUNTER)]), pendingWith([countIn(COUNTER)], 101)];
    hints.prepare(early);
    for (const record of history(8).slice(6)) hints.learn(record);
    hints.prepare(late);
    const transactions = [...early.transactions, ...late.transactions];
    expect(blockersOf(hints.hint({ ...late, transactions }))).toEqual([[], [0]]);
  });

  it('is done again where keys are numbered anew', () => {
    const hints = newHints();
    const pending = pendingWith([countIn(COUNTER), countIn(OTHER), countIn(COUNTER)]);
    hints.prepare(pending);
    for (const record of history(6)) hints.learn(record);
    expect(strongestShared(hints.hint(pending))).toBeCloseTo(0.5, 2);
    const holds = vi.spyOn(HintPool.prototype, 'holds');
    // Once for the block, and once for each of its transactions.
    for (let call = 0; call < 4; call++) holds.mockReturnValueOnce(false);
    expect(strongestShared(hints.hint(pending))).toBeGreaterThan(0.8);
    holds.mockRestore();
  });
});

/** The greatest chance that the first changes what the third one sees. */
function strongestShared(hints: BlockHints): number {
  return Math.max(...sharedBy(hints, 0, 2).map(([one, other]) => Math.min(one[1], other[0])));
}

describe('hints of generated blocks', () => {
  let records: BlockRecord[] = [];

  beforeAll(async () => {
    records = await generatedRecords('mainnet', 6);
  }, 120_000);

  it('hold what they promise', () => {
    const hints = newHints();
    for (const record of records) {
      const { offsets, keys, keyCount, read, write, add, costs } = hints.hint(pendingOf(record));
      const { length } = record.transactions;
      expect([offsets.length, at(offsets, 0), costs.length]).toEqual([length + 1, 0, length]);
      expect([...offsets]).toEqual([...offsets].sort((a, b) => a - b));
      expect(at(offsets, length)).toBeLessThanOrEqual(keys.length);
      expect(keys.every((key) => key < keyCount)).toBe(true);
      for (const list of [read, write, add]) {
        expect(list).toHaveLength(keys.length);
        expect(list.every((probability) => probability >= 0 && probability <= 1)).toBe(true);
      }
      expect(costs.every((cost) => cost >= 1)).toBe(true);
      hints.learn(record);
    }
  });
});
