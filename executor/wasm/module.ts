import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LanecastError } from '../../errors.js';

/** What `npm run build` makes lies in dist/, seen from there (dist/executor/wasm/) and from the sources (executor/wasm/). */
function findBuilt(names: readonly string[]): URL {
  const place = names.map((name) => new URL(name, import.meta.url)).find((url) => existsSync(url));
  if (place === undefined) {
    throw new LanecastError(
      'EXECUTION_FAILED',
      `The engine is not built: ${names[0] ?? ''} is missing. Run \`npm run build\`.`,
    );
  }
  return place;
}

export function compileEngine(): WebAssembly.Module {
  return new WebAssembly.Module(
    new Uint8Array(readFileSync(findBuilt(['../../engine.wasm', '../../dist/engine.wasm']))),
  );
}

/** The file that worker threads run. */
export function workerFile(): string {
  return fileURLToPath(findBuilt(['./worker.js', '../../dist/executor/wasm/worker.js']));
}
