import { LanecastError } from '../../errors.js';
import type { MeasuredVariant, RunSample, VariantName } from './document.js';

/** A way to run one block: what the run cost, and whether it came to the right, to be asked before the next run. */
export interface Contender {
  readonly variant: VariantName;
  readonly workers: number;
  /** Timed runs. */
  readonly rounds: number;
  /** Whether it takes part in the warm-up. */
  readonly warmsUp: boolean;
  readonly run: () => Promise<ContenderRun>;
}

export interface ContenderRun {
  readonly sample: Omit<RunSample, 'round'>;
  /** What is wrong with the result; null where nothing is. */
  readonly findProblem: () => string | null;
}

export interface Course {
  readonly rounds: number;
  readonly warmUpRounds: number;
  /** Before each round. */
  readonly settle: () => void;
  /** For a timed run that came to something else than it must. */
  readonly differs: (contender: Contender, problem: string) => void;
  /** For a run that came to no result; its contender takes no further part. */
  readonly giveUp: (contender: Contender, error: LanecastError) => void;
}

/** Runs the contenders in turn, each round starting with another one, so that no one has the better half of the time. */
export async function interleave(contenders: readonly Contender[], course: Course): Promise<MeasuredVariant[]> {
  const samples = new Map<Contender, RunSample[]>(contenders.map((contender) => [contender, []]));
  await warmUp(samples, course);
  for (let round = 0; round < course.rounds; round += 1) {
    course.settle();
    for (const contender of inTurn([...samples.keys()], round)) {
      if (!takesPart(contender, round, course.rounds)) continue;
      const outcome = await attempt(contender, course);
      if (outcome === null) samples.delete(contender);
      else samples.get(contender)?.push({ round, ...outcome });
    }
  }
  return [...samples].map(([{ variant, workers }, taken]) => ({ variant, workers, samples: taken }));
}

async function warmUp(samples: Map<Contender, RunSample[]>, course: Course): Promise<void> {
  for (let round = 0; round < course.warmUpRounds; round += 1) {
    for (const contender of [...samples.keys()].filter(({ warmsUp }) => warmsUp)) {
      try {
        await contender.run();
      } catch (error) {
        refuse(contender, error, course);
        samples.delete(contender);
      }
    }
  }
}

/** A timed run follows one of the same kind that is not timed, so that nobody pays for the caches that another has left. */
async function attempt(contender: Contender, course: Course): Promise<ContenderRun['sample'] | null> {
  try {
    if (contender.warmsUp) await contender.run();
    const { sample, findProblem } = await contender.run();
    const problem = findProblem();
    if (problem !== null) course.differs(contender, problem);
    return sample;
  } catch (error) {
    refuse(contender, error, course);
    return null;
  }
}

function refuse(contender: Contender, error: unknown, course: Course): void {
  if (!(error instanceof LanecastError)) throw error;
  course.giveUp(contender, error);
}

function inTurn<Item>(items: readonly Item[], round: number): Item[] {
  const first = items.length === 0 ? 0 : round % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

/** Fewer rounds than the others have are spread over theirs. */
function takesPart({ rounds: own }: Contender, round: number, rounds: number): boolean {
  const due = (count: number): number => Math.floor((count * Math.min(own, rounds)) / rounds);
  return due(round + 1) > due(round);
}
