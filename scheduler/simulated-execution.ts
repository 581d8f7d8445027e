import { at } from './rows.js';
import { END_OF_READ, type SimulatedMemory } from './simulated-memory.js';
import type { FinalExecution, FinalRead } from './simulated-run.js';

/** The last execution of a transaction so far. */
export interface Execution {
  readonly startCost: number;
  readonly finishCost: number;
  /** What its reads saw, as `SimulatedMemory.read` appends it. */
  readonly versions: readonly number[];
  readonly readTimes: readonly number[];
}

export function describeExecution(execution: Execution, memory: SimulatedMemory, index: number): FinalExecution {
  const { startCost, finishCost } = execution;
  return {
    ...{ incarnation: memory.incarnations(index) - 1, startCost, finishCost },
    reads: describeReads(execution, memory, index),
  };
}

function describeReads({ versions, readTimes }: Execution, memory: SimulatedMemory, index: number): FinalRead[] {
  const firstRead = at(memory.readOffsets, index);
  let place = 0;
  return readTimes.map((atCost, read) => {
    const [sources, sourceIncarnations]: [number[], number[]] = [[], []];
    for (; at(versions, place) !== END_OF_READ; place += 2) {
      sources.push(at(versions, place));
      sourceIncarnations.push(at(versions, place + 1));
    }
    place++;
    return {
      ...{ key: at(memory.readKeys, firstRead + read), atCost },
      ...{ sources: sources.reverse(), sourceIncarnations: sourceIncarnations.reverse() },
    };
  });
}
