import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Evidence } from '../../model/evidence.js';
import { PreExecutedCalls } from '../../model/pre-executed.js';
import { PreExecutionTrust, type Observed } from '../../model/pre-execution-trust.js';
import { pendingOf } from '../../model/pending.js';
import { ModelPredictor } from '../../model/predictor.js';
import { chooseUncertain, uncertaintySlots } from '../../model/uncertainty.js';
import type { BlockCall } from '../../model/conflicts/block-call.js';
import type { Access, BlockRecord } from '../../types.js';
import { accountAccess, address, FEE_RECIPIENT, slotAccess } from '../datasets/store-records.js';
import { blockOf, describeAccesses, pairsIn, type Draft } from './blocks.js';
import { learn, modelOf } from './learned.js';

const KNOWN = { to: address(9), input: '0xaaaaaaaa', gasLimit: 500_000 } as const;
const NEW = { to: address(8), input: '0xbbbbbbbb', gasLimit: 500_000 } as const;
const usual: readonly Access[] = [slotAccess('read', 9, 1), slotAccess('write', 9, 1), slotAccess('read', 9, 2)];

/** History: the known function changes slot 1 and reads slot 2 in each call. */
function history(): BlockRecord[] {
  const draft = (sender: number): Draft => ({ ...KNOWN, from: address(sender), accesses: usual, gasUsed: 60_000 });
  return Array.from({ length: 6 }, (_, block) => blockOf(block + 1, [draft(100 + block), draft(200 + block)]));
}

const NEXT = blockOf(7, [
  { ...KNOWN, from: address(1) },
  { ...NEW, from: address(2) },
  { ...NEW, from: address(3) },
  { ...KNOWN, from: address(4) },
]);

function observed(...accesses: readonly Access[]): Observed {
  return { accesses, gasUsed: 70_000, succeeded: true };
}

/** `address slot touch write` of each key, to three digits. */
function usesOf(predictor: ModelPredictor, ...hints: Parameters<ModelPredictor['predict']>[1][]): string[][] {
  const { accesses } = predictor.predict(pendingOf(NEXT), ...hints);
  const round = (text: string): string =>
    text.replace(/\d\.\d+/g, (digits) => String(Number(Number(digits).toFixed(3))));
  return describeAccesses(accesses).map((row) => row.map(round).sort());
}

let evidence: Evidence;
let predictor: ModelPredictor;
beforeAll(() => {
  evidence = learn(history());
  predictor = new ModelPredictor(modelOf(evidence), { accounts: true });
});

