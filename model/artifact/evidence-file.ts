import { Evidence } from '../evidence.js';
import { at } from '../numbers.js';
import type { Keccak256 } from '../tables/key-space.js';
import type { PairTable } from '../tables/pair-table.js';
import { SectionReader } from './section-reader.js';
import { SectionWriter } from './section-writer.js';

/** All of the evidence with its numbers intact, as a file of sections (`section-format.ts`). */
export function encodeEvidence(evidence: Evidence): Buffer {
  const to = new SectionWriter();
  saveEvidence(evidence, to);
  return to.finish();
}

/** The same as sections of a larger file. */
export function saveEvidence(evidence: Evidence, to: SectionWriter): void {
  to.float64('options', Float64Array.of(evidence.options.halfLifeBlocks, evidence.block));
  evidence.space.save(to.within('space'));
  evidence.contracts.save(to.within('contracts'));
  evidence.functions.save(to.within('functions'));
  evidence.codeFunctions.save(to.within('codeFunctions'));
  evidence.expressions.save(to.within('expressions'));
  evidence.slotValues.save(to.within('slotValues'));
  evidence.accesses.save(to.within('accesses'));
  evidence.accounts.save(to.within('accounts'));
  evidence.popularity.save(to.within('popularity'));
  evidence.pairs.save(to.within('pairs'));
  evidence.gasUsed.save(to.within('gasUsed'));
  evidence.executionNs.save(to.within('executionNs'));
}

/**
 * Evidence that predicts and learns to the bit as the saved one would. `file`: its path, for messages. Throws LanecastError
 * INVALID_INPUT where the file is truncated, corrupted or inconsistent, UNSUPPORTED where another version wrote it.
 */
export function decodeEvidence(bytes: Uint8Array, source: { file: string; keccak256: Keccak256 }): Evidence {
  return restoreEvidence(SectionReader.open(source.file, bytes), source.keccak256);
}

/** What `saveEvidence` wrote. Errors: as for `decodeEvidence`. */
export function restoreEvidence(from: SectionReader, keccak256: Keccak256): Evidence {
  const options = from.float64('options', 2);
  const [halfLifeBlocks, block] = [at(options, 0), at(options, 1)];
  if (!(halfLifeBlocks > 0) || !Number.isSafeInteger(block)) from.refuse('options', 'not a half-life and a block');
  const evidence = new Evidence({ keccak256, halfLifeBlocks, block });
  const { space } = evidence;
  space.restore(from.within('space'));
  evidence.contracts.restore(from.within('contracts'));
  restoreFunctions(evidence.functions, from.within('functions'), space.words.size);
  restoreFunctions(evidence.codeFunctions, from.within('codeFunctions'), space.words.size);
  evidence.expressions.restore(from.within('expressions'));
  evidence.slotValues.restore(from.within('slotValues'), space);
  evidence.accesses.restore(from.within('accesses'), evidence.expressions.size);
  evidence.accounts.restore(from.within('accounts'), evidence.expressions.size);
  evidence.popularity.restore(from.within('popularity'));
  evidence.pairs.restore(from.within('pairs'));
  evidence.gasUsed.restore(from.within('gasUsed'));
  evidence.executionNs.restore(from.within('executionNs'));
  return evidence;
}

/** Pairs of a word (or -1) and a selector. */
function restoreFunctions(table: PairTable, from: SectionReader, words: number): void {
  from.indices('firsts', { count: words, orNone: true });
  table.restore(from);
}
