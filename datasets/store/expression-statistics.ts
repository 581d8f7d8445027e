import { LanecastError } from '../../errors.js';
import type { Database, StoredRow } from './client.js';
import { decodeInteger, decodeList, decodeName, decodeNumber, decodeText } from './decode.js';
import { SUBJECT_KINDS, type SubjectKind } from './expression-schema.js';
import { committedInRange } from './range.js';

export interface ExpressionStatisticsOptions {
  readonly chainId: number;
  /** The last block that counts. */
  readonly until: number;
  /** After so many blocks an observation weighs half; at most 10^9. */
  readonly halfLifeBlocks: number;
  /** Of each subject the most frequent expressions are told. */
  readonly maxExpressions: number;
}

/** The decayed numbers of calls of a subject that used a slot, and that wrote it. */
export type ExpressionCounts = readonly [text: string, reads: number, writes: number];

/** The decayed history of one subject. A call of the block `block`, its last one, weighs 1. */
export interface SubjectStatistics {
  readonly kind: SubjectKind;
  readonly subject: string;
  readonly calls: number;
  readonly block: number;
  /** Most frequent first. */
  readonly expressions: readonly ExpressionCounts[];
}

/** Each call unfolds into some hundred rows: subjects times expressions. */
const CALLS_PER_BLOCK_OF_ROWS = 1_024;

const MAX_HALF_LIFE_BLOCKS = 1e9;

/** Statistics of the subjects by kind, in the order of `SUBJECT_KINDS`, and name. Throws INVALID_ARGUMENT for a bad option. */
export async function* readExpressionStatistics(
  database: Database,
  options: ExpressionStatisticsOptions,
): AsyncGenerator<SubjectStatistics> {
  const { chainId, until, halfLifeBlocks, maxExpressions } = options;
  if (!(halfLifeBlocks > 0 && halfLifeBlocks <= MAX_HALF_LIFE_BLOCKS)) {
    throw badOption('halfLifeBlocks', `a number above 0 and up to ${MAX_HALF_LIFE_BLOCKS}`, halfLifeBlocks);
  }
  if (!Number.isSafeInteger(maxExpressions) || maxExpressions < 1) {
    throw badOption('maxExpressions', 'a whole number from 1', maxExpressions);
  }
  const committed = committedInRange({ chainId, to: until });
  const params = { ...committed.params, half_life: halfLifeBlocks, kept: maxExpressions + 1 };
  yield* database.stream({ sql: statisticsSql(committed.sql), params }, decodeStatistics);
}

/**
 * The empty expression stands for the call itself. exponentialMovingAverage(h)(value, time) is the sum of
 * value * 2^((time - last) / h) times a constant of h, which the sum of one value tells; it is relative to the last time
 * in its group, so that nothing underflows however long ago that was.
 */
function statisticsSql(committed: string): string {
  return `WITH
    (SELECT exponentialMovingAverage({half_life:Float64})(1, 0)) AS unit,
    calls AS (
      SELECT block_number, subjects, uses,
        arrayMap(use -> (concat('=', ${shortHex('use.address')}, '|', use.slot), use.written), uses) AS by_address,
        arrayMap(use -> (concat(use.named, '|', use.slot), use.written), arrayFilter(use -> use.named != '', uses)) AS by_name
      FROM call_expressions FINAL
      WHERE ${committed} AND (block_number, ingest_id) IN (
        SELECT block_number, ingest_id FROM expression_blocks
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {to:UInt64})),
    told AS (
      SELECT block_number, about.kind AS kind, about.subject AS subject,
        if(about.self = '', arrayConcat(by_address, by_name),
          arrayMap(use -> (concat('self|', use.slot), use.written),
            arrayFilter(use -> use.address = toFixedString(about.self, 20), uses))) AS used
      FROM calls ARRAY JOIN subjects AS about),
    counted AS (
      SELECT kind, subject, use.1 AS expression, max(block_number) AS last,
        exponentialMovingAverage({half_life:Float64})(1, block_number) / unit AS reads,
        exponentialMovingAverage({half_life:Float64})(use.2, block_number) / unit AS writes
      FROM told ARRAY JOIN arrayPushFront(used, ('', false)) AS use
      GROUP BY kind, subject, expression
      ORDER BY kind, subject, expression != '', round(log2(reads) + last / {half_life:Float64}, 6) DESC, expression
      LIMIT {kept:UInt64} BY kind, subject)
    SELECT kind, subject, max(last) AS block, anyIf(reads, expression = '') AS calls,
      arraySort(item -> (-round(item.2, 6), item.1),
        arrayMap(item -> (item.1, item.2 * exp2(item.4 / {half_life:Float64}), item.3 * exp2(item.4 / {half_life:Float64})),
          arrayMap(item -> (item.1, item.2, item.3, toFloat64(item.4) - block),
            groupArrayIf((expression, reads, writes, last), expression != '')))) AS expressions
    FROM counted GROUP BY kind, subject ORDER BY kind, subject
    SETTINGS max_block_size = ${CALLS_PER_BLOCK_OF_ROWS}`;
}

/** Hexadecimal digits without leading zeros, but for the last digit. */
function shortHex(bytes: string): string {
  return `replaceRegexpOne(lower(hex(${bytes})), '^0{1,39}', '')`;
}

function decodeStatistics(row: StoredRow): SubjectStatistics {
  return {
    kind: decodeName(row, 'kind', SUBJECT_KINDS),
    subject: decodeText(row, 'subject'),
    calls: decodeNumber(row, 'calls'),
    block: decodeInteger(row, 'block'),
    expressions: decodeList(row, 'expressions').map(decodeCounts),
  };
}

function decodeCounts(item: unknown): ExpressionCounts {
  const [text, reads, writes] = Array.isArray(item) ? (item as readonly unknown[]) : [];
  if (typeof text === 'string' && typeof reads === 'number' && typeof writes === 'number') return [text, reads, writes];
  throw new Error(`Column expressions of the store: expected a text and two numbers, got ${JSON.stringify(item)}`);
}

function badOption(name: string, expected: string, value: number): LanecastError {
  return new LanecastError('INVALID_ARGUMENT', `Expression statistics: ${name} must be ${expected}, got ${value}.`);
}
