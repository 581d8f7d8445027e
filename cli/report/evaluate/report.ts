import { renderPage, type PageFacts } from '../page.js';
import type { EvaluateReport } from '../../evaluate/document.js';
export function evaluateReport(document: EvaluateReport, facts: PageFacts): string {
  return renderPage({ title: `Evaluation on ${facts.source}`, facts, environment: document.environment, body: null });
}
