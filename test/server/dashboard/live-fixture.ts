import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type {
  ConflictEdge,
  Confusion,
  Forecast,
  ForecastTarget,
  HotKey,
  LaneInterval,
  LiveBlock,
  LiveTransaction,
  ModelIdentity,
  ModelState,
  QualityPoint,
} from '../../../server/live.js';

/** Made-up answers of the service, the same for the same seed: as many conflicts and mistakes as a block of a busy chain has. */

export const FIRST_BLOCK = 21_500_000;
const WORKERS = 8;
const GAS_LIMIT = 36_000_000;
/** When the block before the first was observed. */
export const START_MS = Date.UTC(2025, 0, 1, 12);
/** Of a hot key, by rank: how many transactions of a hundred touch it. */
const HEAT = [13, 9, 6, 4, 3, 2, 2, 1.5, 1];

type Random = () => number;

export function seededRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  return () => uniformFloat64(generator);
}

export interface BlockOptions {
  readonly sequence: number;
  readonly transactions?: number;
}

interface Call {
  readonly transaction: LiveTransaction;
  /** Rank of the hot key that it touches; null for none. */
  readonly key: number | null;
  readonly writes: boolean;
}

export function makeBlock({ sequence, transactions = 190 }: BlockOptions): LiveBlock {
  const random = seededRandom(sequence);
  const calls = Array.from({ length: transactions }, (_, index) => makeCall(index, random));
  const edges = makeEdges(calls, random);
  const costs = calls.map(({ transaction }) => transaction.cost);
  const lanes = runLanes(costs, edges);
  const sequential = costs.reduce((sum, cost) => sum + cost, 0);
  const { makespan } = lanes;
  const observed = edges.filter((edge) => edge.observed);
  const hotKeys = HEAT.flatMap((_, rank) => makeHotKey(rank, calls, observed)).sort(
    (a, b) => b.conflicts - a.conflicts,
  );
  const ofEdges = (from: readonly UnkeyedEdge[]): Confusion =>
    confusion(
      from.filter((edge) => edge.observed && edge.probability !== null).length,
      from.filter((edge) => !edge.observed).length,
      from.filter((edge) => edge.observed && edge.probability === null).length,
    );
  const gasUsed = calls.reduce((sum, { transaction }) => sum + transaction.gasUsed, 0);
  return {
    sequence,
    chainId: 1,
    number: FIRST_BLOCK + sequence,
    hash: scrambled(`block ${sequence}`, 64),
    timestampSeconds: START_MS / 1000 + 12 * sequence,
    observedAt: new Date(START_MS + 12_000 * sequence + 900).toISOString(),
    replaced: null,
    gasUsed: Math.min(gasUsed, GAS_LIMIT),
    gasLimit: GAS_LIMIT,
    baseFeePerGasWei: String(Math.round(8e9 * (1 + 0.3 * Math.sin(sequence / 5)))),
    transactions: calls.map(({ transaction }) => transaction),
    quality: {
      conflicts: ofEdges(edges),
      dependent: ofEdges(nearestEdges(edges)),
      gasErrorShare: 0.1 + random() * 0.08,
    },
    hotKeys,
    edges: withHotKeys(edges, calls, hotKeys),
    edgesLeftOut: 0,
    lanes,
    makespans: {
      unit: 'ns',
      sequential,
      predicted: makespan * (0.86 + random() * 0.2),
      observed: makespan,
      optimistic: makespan * (1.1 + random() * 0.3),
      oracle: Math.max(sequential / WORKERS, makespan * (0.82 + random() * 0.1)),
    },
  };
}

function makeCall(index: number, random: Random): Call {
  const key = pickKey(random() * 100);
  const gasUsed = key === null && random() < 0.4 ? 21_000 : Math.round(30_000 * Math.exp(random() * 2.6));
  const error = Math.exp((random() - 0.5) * 0.5);
  const isDirect = random() < 0.6;
  return {
    key,
    writes: random() < 0.75,
    transaction: {
      index,
      hash: scrambled(String(random()), 64),
      from: scrambled(String(random()), 40),
      to: key !== null && isDirect ? keyAddress(key) : scrambled(String(random()), 40),
      selector: gasUsed === 21_000 ? '0x' : scrambled(String(random()), 8),
      gasUsed,
      predictedGas: gasUsed === 21_000 ? gasUsed : Math.round(gasUsed * error),
      predictedGasHigh: Math.round(gasUsed * error * 1.4),
      cost: Math.round(gasUsed * (0.25 + random() * 0.2)),
    },
  };
}

function pickKey(point: number): number | null {
  let passed = 0;
  for (const [rank, share] of HEAT.entries()) {
    passed += share;
    if (point < passed) return rank;
  }
  return null;
}

function keyAddress(rank: number): string {
  return scrambled(`key ${rank}`, 40);
}

