import { LanecastError } from '../../errors.js';
import type { BlockResult, BlockSnapshot } from '../../types.js';
import { comparable } from '../executor/wasm/comparable.js';

export interface NamedExecutor {
  readonly name: string;
  readonly execute: (snapshot: BlockSnapshot) => Promise<BlockResult>;
}

export type Comparison =
  | { readonly kind: 'equal' }
  /** All of them refuse the block, at the same transaction. */
  | { readonly kind: 'refused'; readonly transactionIndex: number }
  /** One of them leaves the block to others. */
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'different'; readonly differences: readonly string[] };

type Outcome =
  | { readonly kind: 'done'; readonly lines: ReadonlyMap<string, string> }
  | { readonly kind: 'refused'; readonly transactionIndex: number; readonly message: string }
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'crashed'; readonly message: string };

const SHOWN = 30;

/** Executes a block by all executors; the first of them is right by definition. */
export async function compareBlock(block: BlockSnapshot, executors: readonly NamedExecutor[]): Promise<Comparison> {
  const outcomes: (readonly [string, Outcome])[] = [];
  for (const executor of executors) outcomes.push([executor.name, await outcomeOf(executor, block)]);
  const [first, ...others] = outcomes;
  if (first === undefined) throw new Error('nothing to compare');
  if (outcomes.some(([, { kind }]) => kind === 'unsupported')) return { kind: 'unsupported' };
  const differences = others.flatMap((other) => differencesOf(first, other));
  if (differences.length > 0) return { kind: 'different', differences };
  const [, expected] = first;
  return expected.kind === 'refused'
    ? { kind: 'refused', transactionIndex: expected.transactionIndex }
    : { kind: 'equal' };
}

async function outcomeOf({ execute }: NamedExecutor, block: BlockSnapshot): Promise<Outcome> {
  try {
    return { kind: 'done', lines: new Map(flatten('', comparable(await execute(block), block))) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const at = /, transaction (\d+): /.exec(error.message)?.[1];
    if (error instanceof LanecastError && error.code === 'UNSUPPORTED') return { kind: 'unsupported' };
    if (error instanceof LanecastError && error.code === 'EXECUTION_FAILED' && at !== undefined) {
      return { kind: 'refused', transactionIndex: Number(at), message: error.message };
    }
    return { kind: 'crashed', message: error.stack ?? error.message };
  }
}

type Named = readonly [name: string, outcome: Outcome];

function differencesOf([firstName, first]: Named, [name, other]: Named): string[] {
  if (first.kind === 'done' && other.kind === 'done') {
    const paths = [...new Set([...first.lines.keys(), ...other.lines.keys()])];
    const show = (lines: ReadonlyMap<string, string>, path: string): string => lines.get(path) ?? 'nothing';
    return paths
      .filter((path) => first.lines.get(path) !== other.lines.get(path))
      .map((path) => `${path}: ${firstName} ${show(first.lines, path)}, ${name} ${show(other.lines, path)}`)
      .slice(0, SHOWN);
  }
  const isSame =
    first.kind === 'refused' && other.kind === 'refused' && first.transactionIndex === other.transactionIndex;
  return isSame ? [] : [`${firstName}: ${describe(first)}; ${name}: ${describe(other)}`];
}

function describe(outcome: Outcome): string {
  return 'message' in outcome ? `${outcome.kind}, ${outcome.message}` : outcome.kind;
}

/** Every leaf of a value by its path. */
function flatten(path: string, value: unknown): (readonly [path: string, leaf: string])[] {
  if (value === null || typeof value !== 'object') return [[path, String(value)]];
  const entries = value instanceof Map ? [...(value as Map<unknown, unknown>)] : Object.entries(value);
  if (entries.length === 0) return [[path, 'empty']];
  return entries.flatMap(([key, item]) => flatten(`${path}.${String(key)}`, item));
}

/** Without one transaction; what follows it moves up, its sender's nonces too. */
export function withoutTransaction(block: BlockSnapshot, dropped: number): BlockSnapshot {
  const from = block.transactions[dropped]?.from;
  const later = block.transactions.slice(dropped + 1).map((transaction) => ({
    ...transaction,
    index: transaction.index - 1,
    nonce: transaction.nonce - (transaction.from === from ? 1 : 0),
  }));
  return { ...block, transactions: [...block.transactions.slice(0, dropped), ...later] };
}
