import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EvaluateReport } from '../../../cli/evaluate/document.js';
import { formatScore } from '../../../cli/evaluate/render.js';
import { evaluateReport } from '../../../cli/report/evaluate/report.js';
import { runCli, temporaryFolder } from '../run-cli.js';
import { evaluateFew, FACTS, fetchedBy, numbersIn, parsePage, textsOf } from './pages.js';

let document: EvaluateReport;

beforeAll(async () => {
  document = await evaluateFew();
});

describe('the report of an evaluation', () => {
  it('is one page that fetches and runs nothing, and is the same for the same document', () => {
    const page = evaluateReport(document, FACTS);
    expect(fetchedBy(page)).toEqual([]);
    expect(page).not.toMatch(/<script/);
    expect(evaluateReport(document, FACTS)).toBe(page);
  });

  it('has no figure that the document has not', () => {
    const known = new Set(numbersIn(document));
    const page = parsePage(evaluateReport(document, FACTS));
    const shown = [...page.querySelectorAll('data')].map((each) => Number(each.getAttribute('value')));
    expect(shown.length).toBeGreaterThan(40);
    expect(shown.filter((value) => !known.has(value))).toEqual([]);
  });

  it('compares the model with each baseline', () => {
    const page = parsePage(evaluateReport(document, FACTS));
    const [svg] = page.querySelectorAll('svg[aria-label^="Conflicts through storage slots"]');
    const titles = svg === undefined ? [] : textsOf(svg, 'title');
    const { model, baselines } = document.conflicts;
    for (const [name, scores] of Object.entries({ model, ...baselines })) {
      if (scores?.f1 !== undefined && scores.f1 !== null)
        expect(titles).toContain(`${name}: F1 ${formatScore(scores.f1)}`);
    }
    expect(textsOf(page, 'tr.own td:first-child')).toContain('model');
  });

  it('does without a model, and without predictions to calibrate', () => {
    const { conflicts, perTransaction } = document;
    const bare: EvaluateReport = {
      ...document,
      reliability: null,
      errors: null,
      conflicts: { ...conflicts, model: null },
      perTransaction: { ...perTransaction, dependent: null, latestBlockerAccuracy: null },
      perBlock: [],
    };
    expect(textsOf(parsePage(evaluateReport(bare, FACTS)), 'section p').join()).toContain('no pair a probability');
  });

  it('is not begun where it could not be written', async () => {
    const folder = temporaryFolder();
    const refused = await runCli('evaluate', folder, '--train-until', '1', '--report', join(folder, 'none', 'x.html'));
    expect(refused).toMatchObject({ exitCode: 2, stdout: '' });
    expect(refused.stderr).toMatch(/--report: .*cannot be written/);
  });
});
