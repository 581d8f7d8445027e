import type { LoadResult, ServeDocument } from './document.js';

export function renderServe({ environment, block, loads, sustained }: ServeDocument): string {
  const { node, cpu, cores, loadAverage } = environment;
  const lines = [
    `POST /v1/schedule with the ${block.transactions} transactions of block ${block.number}, ${block.learnedBlocks} blocks learned before.`,
    `Node ${node}, ${cores} × ${cpu}, load average ${loadAverage.before.toFixed(1)} before and ${loadAverage.after.toFixed(1)} after; ` +
      'the load generator runs beside the service.',
    '',
    '| section | body, kB | connections | asked for, /s | requests/s | p50, ms | p99, ms | worst, ms | errors |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...[...loads, ...(sustained === null ? [] : [sustained.load])].map(row),
  ];
  if (sustained !== null) {
    const samples = sustained.memory.map(
      ({ afterSeconds, residentBytes }) => `${afterSeconds} s: ${(residentBytes / 2 ** 20).toFixed(0)} MiB`,
    );
    lines.push('', `Resident memory of the service under sustained load: ${samples.join(', ')}.`);
  }
  return `${lines.join('\n')}\n`;
}

function row(load: LoadResult): string {
  const { section, bodyBytes, connections, targetPerSecond, requestsPerSecond, p50Ms, p99Ms, maxMs, errors } = load;
  const cells = [
    ...[section, (bodyBytes / 1_000).toFixed(0), connections, targetPerSecond ?? 'most'],
    ...[requestsPerSecond.toFixed(0), p50Ms, p99Ms, maxMs, errors],
  ];
  return `| ${cells.join(' | ')} |`;
}
