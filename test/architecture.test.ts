import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findImportViolations } from './helpers/import-rules.js';

const projectRoot = resolve(import.meta.dirname, '..');
const rooms = ['datasets', 'scheduler', 'executor', 'model', 'cli', 'server', 'bench'];

function projectFiles(): Map<string, string> {
  const paths = ['types.ts', 'errors.ts'].map((name) => join(projectRoot, name));
  for (const entry of readdirSync(projectRoot, { withFileTypes: true })) {
    if (!entry.isDirectory() || !rooms.includes(entry.name)) continue;
    for (const file of readdirSync(join(projectRoot, entry.name), { recursive: true, encoding: 'utf8' })) {
      const isAssembly = entry.name === 'executor' && file.startsWith('engine');
      if (file.endsWith('.ts') && !isAssembly) paths.push(join(projectRoot, entry.name, file));
    }
  }
  return new Map(paths.map((path) => [relative(projectRoot, path), readFileSync(path, 'utf8')]));
}

describe('import rules', () => {
  it('hold for every source file', () => {
    expect(findImportViolations(projectFiles())).toEqual([]);
  });

  const planted: [string, Record<string, string>, string][] = [
    [
      'a room reaches into one above it',
      { 'scheduler/a.ts': `import { x } from '../datasets/b.js';`, 'datasets/b.ts': 'export const x = 1;' },
      'scheduler/a.ts may not import datasets/b.ts',
    ],
    [
      'somebody imports the command line',
      { 'model/a.ts': `import type { X } from '../cli/b.js';` },
      'model/a.ts may not import cli/b.ts',
    ],
    [
      'the model uses the scheduler for more than types',
      { 'model/a.ts': `import { plan } from '../scheduler/plan.js';` },
      'model/a.ts may not import scheduler/plan.ts',
    ],
    [
      'the vocabulary imports a room',
      { 'types.ts': `import { x } from './datasets/b.js';` },
      'types.ts may not import datasets/b.ts',
    ],
    [
      'two files import the same heavy package',
      { 'cli/a.ts': `import 'piscina';`, 'executor/b.ts': `const p = await import('piscina');` },
      'piscina imported by cli/a.ts and executor/b.ts',
    ],
    [
      'two files import each other',
      { 'datasets/a.ts': `export * from './b.js';`, 'datasets/b.ts': `import './a.js';` },
      'cycle: datasets/a.ts → datasets/b.ts → datasets/a.ts',
    ],
    [
      'the worker reaches a forbidden package through another file',
      { 'executor/worker.ts': `import './b.js';`, 'executor/b.ts': `import '@tensorflow/tfjs';` },
      'worker entry executor/worker.ts reaches @tensorflow/tfjs',
    ],
    [
      'browser code uses the server for more than types',
      { 'server/dashboard/browser/a.ts': `import { x } from '../../b.js';` },
      'browser code server/dashboard/browser/a.ts may not import server/b.ts',
    ],
    [
      'browser code imports a package',
      { 'server/dashboard/browser/a.ts': `import { plot } from '@observablehq/plot';` },
      'browser code server/dashboard/browser/a.ts may not import @observablehq/plot',
    ],
    ['a default export', { 'cli/a.ts': 'export default 1;' }, 'cli/a.ts has a default export'],
    ['module-level mutable state', { 'cli/a.ts': 'let count = 0;' }, 'cli/a.ts has mutable state at module level'],
  ];
  it.each(planted)('catch a planted violation: %s', (_name, files, expected) => {
    expect(findImportViolations(new Map(Object.entries(files)))).toContain(expected);
  });

  it('let the model use the types of the scheduler', () => {
    const files = new Map([['model/a.ts', `import type { Plan } from '../scheduler/plan.js';`]]);
    expect(findImportViolations(files)).toEqual([]);
  });
});
