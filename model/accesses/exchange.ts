import type {
  BlockExpressions,
  CallExpressions,
  CallSubject,
  SlotExpression,
  SubjectStatistics,
} from '../../datasets/store/index.js';
import type { BlockRecord } from '../../types.js';
import type { Evidence } from '../evidence.js';
import { at } from '../numbers.js';
import { CountList } from './expression-counts.js';
import type { Expressions } from './expressions.js';
import type { ToldCall, ToldUse } from './learn.js';
import { kindName, nameOfSubject, subjectOfName, type NameSpace } from './names.js';
import type { AccessStatistics } from './statistics.js';

/** Learns an executed block and answers what its calls taught about accesses, as the store takes it. */
export function learnExpressions(evidence: Evidence, record: BlockRecord): BlockExpressions {
  const calls: CallExpressions[] = [];
  evidence.learn(record, { told: (told) => calls.push(callExpressions(evidence, told)) });
  return { chainId: record.chainId, number: record.header.number, hash: record.header.hash, calls };
}

/** What a call taught, free of numbers that only this evidence knows. */
export function callExpressions(names: NameSpace, { call, subjects, uses }: ToldCall): CallExpressions {
  return {
    transactionIndex: call.transaction.index,
    subjects: subjects.kinds.map((kind, index): CallSubject => {
      const numbers = { kind, first: at(subjects.firsts, index), second: at(subjects.seconds, index) };
      const self = at(subjects.selves, index);
      return {
        kind: kindName(kind),
        subject: nameOfSubject(names, numbers),
        self: self < 0 ? null : names.space.words.address(self),
      };
    }),
    uses: slotExpressions(names, uses),
  };
}

/** Of uses that are told alike the last one counts, as it does in the statistics. */
function slotExpressions({ space }: NameSpace, uses: readonly ToldUse[]): SlotExpression[] {
  const byText = new Map(uses.map((use) => [`${use.address}|${use.slot}`, use]));
  return [...byText.values()].map(({ address, named, slot, written }) => ({
    address: space.words.address(address),
    named,
    slot,
    written,
  }));
}

export interface StatisticsTarget extends NameSpace {
  readonly accesses: AccessStatistics;
  readonly expressions: Expressions;
}

/**
 * Fills statistics of accesses with what the store computed, and answers the number of subjects. Throws RangeError for a
 * subject that has a history already, or that is not named as `nameOfSubject` does.
 */
export async function importStatistics(
  target: StatisticsTarget,
  rows: AsyncIterable<SubjectStatistics> | Iterable<SubjectStatistics>,
): Promise<number> {
  let subjects = 0;
  for await (const row of rows) {
    importSubject(target, row);
    subjects += 1;
  }
  return subjects;
}

function importSubject(target: StatisticsTarget, row: SubjectStatistics): void {
  const { kind, first, second } = subjectOfName(target, row.kind, row.subject);
  const subject = target.accesses.get(kind, first, second);
  if (subject.calls > 0) throw new RangeError(`the ${row.kind} ${row.subject} has a history already`);
  const list = new CountList();
  for (const [text, reads, writes] of row.expressions) list.add(target.expressions.of(text), reads, writes);
  subject.set({ calls: row.calls, block: row.block, counts: list.pack() });
}
