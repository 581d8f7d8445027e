import { checkHeader, createReferenceExecutor, type ReferenceExecutor } from '../../executor/reference/index.js';
import { createWasmExecutor, type WasmExecutor } from '../../executor/wasm/index.js';
import type { BlockResult, BlockSnapshot } from '../../types.js';
import type { BenchSettings, Failure } from './document.js';

/** What all measurements share: the engines, the settings, and what went wrong so far. */
export class Bench {
  readonly settings: BenchSettings;
  readonly engine: WasmExecutor;
  readonly reference: ReferenceExecutor = createReferenceExecutor();
  readonly notices: string[] = [];
  readonly #failures: Failure[] = [];
  readonly #say: (line: string) => void;

  constructor(settings: BenchSettings, say: (line: string) => void) {
    this.settings = settings;
    this.engine = createWasmExecutor({ workers: Math.max(...settings.workers) });
    this.#say = say;
  }

  wants(...sections: readonly BenchSettings['sections'][number][]): boolean {
    return sections.some((section) => this.settings.sections.includes(section));
  }

  /** Tells what is under way. */
  progress(line: string): void {
    this.#say(line);
  }

  notice(line: string): void {
    this.notices.push(line);
    this.#say(line);
  }

  fail(failure: Omit<Failure, 'times'>): void {
    const { block, variant, problem } = failure;
    const place = this.#failures.findIndex(
      (known) => known.block === block && known.variant === variant && known.problem === problem,
    );
    const known = this.#failures[place];
    if (known === undefined) {
      this.#failures.push({ ...failure, times: 1 });
      this.#say(`NOT VERIFIED: ${block}, ${variant}: ${problem}`);
    } else {
      this.#failures[place] = { ...known, times: known.times + 1 };
    }
  }

  get failures(): readonly Failure[] {
    return this.#failures;
  }

  hasFailed(block: string): boolean {
    return this.#failures.some((failure) => failure.block === block);
  }

  failDifferent(where: Pick<Failure, 'block' | 'variant'>, difference: string): void {
    this.fail({ ...where, problem: `differs from the reference: ${difference}` });
  }

  /** Is the result what the header of its block says? */
  verifyHeader({ snapshot, result }: Expected, block: string): void {
    const checks = Object.entries(checkHeader(snapshot, result));
    const wrong = checks.filter(([, isRight]) => isRight === false).map(([figure]) => figure);
    if (wrong.length === 0) return;
    this.fail({ block, variant: 'reference', problem: `differs from the header: ${wrong.join(', ')}` });
  }

  /** Between runs: what verification left behind must not be collected while the next one is timed. */
  settle(): void {
    globalThis.gc?.();
  }

  async close(): Promise<void> {
    await this.engine.close();
  }
}

export interface Expected {
  readonly snapshot: BlockSnapshot;
  readonly result: BlockResult;
}
