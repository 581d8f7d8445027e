import { MultiBar, Presets } from 'cli-progress';

/** Progress of long work. Shown on stderr, and only where stderr is a terminal. */
export interface Progress {
  /** `total` may grow while the work is under way; null while it is unknown. */
  update(done: number, total: number | null, detail?: string): void;
  stop(): void;
}

const SILENT: Progress = { update: () => undefined, stop: () => undefined };

export function startProgress(label: string): Progress {
  if (!process.stderr.isTTY) return SILENT;
  const bars = new MultiBar(
    {
      stream: process.stderr,
      clearOnComplete: true,
      hideCursor: true,
      format: `${label} {bar} {done} {detail}`,
      barsize: 30,
    },
    Presets.shades_classic,
  );
  const bar = bars.create(1, 0, { done: '', detail: '' });
  return {
    update: (done, total, detail = '') => {
      bar.setTotal(Math.max(total ?? done + 1, 1));
      bar.update(done, { done: total === null ? `${done}` : `${done}/${total}`, detail });
    },
    stop: () => bars.stop(),
  };
}

/** Results, for people or for programs. */
export function printResult(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Everything that is not a result. */
export function printNotice(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Exactly one JSON document on stdout; bigints become decimal strings. */
export function printJson(document: unknown): void {
  printResult(JSON.stringify(document, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value), 1));
}