describe('a prediction with pre-executed transactions', () => {
  it('is the plain one where nothing was pre-executed', () => {
    const plain = predictor.predict(pendingOf(NEXT));
    expect(predictor.predict(pendingOf(NEXT), { preExecuted: new Map() })).toEqual(plain);
  });

  it('takes the accesses of an unknown function from them, and leaves the others alone', () => {
    const plain = usesOf(predictor);
    const seen = observed(slotAccess('read', 8, 5), slotAccess('write', 8, 5), slotAccess('read', 7, 6));
    const uses = usesOf(predictor, { preExecuted: new Map([[1, seen]]) });
    expect(plain[1]?.filter((use) => !use.includes('account'))).toEqual([]);
    expect(uses[1]).toEqual(['7 6 0.9 0', '8 5 0.9 0.8']);
    for (const index of [0, 2, 3]) expect(uses[index]).toEqual(plain[index]);
  });

  it('keeps what history proposed and was not seen, scaled down', () => {
    const [plain, uses] = [
      usesOf(predictor)[0],
      usesOf(predictor, { preExecuted: new Map([[0, observed(usual[2] ?? never())]]) })[0],
    ];
    const touchOf = (rows: readonly string[] | undefined, slot: number): number =>
      Number(rows?.find((row) => row.startsWith(`9 ${slot} `))?.split(' ')[2]);
    expect(touchOf(plain, 1)).toBeGreaterThan(0.7);
    expect(touchOf(uses, 1)).toBeCloseTo(touchOf(plain, 1) * 0.1, 2);
    expect(touchOf(uses, 2)).toBe(0.9);
  });

  it('believes history more where a transaction failed alone', () => {
    const trust = new PreExecutionTrust();
    const failed = { ...observed(slotAccess('read', 9, 2)), succeeded: false };
    for (let round = 0; round < 1000; round++) trust.learn(failed, { accesses: usual, gasUsed: 70_000 });
    const [plain, uses] = [usesOf(predictor)[0], usesOf(predictor, { preExecuted: new Map([[0, failed]]), trust })[0]];
    const writeOf = (rows: readonly string[] | undefined): number =>
      Number(rows?.find((row) => row.startsWith('9 1 '))?.split(' ')[3]);
    expect(writeOf(uses)).toBeGreaterThan(0.4 * writeOf(plain));
  });

  it('has accounts from them: the sender for certain, the fee recipient never', () => {
    const accounts = [2, 3, 0xfee].flatMap((seed) => [accountAccess(seed === 3 ? 'read' : 'add', seed)]);
    const uses = usesOf(predictor, { preExecuted: new Map([[1, observed(...accounts)]]) });
    expect(uses[1]).toEqual(['2 account 1 1', '3 account 0.9 0']);
    expect(FEE_RECIPIENT).toBe(NEXT.header.feeRecipient);
  });

  it('pairs what shares a slot that the earlier one changes, across contracts and with what history expects', () => {
    const writer = observed(slotAccess('read', 9, 2), slotAccess('write', 9, 2));
    const { conflicts } = predictor.predict(pendingOf(NEXT), { preExecuted: new Map([[1, writer]]) });
    const probability = new Map(
      pairsIn(conflicts).map((pair, entry) => [pair.join(), conflicts.probability[entry] ?? 0]),
    );
    expect(probability.get('1,3')).toBeGreaterThan(0.6);
    expect(probability.get('0,1') ?? 0).toBeLessThan(0.1);
  });

  it('hardly pairs what was seen to share nothing, whatever history says', () => {
    const apart = new Map([1, 2].map((index) => [index, observed(slotAccess('write', 8, index))]));
    const probabilityOf = (hints?: Parameters<ModelPredictor['predict']>[1]): number => {
      const { conflicts } = predictor.predict(pendingOf(NEXT), hints);
      return conflicts.probability[pairsIn(conflicts).findIndex((pair) => pair.join() === '1,2')] ?? 0;
    };
    expect(probabilityOf()).toBe(0.5);
    expect(probabilityOf({ preExecuted: apart })).toBeLessThan(0.1);
  });

  it('expects the gas that was used, within what the transaction may use', () => {
    const found = new Map([
      [1, observed()],
      [2, { ...observed(), gasUsed: 499_000 }],
    ]);
    const { gasUsed } = predictor.predict(pendingOf(NEXT), { preExecuted: found });
    const width = gasUsed.levels.length;
    const row = (index: number): number[] => Array.from(gasUsed.values.subarray(index * width, (index + 1) * width));
    expect(row(1)[gasUsed.levels.indexOf(0.5)]).toBeCloseTo(70_000);
    expect(row(1)).toEqual(row(1).toSorted((a, b) => a - b));
    expect(row(2).at(-1)).toBe(500_000);
  });

  it('counts a plain transfer that touched slots among what runs code', () => {
    const record = blockOf(7, [{ to: address(77), input: '0x', gasLimit: 90_000, from: address(1) }]);
    const calls = evidence.describe(pendingOf(record));
    expect(calls[0]?.runsCode).toBe(false);
    const ahead = (access: Access): PreExecutedCalls =>
      new PreExecutedCalls(evidence.space, { preExecuted: new Map([[0, observed(access)]]) });
    expect(ahead(slotAccess('read', 77, 1)).replace(calls)[0]?.runsCode).toBe(true);
    expect(ahead(accountAccess('add', 77)).replace(calls)[0]?.runsCode).toBe(false);
  });
});

