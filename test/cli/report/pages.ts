import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { judgeModel } from '../../../cli/evaluate/evaluate.js';
import type { EvaluateReport } from '../../../cli/evaluate/document.js';
import type { ReplayDocument } from '../../../cli/replay/document.js';
import type { PageFacts } from '../../../cli/report/page.js';
import { createReferenceExecutor } from '../../../executor/reference/index.js';
import type { BlockRecord } from '../../../types.js';
import { streamOf } from '../../model/blocks.js';
import { soundBlock, writeBlocks } from '../blocks-on-disk.js';
import { runCli } from '../run-cli.js';
import { tinyModel } from '../tiny-model.js';

export const FACTS: PageFacts = {
  source: 'blocks/',
  commandLine: 'lanecast replay blocks/',
  version: '1.2.3',
  date: new Date('2026-01-02T03:04:05Z'),
};

/** A replay of two blocks, the second of which is larger, with the report that the program wrote. */
export async function replayTwo(...args: readonly string[]): Promise<{
  readonly document: ReplayDocument;
  readonly page: string;
  readonly exitCode: number;
  readonly stderr: string;
}> {
  const folder = mkdtempSync(join(tmpdir(), 'lanecast-test-'));
  try {
    const blocks = writeBlocks(join(folder, 'blocks'), await soundBlock(7), await soundBlock(8, {}, 'prague', 3));
    const report = join(folder, 'out.html');
    const { exitCode, stdout, stderr } = await runCli(
      ...['replay', blocks, '--no-store', '--repeats', '1', '--workers', '2', '--simulate-workers', '2,4', '--json'],
      ...['--report', report, ...args],
    );
    return { document: JSON.parse(stdout) as ReplayDocument, page: readFileSync(report, 'utf8'), exitCode, stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Two small blocks are learned, two later ones judged. */
export async function evaluateFew(): Promise<EvaluateReport> {
  const executor = createReferenceExecutor();
  const records: BlockRecord[] = [];
  for (const number of [7, 8, 9, 10]) {
    const { record } = await executor.record(await soundBlock(number, {}, 'prague', 2), Array<number>(8).fill(1_000));
    records.push(record);
  }
  const baselines = ['sender-only', 'last-seen-keys-or-contract', 'gas-limit'];
  return judgeModel(streamOf(records), { trainUntil: 8, online: true, model: tinyModel(), baselines });
}

/** As much of an element as the tests look at. */
export interface Element {
  readonly textContent: string;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<Element>;
}

export function parsePage(page: string): Element {
  return (parseHTML(page) as unknown as { readonly document: { readonly documentElement: Element } }).document
    .documentElement;
}

export function textsOf(parent: Element, selector: string): string[] {
  return [...parent.querySelectorAll(selector)].map(({ textContent }) => textContent.replace(/\s+/g, ' ').trim());
}

/** All numbers of a document, however deep. */
export function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

/** What a page would fetch if it could. */
export function fetchedBy(page: string): string[] {
  const references = [...page.matchAll(/\b(?:src|href|action|srcset|xlink:href)\s*=\s*["']?([^"'\s>]+)/gi)];
  const urls = [...page.matchAll(/url\(\s*["']?([^"')]+)/gi), ...page.matchAll(/@import\s+([^;]+)/gi)];
  return [...references, ...urls].map(([, target = '']) => target).filter((target) => !/^(data:|#)/.test(target));
}
