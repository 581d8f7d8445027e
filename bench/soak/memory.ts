const MEBIBYTE = 2 ** 20;

/** What the process holds after so many blocks. */
export interface MemorySample {
  readonly blocks: number;
  readonly residentBytes: number;
  readonly externalBytes: number;
  /** Of JavaScript objects, after a collection where that can be asked for. */
  readonly objectBytes: number;
  /** The most that a block took of the engine's heap since the sample before. */
  readonly heapBytes: number;
}

export function sampleMemory(blocks: number, heapBytes: number): MemorySample {
  globalThis.gc?.();
  const { rss, external, heapUsed } = process.memoryUsage();
  return { blocks, residentBytes: rss, externalBytes: external, objectBytes: heapUsed, heapBytes };
}

/** Growth from the end of the warm-up, which is the first half, to the last quarter. */
export interface MemoryGrowth {
  readonly residentBytes: number;
  readonly externalBytes: number;
  readonly objectBytes: number;
}

const FEWEST_SAMPLES = 4;

/** Null where there are too few samples to tell. */
export function growthOf(samples: readonly MemorySample[]): MemoryGrowth | null {
  if (samples.length < FEWEST_SAMPLES) return null;
  const early = samples.slice(Math.floor(samples.length / 4), Math.floor(samples.length / 2));
  const late = samples.slice(-Math.floor(samples.length / 4));
  const growth = (pick: (sample: MemorySample) => number): number =>
    Math.min(...late.map(pick)) - Math.max(...early.map(pick));
  return {
    residentBytes: growth(({ residentBytes }) => residentBytes),
    externalBytes: growth(({ externalBytes }) => externalBytes),
    objectBytes: growth(({ objectBytes }) => objectBytes),
  };
}

export function inMebibytes(sizeBytes: number): string {
  return (sizeBytes / MEBIBYTE).toFixed(1);
}
