import { z } from 'zod';

/**
 * What the service tells about executed blocks that it was told of: `GET /v1/blocks`, and as it happens `GET /v1/events`
 * (server-sent events `block` with a LiveBlock, `model` with a ModelState, `forecast` with a Forecast; the id of a `block` is its
 * `sequence`). The dashboard draws nothing but this.
 */

const Address = z.string().regex(/^0x[0-9a-f]{40}$/);
const Hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const Count = z.int().nonnegative();
const Share = z.number().min(0).max(1);

/** Of costs and times: nanoseconds where all learned blocks state execution times, else gas. */
export const CostUnit = z.enum(['ns', 'gas']).meta({ id: 'CostUnit' });
export type CostUnit = z.infer<typeof CostUnit>;

/** A yes-or-no prediction against what came out. A ratio is null where nothing was to be divided by. */
export const Confusion = z
  .strictObject({
    truePositives: Count,
    falsePositives: Count,
    falseNegatives: Count,
    precision: Share.nullable(),
    recall: Share.nullable(),
    f1: Share.nullable(),
  })
  .meta({ id: 'Confusion' });
export type Confusion = z.infer<typeof Confusion>;

/** A storage slot, or (slot null) balance and nonce of an account, that transactions of a block contend for. */
export const HotKey = z
  .strictObject({
    address: Address,
    slot: Hash.nullable(),
    transactions: Count.describe('Transactions that touched it.'),
    writers: Count.describe('Transactions that changed it.'),
    conflicts: Count.describe('Pairs (i < j) of which j read or changed what i changed of it.'),
    predicted: z.boolean().describe('Whether a conflict on it was predicted before the block.'),
  })
  .meta({ id: 'HotKey' });
export type HotKey = z.infer<typeof HotKey>;

/**
 * One stretch of work of one worker. `final`: the execution that counts. `aborted`: it was executed, and a validation found
 * that an earlier transaction had changed what it read, so that it was executed again. `suspended`: it stopped at a value that
 * was still to come. Checking takes no time here. What lies between the intervals of a worker is waiting.
 */
export const LaneInterval = z
  .strictObject({
    transaction: Count,
    incarnation: Count.describe('0 for the first execution of the transaction.'),
    worker: Count,
    start: z.number().nonnegative().describe('In `unit`, from the start of the block.'),
    end: z.number().nonnegative(),
    outcome: z.enum(['final', 'aborted', 'suspended']),
  })
  .meta({ id: 'LaneInterval' });
export type LaneInterval = z.infer<typeof LaneInterval>;

/** The block as it runs on virtual workers under the plan that was made before it: simulated with its true accesses and costs. */
export const Lanes = z
  .strictObject({
    simulated: z.literal(true),
    workers: z.int().positive(),
    mode: z.enum(['sequential', 'optimistic', 'planned']),
    unit: CostUnit,
    makespan: z.number().nonnegative().describe('In `unit`; lanes end here.'),
    executions: Count,
    aborts: Count,
    suspensions: Count,
    idleShare: Share.describe('Of the time of all workers.'),
    intervals: z.array(LaneInterval).describe('By start.'),
  })
  .meta({ id: 'Lanes' });
export type Lanes = z.infer<typeof Lanes>;

/** An ordered pair of transactions, the later of which depends on the earlier, by prediction, by observation, or both. */
export const ConflictEdge = z
  .strictObject({
    earlier: Count,
    later: Count,
    probability: Share.nullable().describe('Null where the pair was not predicted.'),
    observed: z.boolean(),
    hotKey: Count.nullable().describe(
      'Place in `hotKeys` of the storage slot that joins the pair, the hottest if several; null: none of them, or not observed or predicted through one.',
    ),
  })
  .meta({ id: 'ConflictEdge' });
export type ConflictEdge = z.infer<typeof ConflictEdge>;

export const LiveTransaction = z
  .strictObject({
    index: Count,
    hash: Hash,
    from: Address,
    to: Address.nullable().describe('Null creates a contract.'),
    selector: z
      .string()
      .regex(/^0x([0-9a-f]{8})?$/)
      .describe('First four bytes of the input; `0x` where it is shorter.'),
    gasUsed: Count,
    predictedGas: z.number().nonnegative().describe('The median that was predicted.'),
    predictedGasHigh: z.number().nonnegative().describe('The 0.9 quantile that was predicted.'),
    cost: z.number().nonnegative().describe('True cost in the unit of the lanes.'),
  })
  .meta({ id: 'LiveTransaction' });
