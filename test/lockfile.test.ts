import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const Entry = z.looseObject({
  version: z.string().optional(),
  resolved: z.string().optional(),
  optional: z.boolean().optional(),
  os: z.array(z.string()).optional(),
  cpu: z.array(z.string()).optional(),
  libc: z.array(z.string()).optional(),
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
});