type UnkeyedEdge = Omit<ConflictEdge, 'hotKey'>;

function makeEdges(calls: readonly Call[], random: Random): UnkeyedEdge[] {
  const edges: UnkeyedEdge[] = [];
  for (const [later, call] of calls.entries()) {
    const isKnown = random() < 0.9;
    for (const [earlier, other] of calls.slice(0, later).entries()) {
      const touchesSame = call.key !== null && call.key === other.key;
      const observed = touchesSame && other.writes;
      if (observed) {
        edges.push({ earlier, later, probability: isKnown ? 0.6 + random() * 0.4 : null, observed });
      } else if (touchesSame && random() < 0.08) {
        edges.push({ earlier, later, probability: 0.42 + random() * 0.3, observed });
      }
    }
  }
  return edges;
}

function withHotKeys(
  edges: readonly UnkeyedEdge[],
  calls: readonly Call[],
  hotKeys: readonly HotKey[],
): ConflictEdge[] {
  return edges.map((edge) => {
    const key = calls[edge.later]?.key ?? null;
    const index = key === null ? -1 : hotKeys.findIndex(({ address }) => address === keyAddress(key));
    return { ...edge, hotKey: index < 0 ? null : index };
  });
}

function nearestEdges(edges: readonly UnkeyedEdge[]): UnkeyedEdge[] {
  return [...new Map(edges.map((edge) => [edge.later, edge])).values()];
}

function makeHotKey(rank: number, calls: readonly Call[], observed: readonly UnkeyedEdge[]): HotKey[] {
  const own = calls.filter(({ key }) => key === rank);
  const conflicts = observed.filter(({ later }) => calls[later]?.key === rank).length;
  return own.length === 0
    ? []
    : [
        {
          address: keyAddress(rank),
          slot: keySlot(rank),
          transactions: own.length,
          writers: own.filter(({ writes }) => writes).length,
          conflicts,
          predicted: rank !== 4,
        },
      ];
}

/** Each transaction on the first free worker, after the blockers that were predicted; one that was missed costs a second execution. */
function runLanes(costs: readonly number[], edges: readonly UnkeyedEdge[]): LiveBlock['lanes'] {
  const free = Array.from({ length: WORKERS }, () => 0);
  const ends: number[] = [];
  const intervals: LaneInterval[] = [];
  const blockers = costs.map((): UnkeyedEdge[] => []);
  for (const edge of edges) if (edge.observed) blockers[edge.later]?.push(edge);
  const lastBlockers = (transaction: number, isPredicted: boolean): number =>
    Math.max(
      0,
      ...(blockers[transaction] ?? [])
        .filter(({ probability }) => (probability !== null) === isPredicted)
        .map(({ earlier }) => ends[earlier] ?? 0),
    );
  for (const [transaction, cost] of costs.entries()) {
    const worker = free.indexOf(Math.min(...free));
    let start = Math.max(free[worker] ?? 0, lastBlockers(transaction, true));
    let incarnation = 0;
    const missed = lastBlockers(transaction, false);
    if (missed > start) {
      const outcome = transaction % 3 === 0 ? 'suspended' : 'aborted';
      const end = start + (outcome === 'suspended' ? cost * 0.4 : cost);
      intervals.push({ transaction, incarnation, worker, start, end, outcome });
      start = Math.max(end, missed);
      incarnation = 1;
    }
    const end = start + cost;
    intervals.push({ transaction, incarnation, worker, start, end, outcome: 'final' });
    ends[transaction] = end;
    free[worker] = end;
  }
  const makespan = Math.max(...free);
  const busy = intervals.reduce((sum, { start, end }) => sum + end - start, 0);
  const count = (outcome: LaneInterval['outcome']): number =>
    intervals.filter((interval) => interval.outcome === outcome).length;
  return {
    simulated: true,
    workers: WORKERS,
    mode: 'planned',
    unit: 'ns',
    makespan,
    executions: count('final') + count('aborted') + count('suspended'),
    aborts: count('aborted'),
    suspensions: count('suspended'),
    idleShare: Math.max(0, 1 - busy / (makespan * WORKERS)),
    intervals: intervals.sort((a, b) => a.start - b.start),
  };
}

function confusion(truePositives: number, falsePositives: number, falseNegatives: number): Confusion {
  const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
  return {
    truePositives,
    falsePositives,
    falseNegatives,
    precision: ratio(truePositives, truePositives + falsePositives),
    recall: ratio(truePositives, truePositives + falseNegatives),
    f1: ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
  };
}

export function makeIdentity(sequence: number): ModelIdentity {
  return {
    kind: 'trained',
    version: `2025-01-01.${sequence}`,
    learnedBlocks: 4800 + sequence,
    lastBlock: FIRST_BLOCK + sequence,
    notice: null,
  };
}

