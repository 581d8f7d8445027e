import { expect, it } from 'vitest';
import { predictedKeys } from '../../../scheduler/policies/predicted-keys.js';
import { addressOf, FEE_RECIPIENT, predictedInput, slotOf, type PredictionDraft } from './inputs.js';

function keysOver(threshold: number, draft: PredictionDraft): unknown {
  const { prediction } = predictedInput(draft.uses?.length ?? 0, draft);
  return prediction === null ? null : predictedKeys(prediction.accesses, { feeRecipient: FEE_RECIPIENT, threshold });
}

it('predicted keys are those of at least the threshold, to read and to write apart', () => {
  const uses = [
    [
      [0, 0.5, 0.25],
      [1, 0.25, 0],
    ],
    [],
    [
      [2, 1, 1],
      [0, 0.75, 0.5],
    ],
  ] as const;
  expect(keysOver(0.5, { uses })).toEqual({
    keyCount: 3,
    reads: { offsets: Uint32Array.of(0, 1, 1, 3), indices: Uint32Array.of(0, 2, 0) },
    writes: { offsets: Uint32Array.of(0, 0, 0, 2), indices: Uint32Array.of(2, 0) },
  });
});

it('predicted keys leave out the account of the fee recipient, but not its storage, and no other account', () => {
  const keys = [
    { address: FEE_RECIPIENT, slot: null },
    { address: FEE_RECIPIENT, slot: slotOf(1).slot },
    { address: addressOf(1), slot: null },
  ];
  const uses = [
    [
      [0, 1, 1],
      [1, 1, 1],
      [2, 1, 1],
    ],
  ] as const;
  const rows = { offsets: Uint32Array.of(0, 2), indices: Uint32Array.of(1, 2) };
  expect(keysOver(0.5, { uses, keys })).toEqual({ keyCount: 3, reads: rows, writes: rows });
});
