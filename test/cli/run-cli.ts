import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { run } from '../../cli/run.js';

export interface CliResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process and captures what it prints. */
export async function runCli(...args: readonly string[]): Promise<CliResult> {
  const [stdout, stderr] = [capture(process.stdout), capture(process.stderr)];
  try {
    const exitCode = await run(args);
    return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    stdout.restore();
    stderr.restore();
  }
}

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lanecast-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function capture(stream: NodeJS.WriteStream): { text(): string; restore(): void } {
  const parts: string[] = [];
  const spy = vi.spyOn(stream, 'write').mockImplementation((chunk) => {
    parts.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
    return true;
  });
  return { text: () => parts.join(''), restore: () => spy.mockRestore() };
}
