import { LanecastError } from '../../../../errors.js';
import type { BlockResult, BlockSnapshot, Receipt } from '../../../../types.js';
import { acceptedErrors, engineErrorOf, readEngineErrors, type EngineErrors } from './exceptions.js';
import { EXCLUSIONS, SLOW_CASES, type Exclusion, type ExclusionReason } from './exclusions.js';
import { nameOf, type StateTest } from './reader.js';
import { preStateOf, toSnapshot, type StateTestSubject } from './snapshot.js';
import { logsHashOf, StateTrie } from './state-root.js';

export type Execute = (snapshot: BlockSnapshot) => Promise<BlockResult>;

export interface StateTestOptions {
  readonly tests: AsyncIterable<StateTest>;
  /** Which cases: those of `SLOW_CASES` or all others. */
  readonly cases: 'quick' | 'slow';
}

/** What became of the cases: each is counted once. */
export interface StateTestReport {
  /** Executed with the state root and logs that the case expects. */
  readonly executed: number;
  /** Refused with the error that the case expects. */
  readonly refused: number;
  readonly excluded: Readonly<Record<ExclusionReason, number>>;
  /** Cases by name, and what was wrong. */
  readonly failures: readonly string[];
  /** Cases that were not chosen. */
  readonly notChosen: number;
}

/** A case with the state trie of its test. */
interface Subject extends StateTestSubject {
  readonly name: string;
  readonly trie: StateTrie;
}

type Outcome = 'executed' | 'refused' | ExclusionReason | { readonly failure: string };

/** Runs every chosen case as a block of one transaction. `execute` must throw as `WasmExecutor.execute` does. */
export async function runStateTests(execute: Execute, { tests, cases }: StateTestOptions): Promise<StateTestReport> {
  const errors = readEngineErrors();
  const [counts, failures] = [{ executed: 0, refused: 0, capacity: 0, noTransaction: 0, notChosen: 0 }, [] as string[]];
  for await (const test of tests) {
    const all = casesOf(test);
    const chosen = all.filter(({ name }) => SLOW_CASES.has(name) === (cases === 'slow'));
    counts.notChosen += all.length - chosen.length;
    if (chosen.length === 0) continue;
    const preState = preStateOf(test);
    const trie = await StateTrie.of(preState);
    for (const one of chosen) {
      const outcome = await runCase(execute, { ...one, test, preState, trie }, errors);
      if (typeof outcome === 'string') counts[outcome] += 1;
      else failures.push(`${one.name}: ${outcome.failure}`);
    }
  }
  const { executed, refused, notChosen, ...excluded } = counts;
  return { executed, refused, excluded, failures, notChosen };
}

function casesOf(test: StateTest): Pick<Subject, 'name' | 'fork' | 'post'>[] {
  return Object.entries(test.post).flatMap(([fork, cases]) =>
    cases.map((post) => ({ name: nameOf(test, fork, post), fork, post })),
  );
}

async function runCase(execute: Execute, subject: Subject, errors: EngineErrors): Promise<Outcome> {
  const exclusion = EXCLUSIONS.get(subject.name);
  if (exclusion?.reason === 'noTransaction') return exclusion.reason;
  const result = await attempt(execute, toSnapshot(subject));
  if (exclusion !== undefined) return judgeExcluded(exclusion, result, errors);
  const { expectException } = subject.post;
  if (expectException === undefined) return judgeExecuted(result, subject);
  return judgeRefused(result, { subject, accepted: acceptedErrors(expectException), errors });
}

async function attempt(execute: Execute, snapshot: BlockSnapshot): Promise<BlockResult | LanecastError> {
  try {
    return await execute(snapshot);
  } catch (error) {
    if (error instanceof LanecastError) return error;
    throw error;
  }
}

function judgeExcluded(
  { reason, engineError }: Exclusion,
  result: BlockResult | LanecastError,
  errors: EngineErrors,
): Outcome {
  if (!(result instanceof LanecastError)) return { failure: `excluded for ${reason}, but the engine executed it` };
  const isExpected = result.code === 'UNSUPPORTED' && engineErrorOf(result.message, errors) === engineError;
  return isExpected ? reason : { failure: `excluded for ${reason}, but refused otherwise: ${result.message}` };
}

async function judgeExecuted(result: BlockResult | LanecastError, { post, trie }: Subject): Promise<Outcome> {
  if (result instanceof LanecastError) return { failure: result.message };
  const [receipt] = result.receipts as readonly [Receipt];
  const [root, logs] = [await trie.rootAfter(result.postState), logsHashOf(receipt.logs)];
  if (root !== post.hash) return { failure: `expected the state root ${post.hash}, got ${root}` };
  return logs === post.logs ? 'executed' : { failure: `expected logs of hash ${post.logs}, got ${logs}` };
}

interface ExpectedRefusal {
  readonly subject: Subject;
  readonly accepted: readonly string[];
  readonly errors: EngineErrors;
}

async function judgeRefused(
  result: BlockResult | LanecastError,
  { subject: { post, trie }, accepted, errors }: ExpectedRefusal,
): Promise<Outcome> {
  if (!(result instanceof LanecastError)) return { failure: `executed, but expected ${accepted.join(' or ')}` };
  const error = engineErrorOf(result.message, errors);
  if (result.code !== 'EXECUTION_FAILED' || error === undefined || !accepted.includes(error)) {
    return { failure: `expected ${accepted.join(' or ')}, got ${result.code}: ${result.message}` };
  }
  const root = await trie.rootAfter(new Map());
  return root === post.hash ? 'refused' : { failure: `expected the pre-state's root ${root} to be ${post.hash}` };
}
