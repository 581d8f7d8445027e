import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';

/** The compiler's own types would change those of JavaScript's arrays in the whole program, so it is loaded without them. */
const COMPILER: string = 'assemblyscript/asc';

interface CompilerHost {
  readFile(name: string): string | null;
  writeFile(name: string, content: string | Uint8Array): void;
  listFiles(): string[];
}

interface Compiler {
  main(options: readonly string[], host: CompilerHost): Promise<{ readonly error: Error | null }>;
}

const SOURCES = resolve(import.meta.dirname, '../../../../executor/engine/assembly');
/** Idle workers look so often before they sleep: enough to be met there. */
const SPINS = 2;

/** In place of `atomic`: before each access, another worker may go on. */
const STEPPED = `
// @ts-ignore: decorator
@external('host', 'step')
declare function step(): void;
// @ts-ignore: decorator
@external('host', 'wait')
declare function waitFor(at: usize, expected: u32): i32;
// @ts-ignore: decorator
@external('host', 'notify')
declare function wakeUp(at: usize, count: i32): void;

export function load<T>(at: usize, offset: usize = 0): T { step(); return atomic.load<T>(at + offset); }
export function store<T>(at: usize, value: T, offset: usize = 0): void { step(); atomic.store<T>(at + offset, value); }
export function add<T>(at: usize, value: T): T { step(); return atomic.add<T>(at, value); }
export function sub<T>(at: usize, value: T): T { step(); return atomic.sub<T>(at, value); }
export function and<T>(at: usize, value: T): T { step(); return atomic.and<T>(at, value); }
export function or<T>(at: usize, value: T): T { step(); return atomic.or<T>(at, value); }
export function xchg<T>(at: usize, value: T): T { step(); return atomic.xchg<T>(at, value); }
export function cmpxchg<T>(at: usize, expected: T, value: T): T { step(); return atomic.cmpxchg<T>(at, expected, value); }
export function wait<T>(at: usize, expected: T, timeout: i64): i32 { step(); return waitFor(at, expected); }
export function notify(at: usize, count: i32): void { step(); wakeUp(at, count); }
`;

function stepped(text: string): string {
  const calls = text.replace(/\batomic\./g, 'stepped.').replace(/(const SPINS: i32 = )\d+/, `$1${SPINS}`);
  return calls === text ? text : `import * as stepped from './stepped';\n${calls}`;
}

/** The engine with a step before each atomic access, made resumable by Binaryen's asyncify. */
export async function buildStepped(): Promise<WebAssembly.Module> {
  const sources = new Map(
    readdirSync(SOURCES)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => [name, stepped(readFileSync(resolve(SOURCES, name), 'utf8'))] as const),
  );
  sources.set('stepped.ts', STEPPED);
  const { default: asc } = (await import(COMPILER)) as { readonly default: Compiler };
  const output: { binary: Uint8Array | null } = { binary: null };
  const options = [
    ...['index.ts', '-o', 'out.wasm', '-O3', '--runtime', 'stub', '--noAssert'],
    ...['--enable', 'simd,bulk-memory,threads', '--importMemory', '--sharedMemory'],
    ...['--maximumMemory', '65536', '--initialMemory', '64', '--runPasses', 'asyncify'],
  ];
  const { error } = await asc.main(options, {
    readFile: (name) => sources.get(name) ?? null,
    writeFile: (name, content) => {
      if (name === 'out.wasm' && typeof content !== 'string') output.binary = content;
    },
    listFiles: () => [],
  });
  if (error !== null || output.binary === null)
    throw new Error(`the engine can't be built: ${error?.message ?? 'no output'}`);
  return new WebAssembly.Module(new Uint8Array(output.binary));
}
