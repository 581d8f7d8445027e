import { describe, expect, it } from 'vitest';
import type { Hex } from '../../../../types.js';
import { account, CONTRACT, code, push } from '../../reference/snapshots.js';
import { G1, G2, H1, H2, INFINITY_1, INFINITY_2, P, Q, STRAY_1, field, g1, g2, scalar, strayG2 } from './bls-points.js';
import {
  LABEL,
  blockOf,
  bytesOf,
  callEach,
  compare,
  failure,
  gasOf,
  joined,
  repeated,
  statusOf,
  success,
  type Call,
} from './compare.js';
import { addPoints, multiplyPoint, negate } from './curves.js';

const [G1ADD, G1MSM, G2ADD, G2MSM, PAIRING, MAP_TO_G1, MAP_TO_G2] = [0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11];
const [TRUE, FALSE] = [bytesOf(1, 32), bytesOf(0, 32)];
const STRAY_2 = strayG2();
const FAILING_GAS_CAP = 150_000;
const times1 = (k: bigint): Hex => g1(multiplyPoint(G1, k, H1));
const times2 = (k: bigint): Hex => g2(multiplyPoint(G2, k, H2));
const minus1 = (k: bigint): Hex => g1(negate(G1, multiplyPoint(G1, k, H1)));

describe(`${LABEL}2537, BLS12-381 precompiles`, () => {
  it('adds points of G1 for 375 gas, also outside the subgroup', async () => {
    const cases: [Hex, Hex, Hex][] = [
      [times1(1n), times1(1n), times1(2n)],
      [times1(5n), times1(7n), times1(12n)],
      [times1(1n), minus1(1n), INFINITY_1],
      [times1(3n), INFINITY_1, times1(3n)],
      [INFINITY_1, times1(3n), times1(3n)],
      [INFINITY_1, INFINITY_1, INFINITY_1],
      [g1(STRAY_1), g1(STRAY_1), joined(field(0n), field(P - 2n))],
      [g1(STRAY_1), times1(1n), g1(addPoints(G1, STRAY_1, H1))],
    ];
    const calls = cases.map(([a, b]) => ({ to: G1ADD, input: joined(a, b) }));
    expect(await callEach('prague', calls)).toEqual(cases.map(([, , sum]) => success(sum, 375)));
  });

  it('adds points of G2 for 600 gas, also outside the subgroup', async () => {
    const cases: [Hex, Hex, Hex][] = [
      [times2(1n), times2(1n), times2(2n)],
      [times2(5n), times2(7n), times2(12n)],
      [times2(1n), g2(negate(G2, H2)), INFINITY_2],
      [times2(3n), INFINITY_2, times2(3n)],
      [INFINITY_2, INFINITY_2, INFINITY_2],
      [g2(STRAY_2), g2(STRAY_2), g2(addPoints(G2, STRAY_2, STRAY_2))],
    ];
    const calls = cases.map(([a, b]) => ({ to: G2ADD, input: joined(a, b) }));
    expect(await callEach('prague', calls)).toEqual(cases.map(([, , sum]) => success(sum, 600)));
  });

  it('multiplies points of G1 by scalars that need not be below the order of the subgroup', async () => {
    const largest = 2n ** 256n - 1n;
    const scalars = [0n, 1n, 2n, Q - 1n, Q, Q + 1n, largest];
    const calls = scalars.map((k) => ({ to: G1MSM, input: joined(times1(1n), scalar(k)) }));
    const sums = scalars.map((k) => success(times1(k), 12_000));
    const two = { to: G1MSM, input: joined(times1(3n), scalar(largest), times1(5n), scalar(11n)) };
    expect(await callEach('prague', [...calls, two])).toEqual([
      ...sums,
      success(times1((3n * largest + 55n) % Q), 22_776),
    ]);
  });

  it('multiplies points of G2 by scalars that need not be below the order of the subgroup', async () => {
    const scalars = [0n, 1n, 2n, Q - 1n, Q, Q + 1n, 2n ** 256n - 1n];
    const calls = scalars.map((k) => ({ to: G2MSM, input: joined(times2(1n), scalar(k)) }));
    const sums = scalars.map((k) => success(times2(k), 22_500));
    const two = { to: G2MSM, input: joined(times2(3n), scalar(2n), INFINITY_2, scalar(11n)) };
    expect(await callEach('prague', [...calls, two])).toEqual([...sums, success(times2(6n), 45_000)]);
  });

  it.each([
    ['G1', G1MSM, INFINITY_1, 12_000, { 1: 1000, 2: 949, 3: 848, 16: 677, 127: 520, 128: 519, 129: 519, 200: 519 }],
    ['G2', G2MSM, INFINITY_2, 22_500, { 1: 1000, 2: 1000, 3: 923, 16: 717, 127: 524, 128: 524, 129: 524, 200: 524 }],
  ] as const)('discounts many multiplications of %s by the table, its edges included', async (...parts) => {
    const [, to, infinity, gas, discounts] = parts;
    const cases = Object.entries(discounts).map(([k, discount]) => [Number(k), discount] as const);
    const item = joined(infinity, scalar(7n));
    const calls = cases.map(([k]) => ({ to, input: repeated(item, k), gasCap: 4_000_000 }));
    expect(await callEach('prague', calls)).toEqual(
      cases.map(([k, discount]) => success(infinity, Math.floor((k * gas * discount) / 1000))),
    );
  });

  it('checks pairings for 37,700 gas and 32,600 for each pair', async () => {
    const cases: [Hex, Hex, number][] = [
      [joined(times1(1n), times2(1n)), FALSE, 1],
      [joined(times1(1n), times2(1n), minus1(1n), times2(1n)), TRUE, 2],
      [joined(times1(2n), times2(3n), minus1(6n), times2(1n)), TRUE, 2],
      [joined(times1(2n), times2(3n), minus1(5n), times2(1n)), FALSE, 2],
      [joined(times1(1n), times2(2n), times1(2n), times2(1n), minus1(1n), times2(4n)), TRUE, 3],
      [joined(INFINITY_1, times2(1n)), TRUE, 1],
      [joined(times1(1n), INFINITY_2), TRUE, 1],
      [joined(INFINITY_1, INFINITY_2), TRUE, 1],
      [joined(times1(1n), times2(1n), INFINITY_1, times2(1n)), FALSE, 2],
    ];
    const calls = cases.map(([input]) => ({ to: PAIRING, input }));
    expect(await callEach('prague', calls)).toEqual(
      cases.map(([, verdict, pairs]) => success(verdict, 37_700 + 32_600 * pairs)),
    );
  });

  it("maps field elements to points, as in the EIP's files map_fp_to_G1_bls.json and map_fp2_to_G2_bls.json", async () => {
    const outcomes = await callEach('prague', [
      { to: MAP_TO_G1, input: field(MAP_1.element) },
      { to: MAP_TO_G2, input: joined(...MAP_2.element.map(field)) },
    ]);
    expect(outcomes).toEqual([success(g1(MAP_1.point), 5_500), success(g2(MAP_2.point), 23_800)]);
  });

  const lengths: [string, number, Hex][] = [
    ['G1ADD', G1ADD, joined(times1(1n), times1(1n))],
    ['G1MSM', G1MSM, joined(times1(1n), scalar(1n))],
    ['G2ADD', G2ADD, joined(times2(1n), times2(1n))],
    ['G2MSM', G2MSM, joined(times2(1n), scalar(1n))],
    ['PAIRING_CHECK', PAIRING, joined(times1(1n), times2(1n))],
    ['MAP_FP_TO_G1', MAP_TO_G1, field(1n)],
    ['MAP_FP2_TO_G2', MAP_TO_G2, joined(field(1n), field(2n))],
  ];
  it.each(lengths)('fails at inputs of a wrong length, all gas used: %s', async (_name, to, input) => {
    const inputs: Hex[] = ['0x', `0x${input.slice(2, -2)}`, `0x${input.slice(4)}`, `${input}00`];
    if (![G1MSM, G2MSM, PAIRING].includes(to)) inputs.push(repeated(input, 2));
    await expectAllFail(inputs.map((wrong) => ({ to, input: wrong })));
  });

  it.each(lengths)('fails with one gas less than the price: %s', async (_name, to, input) => {
    const [price] = await callEach('prague', [{ to, input }]);
    const gasUsed = price?.gasUsed ?? 0;
    const [enough, short] = await callEach('prague', [
      { to, input, gasCap: gasUsed },
      { to, input, gasCap: gasUsed - 1 },
    ]);
    expect([enough?.succeeded, short]).toEqual([true, failure(gasUsed - 1)]);
  });

  const [one, two] = [field(1n), field(2n)];
  const badPoints1: [string, Hex][] = [
    ['x is the modulus', joined(field(P), two)],
    ['y is the modulus plus a valid y', joined(field(0n), field(P + 2n))],
    ['bytes before the field element', joined(`0x01${field(0n).slice(4)}`, two)],
    ['bytes before the second field element', joined(field(0n), `0x${'00'.repeat(15)}01${two.slice(34)}`)],
    ['not on the curve', joined(one, one)],
    ['x of infinity, another y', joined(field(0n), one)],
  ];
  it.each(badPoints1)('fails at what is no point of G1: %s', async (_name, point) => {
    await expectAllFail([
      { to: G1ADD, input: joined(point, times1(1n)) },
      { to: G1ADD, input: joined(times1(1n), point) },
      { to: G1MSM, input: joined(point, scalar(1n)) },
      { to: G1MSM, input: joined(times1(1n), scalar(1n), point, scalar(0n)) },
      { to: PAIRING, input: joined(point, INFINITY_2) },
    ]);
  });

  const badPoints2: [string, Hex][] = [
    ['the first part of x is the modulus', joined(field(P), one, one, one)],
    ['the second part of y is beyond the modulus', joined(times2(1n).slice(0, 386) as Hex, field(P + 1n))],
    ['bytes before a field element', `0x${'00'.repeat(15)}01${times2(1n).slice(34)}`],
    ['not on the curve', joined(one, one, one, one)],
    ['on the curve of G1 only', joined(field(0n), field(0n), two, field(0n))],
  ];
  it.each(badPoints2)('fails at what is no point of G2: %s', async (_name, point) => {
    await expectAllFail([
      { to: G2ADD, input: joined(point, times2(1n)) },
      { to: G2ADD, input: joined(times2(1n), point) },
      { to: G2MSM, input: joined(point, scalar(1n)) },
      { to: G2MSM, input: joined(times2(1n), scalar(1n), point, scalar(0n)) },
      { to: PAIRING, input: joined(INFINITY_1, point) },
    ]);
  });

  it('fails at points outside the subgroups in multiplications and pairings', async () => {
    expect(multiplyPoint(G1, Q, STRAY_1)).not.toBeNull();
    expect(multiplyPoint(G2, Q, STRAY_2)).not.toBeNull();
    await expectAllFail([
      { to: G1MSM, input: joined(g1(STRAY_1), scalar(1n)) },
      { to: G1MSM, input: joined(g1(STRAY_1), scalar(0n)) },
      { to: G1MSM, input: joined(g1(STRAY_1), scalar(3n)) },
      { to: G2MSM, input: joined(g2(STRAY_2), scalar(1n)) },
      { to: G2MSM, input: joined(g2(STRAY_2), scalar(0n)) },
      { to: PAIRING, input: joined(g1(STRAY_1), times2(1n)) },
      { to: PAIRING, input: joined(g1(STRAY_1), INFINITY_2) },
      { to: PAIRING, input: joined(times1(1n), g2(STRAY_2)) },
      { to: PAIRING, input: joined(INFINITY_1, g2(STRAY_2)) },
    ]);
  });

  it('fails at field elements beyond the modulus in the maps', async () => {
    await expectAllFail([
      { to: MAP_TO_G1, input: field(P) },
      { to: MAP_TO_G1, input: `0x01${field(1n).slice(4)}` },
      { to: MAP_TO_G2, input: joined(field(P), one) },
      { to: MAP_TO_G2, input: joined(one, field(P)) },
      { to: MAP_TO_G2, input: joined(one, `0x01${field(1n).slice(4)}`) },
    ]);
  });

  it('runs as the recipient of a transaction, whose failure uses all its gas', async () => {
    const input = joined(times1(1n), times1(1n));
    const to: Hex = bytesOf(G1ADD, 20);
    const block = blockOf({
      transactions: [
        { to, input, gasLimit: 40_000, valueWei: 3n },
        { to, input: '0x01', gasLimit: 40_000, valueWei: 3n },
      ],
    });
    const result = await compare(block);
    expect(statusOf(result)).toEqual([true, false]);
    expect(gasOf(result)[1]).toBe(40_000);
    expect(result.postState.get(to)?.balanceWei).toBe(3n);
  });

  it('takes value in calls, and keeps what the caller had paid where it fails', async () => {
    const call = [push(0), push(0), push(0), push(0), push(5), push(G1ADD), push(50_000), 0xf1] as const;
    const accounts = { [CONTRACT]: account(code(...call, push(1), 0x55)) };
    await compare(blockOf({ accounts, transactions: [{}] }));
  });

  it('is not there before Prague', async () => {
    const calls = [G1ADD, MAP_TO_G2].map((to) => ({ to, input: field(1n) }));
    // The price of a cold account without code, less the 100 of a warm one.
    expect(await callEach('cancun', calls)).toEqual([success('0x', 2_500), success('0x', 2_500)]);
  });
});

