import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The program as it is installed, in a process of its own. */
export class ServiceProcess {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(flags: readonly string[]): Promise<ServiceProcess> {
    const main = fileURLToPath(new URL('../../cli/main.js', import.meta.url));
    const args = [main, 'serve', '--port', '0', '--no-store', '--rate-limit', '0', '--log-level', 'error', ...flags];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    return new ServiceProcess(child, await addressOf(child));
  }

  async post(path: string, body: string | Buffer): Promise<unknown> {
    const response = await fetch(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  /** Null where the system does not tell. */
  get residentBytes(): number | null {
    try {
      const status = readFileSync(`/proc/${this.#child.pid ?? 0}/status`, 'utf8');
      return 1_024 * Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]);
    } catch {
      return null;
    }
  }

  /** The exit code. */
  end(): Promise<number | null> {
    return new Promise((resolve) => {
      this.#child.once('exit', resolve);
      this.#child.kill('SIGTERM');
    });
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const url = /listening on (\S+)/.exec(text)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', (code) => reject(new Error(`the service ended with exit code ${code ?? -1}: ${text}`)));
  });
}
