import { expect, it } from 'vitest';
import { keccak256 } from '../../../executor/reference/index.js';
import { Evidence } from '../../../model/evidence.js';
import { ModelHints } from '../../../model/hints/model-hints.js';
import { pendingOf } from '../../../model/pending.js';
import { ModelPredictor } from '../../../model/predictor.js';
import { at } from '../../../scheduler/rows.js';
import type { BlockHints } from '../../../scheduler/predictor.js';
import type { BlockRecord, Transaction } from '../../../types.js';
import { accountAccess, address, slotAccess } from '../../datasets/store-records.js';
import { blockOf, type Draft } from '../blocks.js';
import { modelOf } from '../learned.js';

/** Blocks after which evidence is compacted where it is too large. */
const BLOCKS = 64;
/** Less than such evidence takes. */
const MOST_BYTES = 1e6;
const [SHOP, WALLET] = [0xc0de, 0xfee5];

/** Calls of a shop that count in a slot and pay a fixed wallet; in each block other contracts are called as well. */
function block(number: number): BlockRecord {
  const call = (index: number, contract: number): Draft => ({
    from: address(0x10000 * number + index),
    to: address(contract),
    input: '0x06661abd',
    accesses: [
      slotAccess('read', contract, 3),
      slotAccess('write', contract, 3),
      ...(contract === SHOP ? [accountAccess('add', WALLET)] : []),
    ],
  });
  return blockOf(number, [call(0, 0x777000 + number), call(1, SHOP), call(2, SHOP)]);
}

function callsOfShop(number: number): readonly Transaction[] {
  return pendingOf(block(number)).transactions.slice(1);
}

/** Of the keys that two transactions share: how likely the first changes what the second sees, and both merely add. */
function sharedBy({ offsets, keys, read, write, add }: BlockHints): { slot: number; wallet: number } {
  let [slot, wallet] = [0, 0];
  for (let one = at(offsets, 0); one < at(offsets, 1); one++) {
    for (let other = at(offsets, 1); other < at(offsets, 2); other++) {
      if (at(keys, one) !== at(keys, other)) continue;
      slot = Math.max(slot, Math.min(at(write, one), at(read, other)));
      wallet = Math.max(wallet, Math.min(at(add, one), at(add, other)));
    }
  }
  return { slot, wallet };
}

it('hints are as good after evidence was compacted, whose numbers are others', () => {
  const predictor = new ModelPredictor(modelOf(new Evidence({ keccak256, halfLifeBlocks: 100 })), {
    maxEvidenceBytes: MOST_BYTES,
  });
  const hints = new ModelHints(predictor);
  const { evidence } = predictor.model;
  for (let number = 1; number < BLOCKS; number++) hints.learn(block(number));
  const [early, late] = [callsOfShop(1_000), callsOfShop(1_001)];
  hints.prepare({ recipientCodeHashes: new Map(), transactions: early });
  hints.learn(block(BLOCKS));
  expect(predictor.model.evidence).not.toBe(evidence);
  const pending = { ...pendingOf(block(1_002)), transactions: [...early.slice(0, 1), ...late.slice(0, 1)] };
  hints.prepare({ recipientCodeHashes: new Map(), transactions: late });
  expect(sharedBy(hints.hint(pending)).slot).toBeGreaterThan(0.5);
  for (let number = BLOCKS + 1; number < BLOCKS + 4; number++) hints.learn(block(number));
  const next = { ...pendingOf(block(1_003)), transactions: callsOfShop(1_003) };
  const shared = sharedBy(hints.hint(next));
  expect(shared.slot).toBeGreaterThan(0.5);
  expect(shared.wallet).toBeGreaterThan(0.5);
});
