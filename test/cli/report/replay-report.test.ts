import { beforeAll, describe, expect, it } from 'vitest';
import type { ReplayDocument } from '../../../cli/replay/document.js';
import { replayReport } from '../../../cli/report/replay/report.js';
import { formatFactor } from '../../../cli/table.js';
import { FACTS, fetchedBy, numbersIn, parsePage, replayTwo, textsOf, type Element } from './pages.js';

let replayed: Awaited<ReturnType<typeof replayTwo>>;
let page: Element;

beforeAll(async () => {
  replayed = await replayTwo();
  page = parsePage(replayed.page);
});

/** The document with something in its second block replaced. */
function planted(fields: Partial<ReplayDocument['blocks'][number]>): ReplayDocument {
  const { document } = replayed;
  return {
    ...document,
    blocks: document.blocks.map((block, index) => (index === 1 ? { ...block, ...fields } : block)),
  };
}

describe('the report of a replay', () => {
  it('is written beside the document, and said so', () => {
    expect(replayed.exitCode).toBe(0);
    expect(replayed.stderr).toMatch(/report written to .*out\.html/);
    expect(textsOf(page, 'h2')).toEqual([
      'Policies compared',
      'Block 8: what ran where',
      'What was predicted',
      'The next blocks',
      'Block by block',
      'How to read this',
    ]);
    expect(textsOf(page, 'h1')[0]).toMatch(/^Replay of .*blocks$/);
  });

  it('is one page that fetches and runs nothing', () => {
    expect(fetchedBy(replayed.page)).toEqual([]);
    expect(replayed.page).not.toMatch(/<script|<iframe|<object|\son\w+=/i);
    expect(replayed.page).toContain("default-src 'none'");
  });

  it('is the same for the same document', () => {
    expect(replayReport(replayed.document, FACTS)).toBe(replayReport(replayed.document, FACTS));
  });

  it('has no figure that the document has not', () => {
    const known = new Set(numbersIn(replayed.document));
    const shown = [...page.querySelectorAll('data')].map((each) => Number(each.getAttribute('value')));
    expect(shown.length).toBeGreaterThan(100);
    expect(shown.filter((value) => !known.has(value))).toEqual([]);
  });

  it('shows the summary row by row, real runs apart from simulated ones', () => {
    const [real = '', simulated = ''] = [...page.querySelectorAll('table')].map((table) =>
      textsOf(table, 'tbody tr').join('\n'),
    );
    for (const row of replayed.document.summary) {
      const start = `${row.policy}${row.workers}${formatFactor(row.speedup.total)}${formatFactor(row.speedup.min)}`;
      expect(
        (row.simulated ? simulated : real).split('\n').some((text) => text.replaceAll(' ', '').startsWith(start)),
      ).toBe(true);
    }
    expect(real.split('\n')).toHaveLength(4);
    expect(simulated.split('\n')).toHaveLength(6);
  });

  it('draws every execution of the chosen block', () => {
    const { picture } = replayed.document;
    expect(picture).toMatchObject({ number: 8, transactions: 12, workers: 4 });
    for (const { policy, executions } of picture?.lanes ?? []) {
      const [svg] = page.querySelectorAll(`svg[aria-label^="What ${policy} ran"]`);
      const titles = svg === undefined ? [] : textsOf(svg, 'rect title');
      expect(titles).toHaveLength(executions.length);
      expect(titles.filter((title) => title.includes('committed'))).toHaveLength(12);
    }
  });

  it('names the hot key, and connects whom the block’s conflicts connect', () => {
    const { picture, blocks } = replayed.document;
    const later = new Set(picture?.dependencies.map((dependency) => dependency.later));
    expect(later.size).toBe(blocks[1]?.dependentTransactions);
    expect(textsOf(page, '.key')).toHaveLength(picture?.hotKeys.length ?? 0);
    expect(textsOf(page, '.key')[0]).toContain(picture?.hotKeys[0]?.address);
  });

  it('says nothing of troubles where there are none, and all of them first where there are', () => {
    expect(textsOf(page, '.alarm')).toEqual([]);
    const [, second] = replayed.document.blocks;
    const runs = (second?.runs ?? []).map((run) => (run.policy === 'optimistic' ? { ...run, verified: false } : run));
    const document = planted({ header: { gasUsed: true, receiptsRoot: false, logsBloom: null }, runs });
    const leftOut = [{ code: 'INVALID_INPUT', message: 'blocks/9.json: no block' }];
    const broken = parsePage(replayReport({ ...document, leftOut }, FACTS));
    const [first = '', ...others] = textsOf(broken, '.alarm li');
    expect(first).toMatch(
      /^Block 8 .*receipts of the header; optimistic on 2 threads; optimistic on 2 simulated workers/,
    );
    expect(others).toEqual(['Left out: blocks/9.json: no block']);
    expect(textsOf(broken, '.facts .wrong')).toEqual(['1 of 2']);
  });

  it('escapes what comes from outside', () => {
    const evil = `"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;`;
    const document = planted({ origin: evil, sequentialVerified: false, fallback: evil });
    const { picture } = document;
    const hotKeys = (picture?.hotKeys ?? []).map((key) => ({ ...key, address: evil, slot: evil }));
    const named = { ...document, picture: picture === null ? null : { ...picture, hotKeys } };
    const facts = { ...FACTS, source: evil, commandLine: evil };
    const text = replayReport({ ...named, environment: { ...document.environment, cpu: evil } }, facts);
    expect(text).not.toMatch(/<script|<img/);
    const parsed = parsePage(text);
    expect(textsOf(parsed, 'h1')).toEqual([`Replay of ${evil}`]);
    expect(textsOf(parsed, 'footer code')).toEqual([evil]);
    expect([...parsed.querySelectorAll('script, img')]).toEqual([]);
  });

  it('of no blocks says so', () => {
    const nothing = { ...replayed.document, blocks: [], summary: [], criticalPathBound: null, picture: null };
    expect(textsOf(parsePage(replayReport(nothing, FACTS)), '.lead')).toEqual(['No block was replayed.']);
  });
});

describe('--report-block', () => {
  it('draws the block that is named', async () => {
    const { document, exitCode } = await replayTwo('--report-block', '7', '--policy', 'optimistic');
    expect([exitCode, document.picture?.number]).toEqual([0, 7]);
    const wallNs = document.blocks[0]?.runs.find(({ simulated, workers }) => simulated && workers === 4)?.wallNs;
    expect(document.picture?.lanes).toMatchObject([{ policy: 'optimistic', wallNs }]);
  });

  it('writes all the same where there is no such block, and says so', async () => {
    const { document, exitCode, stderr, page: text } = await replayTwo('--report-block', '9', '--policy', 'sequential');
    expect([exitCode, document.picture?.number]).toEqual([2, 8]);
    expect(stderr).toMatch(/--report-block 9: no such block/);
    expect(text).toContain('</html>');
  });
});
