import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';

const projectRoot = resolve(import.meta.dirname, '../..');

/** The child runs TypeScript as vitest does: through vite. Its module does its work while it is loaded. */
const BOOT = `import { runnerImport } from 'vite';
await runnerImport(process.argv[1], { configFile: false, logLevel: 'error' });`;

/** Starts another process of this machine with a module of `test/datasets`; arguments come from `process.argv[2]` on. */
export function startChild(module: string, args: readonly string[]): ChildProcessWithoutNullStreams {
  const path = join(projectRoot, 'test/datasets', module);
  return spawn(process.execPath, ['--input-type=module', '-e', BOOT, path, ...args], { cwd: projectRoot });
}

/** Runs a child to its end and tells how it ended and what it wrote to stderr. */
export async function runChild(
  module: string,
  args: readonly string[],
): Promise<{ readonly signal: string | null; readonly exitCode: number | null; readonly errors: string }> {
  const child = startChild(module, args);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [exitCode, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { signal, exitCode, errors };
}
