/** The whole look of a report. Nothing in it is fetched. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #fff; --panel: #f6f7f9; --line: #dfe2e8; --text: #1b1f27; --muted: #5b6472; --lane: #eceef2;
  --alarm: #b3121d; --alarm-page: #fdecec; --good: #17713a;
  --blue: #4269d0; --ran: #4269d0; --orange: #efb118; --red: #ff725c; --cyan: #6cc5b0; --green: #3ca951; --pink: #ff8ab7;
  --purple: #a463f2; --light: #97bbf5; --grey: #9498a0;
  --plot-background: var(--page);
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171c; --panel: #1c2027; --line: #323843; --text: #e6e9ee; --muted: #a0a9b6; --lane: #252a33;
    --alarm: #ff9c9c; --alarm-page: #3a1719; --good: #6fd18f;
    --blue: #6f8fe8;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 1100px; padding: 24px 16px 48px; background: var(--page); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums;
}
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 40px 0 8px; padding-top: 16px; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 20px 0 4px; }
p { margin: 8px 0; max-width: 75ch; }
.lead { font-size: 1.05rem; }
.muted, figcaption, dt, caption { color: var(--muted); }
code { font: 0.9em ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 20px 0; padding: 0; }
.facts div { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px; }
.facts dt { font-size: 0.85rem; }
.facts dd { margin: 0; font-size: 1.35rem; font-weight: 600; line-height: 1.35; }
.facts small { display: block; font-size: 0.8rem; font-weight: 400; color: var(--muted); }
.alarm { background: var(--alarm-page); color: var(--alarm); border: 2px solid var(--alarm); border-radius: 8px; padding: 12px 16px; margin: 20px 0; }
.alarm h2 { margin: 0 0 4px; padding: 0; border: 0; }
.alarm ul { margin: 4px 0; padding-left: 20px; overflow-wrap: anywhere; }
.wrong { color: var(--alarm); font-weight: 600; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 12px 32px; }
figure { margin: 12px 0; min-width: 0; }
figure .scroll svg { display: block; max-width: 100%; height: auto; }
figure svg text, figure svg tspan { white-space: pre; }
.pair .scroll svg { width: 100%; max-width: 520px; }
figcaption { font-size: 0.9rem; max-width: 75ch; }
figcaption strong { color: var(--text); }
.scroll { overflow-x: auto; max-width: 100%; }
.wide .scroll svg { width: 100%; min-width: 900px; max-width: none; }
.tall { max-height: 560px; overflow-y: auto; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; list-style: none; margin: 6px 0; padding: 0; font-size: 0.9rem; }
.legend li { display: inline-flex; align-items: center; gap: 6px; }
.legend svg { flex: none; width: 18px; height: 12px; }
table { border-collapse: collapse; font-size: 0.86rem; width: 100%; }
th, td { padding: 4px 8px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 600; color: var(--muted); vertical-align: bottom; background: var(--page); }
thead th { position: sticky; top: 0; z-index: 1; white-space: normal; min-width: 7ch; line-height: 1.3; }
th:first-child, td:first-child { padding-left: 0; }
.left { text-align: left; }
.key { white-space: normal; min-width: 210px; }
.scroll + .muted { font-size: 0.85rem; }
tbody tr:hover td { background: var(--panel); }
.own td { font-weight: 600; }
.swatch { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 6px; }
footer { margin-top: 48px; padding-top: 12px; border-top: 1px solid var(--line); font-size: 0.9rem; }
footer dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 0; }
footer dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }
@media (max-width: 520px) { body { font-size: 15px; padding-top: 16px; } footer dl { grid-template-columns: 1fr; } footer dd { margin-bottom: 6px; } }
@media print { body { max-width: none; } .tall { max-height: none; } figure, table { break-inside: avoid; } }
`;
