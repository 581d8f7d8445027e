import { cpus, loadavg, totalmem } from 'node:os';
import type { BenchEnvironment } from './document.js';

/** How many threads wanted to run, over the last minute. */
export function loadAverage(): number {
  return loadavg()[0] ?? Number.NaN;
}

export function describeEnvironment(loadBefore: number): BenchEnvironment {
  const processors = cpus();
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryBytes: totalmem(),
    loadAverage: { before: loadBefore, after: loadAverage() },
  };
}
