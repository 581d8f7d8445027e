import { LanecastError } from '../../errors.js';
import type { ReferenceExecutor } from '../../executor/reference/index.js';
import { MODEL_WITH_PRE_EXECUTION, type PreExecute } from '../../model/evaluation/pre-execution.js';
import type { BlockRecord, BlockSnapshot, SourceBlock } from '../../types.js';
import { recordOf } from '../record-of.js';

export interface LookAheadOptions {
  readonly executor: ReferenceExecutor;
  /** Blocks above this number are judged. */
  readonly trainUntil: number;
  /** Told once of a trace among the judged blocks. */
  readonly notice: (text: string) => void;
}

/**
 * Records blocks one at a time, and holds on to the snapshot of the current one, from which its transactions can be executed
 * ahead.
 */
export class LookAhead {
  readonly #options: LookAheadOptions;
  #current: BlockSnapshot | null = null;
  #judged = 0;
  #hasNoticed = false;

  constructor(options: LookAheadOptions) {
    this.#options = options;
  }

  /**
   * What each block did. History may be traces, and so may judged blocks after the first, of which the notice tells. Throws
   * what `recordOf` throws, and INVALID_ARGUMENT where the first judged block is a trace.
   */
  async *records(blocks: AsyncIterable<SourceBlock>): AsyncGenerator<BlockRecord> {
    for await (const block of blocks) {
      if (block.header.number > this.#options.trainUntil) this.#checkJudged(block);
      const record = await recordOf(block, this.#options.executor);
      this.#current = block.kind === 'record' ? null : block;
      yield record;
      this.#current = null;
    }
  }

  readonly looksInto = ({ header }: BlockRecord): boolean =>
    header.number > this.#options.trainUntil && this.#current?.header.number === header.number;

  readonly preExecute: PreExecute = async ({ number }, indices) => {
    if (this.#current?.header.number !== number) throw new Error(`block ${number} is not at hand to be executed ahead`);
    return this.#options.executor.preExecute(this.#current, indices);
  };

  #checkJudged({ kind, origin, header }: SourceBlock): void {
    this.#judged += 1;
    if (kind !== 'record') return;
    const problem = `${origin}, block ${header.number}: a trace can't be executed ahead`;
    if (this.#judged === 1) {
      throw new LanecastError('INVALID_ARGUMENT', `${problem}; --pre-execute is for executable blocks.`);
    }
    if (this.#hasNoticed) return;
    this.#hasNoticed = true;
    this.#options.notice(`${problem}; of such blocks ${MODEL_WITH_PRE_EXECUTION} says what the model says.`);
  }
}
