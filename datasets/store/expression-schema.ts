import type { Address, Hash } from '../../types.js';
import { arrayOf, encodeBytes, quoted, quotedText, unsigned, type Column } from './columns.js';
import type { Table } from './ddl.js';
import { childTable } from './schema.js';

/** What access statistics are kept about, as `model/accesses/subjects.ts` defines it. Append, never reorder. */
export const SUBJECT_KINDS = [
  'function',
  'code',
  'selector',
  'sender',
  'argument',
  'neighbour',
  'own',
  'argument-code',
  'contract',
] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** Something that statistics are kept about and that a call took part in. */
export interface CallSubject {
  readonly kind: SubjectKind;
  /** Its canonical text, unique within the kind. */
  readonly subject: string;
  /** The contract whose slots alone count for this subject; null where all slots that the call used do. */
  readonly self: Address | null;
}

/** A storage slot that a call used, and how it is derived from what was known before. */
export interface SlotExpression {
  readonly address: Address;
  /** What the call itself calls that address (`to`, `w2`, …); null where it does not name it. */
  readonly named: string | null;
  /** The SLOT part of the expression, as `model/accesses/expression.ts` defines it. */
  readonly slot: string;
  readonly written: boolean;
}

/** What one executed call teaches about accesses. */
export interface CallExpressions {
  readonly transactionIndex: number;
  readonly subjects: readonly CallSubject[];
  /** Each address with each SLOT at most once. */
  readonly uses: readonly SlotExpression[];
}

/** What the calls of one block teach; the block is told by its hash, because another one may take its place. */
export interface BlockExpressions {
  readonly chainId: number;
  readonly number: number;
  readonly hash: Hash;
  readonly calls: readonly CallExpressions[];
}

/** The expressions of a block as rows, under the ingest that wrote the block. */
export interface ExpressionBlockRow {
  readonly ingestId: bigint;
  readonly block: BlockExpressions;
}

export interface CallExpressionRow extends ExpressionBlockRow {
  readonly call: CallExpressions;
}

/**
 * One row a call, so that subjects meet uses without a join. Whoever writes the same call again replaces its row: read
 * with FINAL. An empty `self` or `named` stands for null.
 */
export const CALL_EXPRESSIONS: Table<CallExpressionRow> = {
  ...childTable('call_expressions'),
  engine: 'ReplacingMergeTree',
  orderBy: ['chain_id', 'block_number', 'ingest_id', 'transaction_index'],
  columns: [
    ...blockKey<CallExpressionRow>(),
    unsigned('transaction_index', 32, ({ call }) => call.transactionIndex),
    arrayOf('subjects', ({ call }) => call.subjects, {
      type: `Tuple(kind ${kindType()}, subject String, self String)`,
      encode: encodeSubject,
      select: 'item',
    }),
    arrayOf('uses', ({ call }) => call.uses, {
      type: 'Tuple(address FixedString(20), named LowCardinality(String), slot String, written Bool)',
      encode: encodeUse,
      select: 'item',
    }),
  ],
};

/** One row a block whose calls are all written: they count from then on, as long as the block does. */
export const EXPRESSION_BLOCKS: Table<ExpressionBlockRow> = {
  ...childTable('expression_blocks'),
  engine: 'ReplacingMergeTree',
  orderBy: ['chain_id', 'block_number', 'ingest_id'],
  columns: [...blockKey<ExpressionBlockRow>(), unsigned('call_count', 32, ({ block }) => block.calls.length)],
};

/** The tables whose rows hang on a row of `blocks` and are not written by an ingest. */
export const EXPRESSION_TABLES = [EXPRESSION_BLOCKS, CALL_EXPRESSIONS] as const;

function blockKey<Row extends ExpressionBlockRow>(): Column<Row>[] {
  return [
    unsigned('chain_id', 64, ({ block }) => block.chainId),
    unsigned('block_number', 64, ({ block }) => block.number),
    unsigned('ingest_id', 128, ({ ingestId }) => ingestId),
  ];
}

function kindType(): string {
  return `Enum8(${SUBJECT_KINDS.map((kind, index) => `'${kind}' = ${index}`).join(', ')})`;
}

function encodeSubject({ kind, subject, self }: CallSubject): string {
  return `(${quoted(kind)},${quotedText(subject)},${quoted(self === null ? '' : encodeBytes(self, 20))})`;
}

function encodeUse({ address, named, slot, written }: SlotExpression): string {
  return `(${quoted(encodeBytes(address, 20))},${quotedText(named ?? '')},${quotedText(slot)},${String(written)})`;
}