export function makeModel(sequence: number, blocks = sequence): ModelState {
  const random = seededRandom(77);
  return {
    model: makeIdentity(sequence),
    artifact: {
      name: 'mainnet-2024',
      seed: 1,
      chainId: 1,
      firstBlock: 21_495_200,
      lastBlock: FIRST_BLOCK,
      blocks: 4800,
    },
    chainId: 1,
    predictsTimes: true,
    thresholds: { conflicts: 0.42 },
    quality: {
      blocks,
      conflicts: confusion(310 * blocks, 22 * blocks, 41 * blocks),
      dependent: confusion(71 * blocks, 5 * blocks, 6 * blocks),
      expectedCalibrationError: 0.041,
      calibration: Array.from({ length: 10 }, (_, bin) => {
        const middle = (bin + 0.5) / 10;
        return {
          from: bin / 10,
          to: (bin + 1) / 10,
          predictions: Math.round(60 + 900 * Math.abs(middle - 0.4) * random()) * blocks,
          meanProbability: middle,
          observedShare: Math.min(1, Math.max(0, middle + 0.16 * (middle - 0.5) + 0.06 * (random() - 0.5))),
        };
      }),
      gasErrorShare: 0.138,
      aborts: 9 * blocks,
      executions: 203 * blocks,
    },
    history: Array.from({ length: blocks }, (_, index) =>
      makeQualityPoint(FIRST_BLOCK + sequence - blocks + index + 1, random),
    ),
  };
}

function makeQualityPoint(blockNumber: number, random: Random): QualityPoint {
  const speedup = 3 + random() * 1.2;
  const learned = Math.min(1, (blockNumber - FIRST_BLOCK) / 150);
  return {
    blockNumber,
    conflictF1: blockNumber % 37 === 0 ? null : 0.68 + 0.18 * learned + 0.1 * random(),
    dependentF1: 0.78 + 0.12 * learned + 0.08 * random(),
    speedup,
    oracleSpeedup: speedup * (1.08 + 0.1 * random()),
    optimisticSpeedup: speedup * (0.72 + 0.15 * random()),
  };
}

const LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95];

export function makeForecast(sequence: number): Forecast {
  const lastBlock = FIRST_BLOCK + sequence;
  return {
    model: makeIdentity(sequence),
    forecaster: { kind: 'trained', version: '2025-01-01', notice: null },
    chainId: 1,
    lastBlock,
    nextBaseFeePerGasWei: '7912345678',
    levels: LEVELS,
    targets: [
      makeTarget({ name: 'baseFeePerGas', unit: 'wei', lastBlock, level: 8e9, spread: 0.5e9 }),
      makeTarget({ name: 'gasUsedRatio', unit: 'ratio', lastBlock, level: 0.52, spread: 0.05 }),
      makeTarget({ name: 'conflictDensity', unit: 'ratio', lastBlock, level: 0.034, spread: 0.004 }),
      makeTarget({ name: 'parallelism', unit: 'ratio', lastBlock, level: 6.2, spread: 0.4 }),
    ],
    hotKeys: HEAT.map((heat, rank) => ({
      address: keyAddress(rank),
      slot: scrambled(`slot ${rank}`, 64),
      touchProbability: Math.min(0.99, heat / 8),
      expectedTransactions: heat * 1.9,
      expectedConflicts: heat ** 2 * 1.1,
    })),
  };
}

interface TargetOptions extends Pick<ForecastTarget, 'name' | 'unit'> {
  readonly lastBlock: number;
  readonly level: number;
  readonly spread: number;
}

function makeTarget({ name, unit, lastBlock, level, spread }: TargetOptions): ForecastTarget {
  const random = seededRandom(lastBlock + Math.round(level));
  let value = level;
  const history = Array.from({ length: 80 }, (_, index) => {
    value += 0.2 * (level - value) + spread * 2 * (random() - 0.5);
    return { blockNumber: lastBlock - 79 + index, value };
  });
  return {
    name,
    unit,
    history,
    horizons: Array.from({ length: 50 }, (_, index) => ({
      blocksAhead: index + 1,
      blockNumber: lastBlock + index + 1,
      values: [-1.64, -0.67, 0, 0.67, 1.64].map(
        (width) =>
          level + (value - level) * 0.8 ** index + width * spread * Math.min(2.2, 0.5 + 0.3 * Math.sqrt(index)),
      ),
    })),
  };
}

/** Balance and nonce, a plain variable, or an entry of a mapping. */
function keySlot(rank: number): string | null {
  if (rank === 6) return null;
  return rank % 2 === 0 ? `0x${'8'.padStart(64, '0')}` : scrambled(`slot ${rank}`, 64);
}

/** Hex digits that look like those of a hash, the same for the same text. */
function scrambled(text: string, digits: number): string {
  return `0x${createHash('sha256').update(text).digest('hex').slice(0, digits)}`;
}
