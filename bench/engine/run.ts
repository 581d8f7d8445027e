import type { PoliciesReport } from '../policies/document.js';
import { measurePolicies } from '../policies/measure.js';
import { parallelRows, perCoreRow, trackingRows } from './aggregate.js';
import { endToEndRows } from './aggregate-end-to-end.js';
import { summariseMainnet } from './aggregate-mainnet.js';
import { Bench } from './bench.js';
import type { BenchDocument, BenchSettings, EndToEnd, MeasuredBlock } from './document.js';
import { measureEndToEnd } from './end-to-end.js';
import { describeEnvironment, loadAverage } from './environment.js';
import { measureMainnet } from './mainnet.js';
import { measureBlock } from './measure-block.js';
import { erc20Block, generatedBlocks } from './workloads.js';

/** More than this of the machine is in use by others: what is measured then is not to be trusted. */
const BUSY_LOAD = 0.5;

export async function runBench(settings: BenchSettings, say: (line: string) => void): Promise<BenchDocument> {
  const bench = new Bench(settings, say);
  const loadBefore = loadAverage();
  if (loadBefore > BUSY_LOAD)
    bench.notice(`notice: the machine is busy (load ${loadBefore.toFixed(1)}); take times as rough`);
  if (globalThis.gc === undefined)
    bench.notice('notice: without --expose-gc, garbage is collected while runs are timed');
  try {
    const generated = await measureGenerated(bench);
    const endToEnd = bench.wants('end-to-end') ? await measureEndToEnd(bench, await erc20Block(bench)) : null;
    const mainnet = bench.wants('mainnet') ? await measureMainnet(bench) : null;
    const policies = bench.wants('policies') ? await measurePolicies(bench) : null;
    return documentOf(bench, { loadBefore, generated, endToEnd, mainnet, policies });
  } finally {
    await bench.close();
  }
}

async function measureGenerated(bench: Bench): Promise<MeasuredBlock[]> {
  const measured: MeasuredBlock[] = [];
  if (!bench.wants('per-core', 'tracking', 'parallel')) return measured;
  for await (const block of generatedBlocks(bench)) {
    const outcome = await measureBlock(bench, block, {
      reference: block.perCore && bench.wants('per-core'),
      tracked: block.perCore && bench.wants('tracking'),
      parallel: bench.wants('parallel'),
    });
    if (outcome !== null) measured.push(outcome);
  }
  return measured;
}

interface Measured {
  readonly loadBefore: number;
  readonly generated: readonly MeasuredBlock[];
  readonly endToEnd: EndToEnd | null;
  readonly mainnet: readonly MeasuredBlock[] | null;
  readonly policies: PoliciesReport | null;
}

function documentOf(bench: Bench, { loadBefore, generated, endToEnd, mainnet, policies }: Measured): BenchDocument {
  return {
    schema: 'lanecast.bench/1',
    environment: describeEnvironment(loadBefore),
    settings: bench.settings,
    perCore: bench.wants('per-core') ? generated.filter(({ perCore }) => perCore).flatMap(perCoreRow) : [],
    tracking: generated.flatMap(trackingRows),
    parallel: generated.flatMap(parallelRows),
    endToEnd: endToEnd && { measured: endToEnd, rows: endToEndRows(endToEnd) },
    mainnet: mainnet && summariseMainnet(mainnet),
    policies,
    blocks: [...generated, ...(mainnet ?? [])],
    notices: bench.notices,
    failures: bench.failures,
  };
}