export type LiveTransaction = z.infer<typeof LiveTransaction>;

/** Times of the block in `unit`, all on the workers of the lanes, simulated. */
export const Makespans = z
  .strictObject({
    unit: CostUnit,
    sequential: z.number().nonnegative().describe('All transactions one after the other.'),
    predicted: z.number().nonnegative().describe('What was expected of the plan before the block.'),
    observed: z.number().nonnegative().describe('The plan with true accesses and costs: the makespan of the lanes.'),
    optimistic: z.number().nonnegative().describe('Without a plan: Block-STM in block order.'),
    oracle: z.number().nonnegative().describe('With the plan of one who knows all accesses beforehand.'),
  })
  .meta({ id: 'Makespans' });
export type Makespans = z.infer<typeof Makespans>;

/** Judged before the model learned the block. */
export const BlockQuality = z
  .strictObject({
    conflicts: Confusion.describe('Ordered pairs that conflict through a storage slot.'),
    dependent: Confusion.describe('Transactions that depend on an earlier one through a storage slot.'),
    gasErrorShare: z.number().nonnegative().nullable().describe('Mean of |predicted median − used| / used.'),
  })
  .meta({ id: 'BlockQuality' });
export type BlockQuality = z.infer<typeof BlockQuality>;

export const LiveBlock = z
  .strictObject({
    sequence: Count.describe('Counts the observations of this process, from 1.'),
    chainId: Count,
    number: Count,
    hash: Hash,
    timestampSeconds: Count,
    observedAt: z.iso.datetime(),
    replaced: Hash.nullable().describe('The block of this number that a reorganisation took away; null for none.'),
    gasUsed: Count,
    gasLimit: Count,
    baseFeePerGasWei: z.string().nullable().describe('Decimal; null before London.'),
    transactions: z.array(LiveTransaction),
    quality: BlockQuality,
    hotKeys: z.array(HotKey).describe('Most conflicts first, at most 20.'),
    edges: z
      .array(ConflictEdge)
      .describe('By later, then earlier; at most 2,000: observed ones, then the most probable.'),
    edgesLeftOut: Count,
    lanes: Lanes,
    makespans: Makespans,
  })
  .meta({ id: 'LiveBlock' });
export type LiveBlock = z.infer<typeof LiveBlock>;

/** Which model answered. */
export const ModelIdentity = z
  .strictObject({
    kind: z
      .enum(['trained', 'untrained'])
      .describe('`untrained`: no trained networks; statistics of the blocks that were observed speak alone.'),
    version: z.string().describe('Changes with every block that is learned and with every artifact that is loaded.'),
    learnedBlocks: Count.describe('Blocks of its training and those observed since.'),
    lastBlock: Count.nullable(),
    notice: z.string().nullable().describe('What to keep in mind of its answers; null for nothing.'),
  })
  .meta({ id: 'ModelIdentity' });
export type ModelIdentity = z.infer<typeof ModelIdentity>;

/** Expected against observed frequency, of predictions whose probability lies in a range. */
export const CalibrationBin = z
  .strictObject({
    from: Share,
    to: Share,
    predictions: Count,
    meanProbability: Share.nullable(),
    observedShare: Share.nullable(),
  })
  .meta({ id: 'CalibrationBin' });
export type CalibrationBin = z.infer<typeof CalibrationBin>;

/** Of all blocks that this process observed, each judged before it was learned. */
export const OnlineQuality = z
  .strictObject({
    blocks: Count,
    conflicts: Confusion,
    dependent: Confusion,
    expectedCalibrationError: Share.nullable().describe('Of pairs with a probability of 0.05 or more.'),
    calibration: z.array(CalibrationBin).describe('Ten bins of equal width.'),
    gasErrorShare: z.number().nonnegative().nullable(),
    aborts: Count.describe('In simulated runs under the plans.'),
    executions: Count,
  })
  .meta({ id: 'OnlineQuality' });
export type OnlineQuality = z.infer<typeof OnlineQuality>;