describe('the trust in pre-execution', () => {
  const [ALONE, FAILED] = [{ succeeded: true }, { succeeded: false }];

  it('starts with its priors and moves to what came true', () => {
    const trust = new PreExecutionTrust();
    expect(trust.rates(ALONE)).toEqual({ touched: 0.9, written: 0.8, touchesSeen: 0.9, writesSeen: 0.9 });
    const seen = [
      slotAccess('write', 9, 1),
      slotAccess('read', 9, 1),
      slotAccess('read', 9, 2),
      accountAccess('write', 1),
    ];
    const actual = [
      slotAccess('read', 9, 1),
      slotAccess('read', 9, 3),
      slotAccess('read', 9, 4),
      slotAccess('write', 9, 4),
    ];
    for (let round = 0; round < 3000; round++) trust.learn(observed(...seen), observed(...actual));
    expect(trust.rates(ALONE).touched).toBeCloseTo(1 / 2, 1);
    expect(trust.rates(ALONE).written).toBeCloseTo(0, 1);
    expect(trust.rates(ALONE).touchesSeen).toBeCloseTo(1 / 3, 1);
    expect(trust.rates(ALONE).writesSeen).toBeCloseTo(0, 1);
  });

  it('counts what failed alone apart', () => {
    const trust = new PreExecutionTrust();
    const failed = { ...observed(slotAccess('read', 9, 1)), succeeded: false, gasUsed: 30_000 };
    const done = { accesses: [slotAccess('read', 9, 1), slotAccess('write', 9, 2)], gasUsed: 60_000 };
    const before = trust.rates(ALONE);
    for (let round = 0; round < 3000; round++) trust.learn(failed, done);
    expect(trust.rates(ALONE)).toEqual(before);
    expect(trust.rates(FAILED).touched).toBeCloseTo(1, 1);
    expect(trust.rates(FAILED).writesSeen).toBeCloseTo(0, 1);
    expect([trust.gasFactor(ALONE, 0.5), trust.gasFactor(FAILED, 0.5)]).toEqual([1, 2]);
  });

  it('takes a transaction that used nothing for one of which nothing was overlooked', () => {
    const trust = new PreExecutionTrust();
    const failed = { ...observed(), succeeded: false };
    for (let round = 0; round < 500; round++) trust.learn(failed, observed());
    expect(trust.rates(FAILED).writesSeen).toBeGreaterThan(0.95);
    expect(trust.rates(FAILED)).toMatchObject({ touched: 0.9, written: 0.8 });
  });

  it('forgets', () => {
    const trust = new PreExecutionTrust();
    const slot = observed(slotAccess('read', 9, 1));
    const other = observed(slotAccess('read', 9, 2));
    for (let round = 0; round < 1000; round++) trust.learn(slot, other);
    for (let round = 0; round < 8000; round++) trust.learn(slot, slot);
    expect(trust.rates(ALONE).touched).toBeGreaterThan(0.9);
  });

  it('keeps its rates within 0 and 1, and its gas factors ascending', () => {
    const accesses = fc.array(
      fc
        .record({ kind: fc.constantFrom('read', 'write'), slot: fc.nat(4) })
        .map(({ kind, slot }) => slotAccess(kind, 9, slot)),
    );
    const outcome = fc.record({
      accesses,
      gasUsed: fc.integer({ min: 21_000, max: 1_000_000 }),
      succeeded: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(outcome, outcome), { maxLength: 40 }), (pairs) => {
        const trust = new PreExecutionTrust();
        for (const [seen, actual] of pairs) trust.learn(seen, actual);
        for (const rate of [ALONE, FAILED].flatMap((outcome) => Object.values({ ...trust.rates(outcome) })))
          expect(rate >= 0 && rate <= 1).toBe(true);
        const factors = [0.05, 0.5, 0.95].map((level) => trust.gasFactor(ALONE, level));
        expect(factors).toEqual(factors.toSorted((a, b) => a - b));
      }),
      { seed: 5, numRuns: 100 },
    );
  });
});

describe('what is worth executing ahead', () => {
  const callsOf = (): BlockCall[] =>
    evidence.describe(
      pendingOf(
        blockOf(7, [
          { ...KNOWN, from: address(1) },
          { ...NEW, from: address(2) },
          { to: address(55), input: '0x', from: address(3) },
          { ...NEW, from: address(4) },
        ]),
      ),
    );

  it('is what calls functions that history hardly knows, not what runs no code', () => {
    const [known, unknown, transfer] = callsOf().map(uncertaintySlots);
    expect([unknown, transfer]).toEqual([Infinity, 0]);
    expect(known).toBeLessThan(0.5);
    expect(chooseUncertain(callsOf(), {}, () => 1)).toEqual([1, 3]);
  });

  it('grows with slots that are touched every other time', () => {
    const [known] = callsOf();
    const readEvidence = new Array<number>(6).fill(0.5);
    expect(uncertaintySlots({ ...(known ?? never()), readEvidence })).toBeCloseTo(1.5);
  });

  it('keeps to the budget, the most uncertain and the earlier first', () => {
    const [known, unknown] = callsOf();
    const guessed = { ...(known ?? never()), readEvidence: new Array<number>(6).fill(0.5) };
    const calls = [guessed, unknown ?? never(), unknown ?? never()];
    const priceNs = (call: BlockCall): number => (call === guessed ? 10 : 40);
    expect(chooseUncertain(calls, { maxTransactions: 2 }, priceNs)).toEqual([1, 2]);
    expect(chooseUncertain(calls, { maxTransactions: 1 }, priceNs)).toEqual([1]);
    expect(chooseUncertain(calls, { maxTotalNs: 50 }, priceNs)).toEqual([0, 1]);
    expect(chooseUncertain(calls, { maxTotalNs: 9 }, priceNs)).toEqual([]);
  });
});

function never(): never {
  throw new Error('expected something');
}