async function expectAllFail(calls: readonly Call[]): Promise<void> {
  const outcomes = await callEach(
    'prague',
    calls.map((call) => ({ ...call, gasCap: FAILING_GAS_CAP })),
  );
  expect(outcomes).toEqual(calls.map(() => failure(FAILING_GAS_CAP)));
}

const MAP_1 = {
  element: 0x156c8a6a2c184569d69a76be144b5cdc5141d2d2ca4fe341f011e25e3969c55ad9e9b9ce2eb833c81a908e5fa4ac5f03n,
  point: {
    x: 0x184bb665c37ff561a89ec2122dd343f20e0f4cbcaec84e3c3052ea81d1834e192c426074b02ed3dca4e7676ce4ce48ban,
    y: 0x04407b8d35af4dacc809927071fc0405218f1401a6d15af775810e4e460064bcc9468beeba82fdc751be70476c888bf3n,
  },
};
const MAP_2 = {
  element: [
    0x07355d25caf6e7f2f0cb2812ca0e513bd026ed09dda65b177500fa31714e09ea0ded3a078b526bed3307f804d4b93b04n,
    0x02829ce3c021339ccb5caf3e187f6370e1e2a311dec9b75363117063ab2015603ff52c3d3b98f19c2f65575e99e8b78cn,
  ],
  point: {
    x: [
      0x00e7f4568a82b4b7dc1f14c6aaa055edf51502319c723c4dc2688c7fe5944c213f510328082396515734b6612c4e7bb7n,
      0x126b855e9e69b1f691f816e48ac6977664d24d99f8724868a184186469ddfd4617367e94527d4b74fc86413483afb35bn,
    ],
    y: [
      0x0caead0fd7b6176c01436833c79d305c78be307da5f6af6c133c47311def6ff1e0babf57a0fb5539fce7ee12407b0a42n,
      0x1498aadcf7ae2b345243e281ae076df6de84455d766ab6fcdaad71fab60abb2e8b980a440043cd305db09d283c895e3dn,
    ],
  },
} as const;