export const QualityPoint = z
  .strictObject({
    blockNumber: Count,
    conflictF1: Share.nullable(),
    dependentF1: Share.nullable(),
    speedup: z.number().nonnegative().nullable().describe('Sequential ÷ observed makespan.'),
    oracleSpeedup: z.number().nonnegative().nullable(),
    optimisticSpeedup: z.number().nonnegative().nullable(),
  })
  .meta({ id: 'QualityPoint' });
export type QualityPoint = z.infer<typeof QualityPoint>;

/** `GET /v1/model`, and the event `model`. */
export const ModelState = z
  .strictObject({
    model: ModelIdentity,
    artifact: z
      .strictObject({
        name: z.string(),
        seed: z.int(),
        chainId: Count,
        firstBlock: Count,
        lastBlock: Count,
        blocks: Count,
      })
      .nullable()
      .describe('What was trained; null without networks.'),
    chainId: Count.nullable().describe('Of the blocks that were learned.'),
    predictsTimes: z.boolean().describe('Whether expected times are known; else costs are gas.'),
    thresholds: z.record(z.string(), z.number()),
    quality: OnlineQuality,
    history: z.array(QualityPoint).describe('By block as observed, at most the latest 500.'),
  })
  .meta({ id: 'ModelState' });
export type ModelState = z.infer<typeof ModelState>;

/**
 * A quantity of the next blocks as quantiles: the base fee of the block so far ahead, of all else the mean over the blocks up to there.
 * `conflictDensity`: pairs in conflict over all pairs of a block. `parallelism`: gas of a block over that of its longest chain of
 * dependent transactions.
 */
export const ForecastTarget = z
  .strictObject({
    name: z.enum(['gasUsed', 'gasUsedRatio', 'baseFeePerGas', 'transactions', 'conflictDensity', 'parallelism']),
    unit: z.enum(['gas', 'ratio', 'wei', 'transactions']),
    history: z.array(z.strictObject({ blockNumber: Count, value: z.number() })).describe('Of the latest blocks.'),
    horizons: z
      .array(
        z.strictObject({
          blocksAhead: z.int().positive(),
          blockNumber: Count,
          values: z.array(z.number()).describe('As many as `levels`, ascending.'),
        }),
      )
      .describe('Those of which something can be said.'),
  })
  .meta({ id: 'ForecastTarget' });
export type ForecastTarget = z.infer<typeof ForecastTarget>;

/** Who forecasts the load. */
export const Forecaster = z
  .strictObject({
    kind: z
      .enum(['trained', 'baseline'])
      .describe('`baseline`: the base fee by its rule, and then flat; all else by moving averages.'),
    version: z.string().nullable().describe('Of a trained one.'),
    notice: z.string().nullable().describe('What to keep in mind of its answers; null for nothing.'),
  })
  .meta({ id: 'Forecaster' });
export type Forecaster = z.infer<typeof Forecaster>;

/** `GET /v1/forecast`, and the event `forecast`. */
export const Forecast = z
  .strictObject({
    model: ModelIdentity,
    forecaster: Forecaster,
    chainId: Count,
    lastBlock: Count,
    nextBaseFeePerGasWei: z
      .string()
      .nullable()
      .describe('Decimal, exact, by the rule of EIP-1559; null before London, and where fees follow no known rule.'),
    levels: z.array(Share).describe('Quantile levels, ascending.'),
    targets: z.array(ForecastTarget),
    hotKeys: z
      .array(
        z.strictObject({
          address: Address,
          slot: Hash,
          touchProbability: Share.describe('That the next block touches it: the share of the latest blocks that did.'),
          expectedTransactions: z.number().nonnegative().describe('Of the next block, that touch it.'),
          expectedConflicts: z.number().nonnegative().describe('Pairs of the next block that conflict on it.'),
        }),
      )
      .describe(
        'Storage slots, most expected conflicts first, at most 20; shares and means halve a block for each 20 since.',
      ),
  })
  .meta({ id: 'Forecast' });
export type Forecast = z.infer<typeof Forecast>;

/** `GET /v1/blocks?limit=`. */
export const LiveBlocks = z
  .strictObject({
    model: ModelIdentity,
    blocks: z.array(LiveBlock).describe('The latest, oldest first.'),
    held: Count.describe('Blocks that are kept for this.'),
  })
  .meta({ id: 'LiveBlocks' });
export type LiveBlocks = z.infer<typeof LiveBlocks>;
