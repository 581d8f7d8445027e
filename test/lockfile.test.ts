import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const Entry = z.looseObject({
  version: z.string().optional(),
  resolved: z.string().optional(),
  optional: z.boolean().optional(),
  /** Needed by an optional package and for development, by nothing else. */
  devOptional: z.boolean().optional(),
  os: z.array(z.string()).optional(),
  cpu: z.array(z.string()).optional(),
  libc: z.array(z.string()).optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});

const { packages } = z
  .looseObject({ packages: z.record(z.string(), Entry) })
  .parse(JSON.parse(readFileSync(resolve(import.meta.dirname, '../package-lock.json'), 'utf8')));

/** The platforms that chdb has a native library for; npm leaves out of the lock what its registry does not have. */
const PLATFORMS = [
  ['@chdb/lib-darwin-arm64', { os: ['darwin'], cpu: ['arm64'] }],
  ['@chdb/lib-darwin-x64', { os: ['darwin'], cpu: ['x64'] }],
  ['@chdb/lib-linux-arm64-gnu', { os: ['linux'], cpu: ['arm64'], libc: ['glibc'] }],
  ['@chdb/lib-linux-x64-gnu', { os: ['linux'], cpu: ['x64'], libc: ['glibc'] }],
] as const;

/** Where npm finds what a package depends on: in its own folder, or in one further up. */
function locate(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (packages[path] !== undefined) return path;
    if (folder === '') return undefined;
  }
}

/** The package and all that it needs, however far; a package that is not in the lock is listed by name. */
function withDependencies(name: string): string[] {
  const reached = new Set([`node_modules/${name}`]);
  for (const path of reached) {
    for (const dependency of Object.keys(packages[path]?.dependencies ?? {})) {
      reached.add(locate(path, dependency) ?? dependency);
    }
  }
  return [...reached];
}

describe('package-lock.json', () => {
  it('names no registry', () => {
    const resolved = Object.entries(packages).filter(([, entry]) => entry.resolved?.startsWith('http') === true);
    expect(resolved).toEqual([]);
  });

  it('knows all platforms of chdb', () => {
    const wanted = packages['node_modules/chdb']?.optionalDependencies ?? {};
    expect(Object.keys(wanted).sort()).toEqual(PLATFORMS.map(([name]) => name));
  });

  it.each(PLATFORMS)(
    'has %s as an optional package of its platform, in the version that chdb wants',
    (name, platform) => {
      const version = packages['node_modules/chdb']?.optionalDependencies?.[name];
      expect(packages[`node_modules/${name}`]).toMatchObject({ ...platform, version, optional: true });
    },
  );

  // Its install script downloads a library; where that fails npm drops it, and must know all of it elsewhere.
  it('has @tensorflow/tfjs-node and all that it needs, as optional as it is', () => {
    const needed = withDependencies('@tensorflow/tfjs-node');
    const always = new Set(Object.keys(packages['']?.dependencies ?? {}).flatMap(withDependencies));
    expect(needed.length).toBeGreaterThan(50);
    expect(needed.filter((path) => packages[path] === undefined)).toEqual([]);
    const optional = (path: string): boolean => (packages[path]?.optional ?? packages[path]?.devOptional) === true;
    expect(needed.filter((path) => !always.has(path) && !optional(path))).toEqual([]);
    expect(packages['node_modules/@tensorflow/tfjs-node']).toMatchObject({ version: '4.22.0', optional: true });
  });
});
