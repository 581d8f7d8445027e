import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const FOLDER = new URL('../../../../executor/wasm/precompiles/', import.meta.url);

/** By what is imported, the files that do. */
function importers(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const file of readdirSync(FOLDER)) {
    const content = readFileSync(new URL(file, FOLDER), 'utf8');
    for (const [, name = ''] of content.matchAll(/from '([^']+)'/g)) {
      if (!name.startsWith('./')) found.set(name, [...(found.get(name) ?? []), file]);
    }
  }
  return found;
}

describe('the precompiles, which every worker thread loads', () => {
  test('import little, and each package in one place', () => {
    expect(Object.fromEntries(importers())).toEqual({
      '../../../errors.js': ['kernels.ts'],
      '../../../types.js': ['call.ts'],
      '@bitauth/libauth/build/lib/crypto/secp256k1.js': ['ecrecover.ts'],
      'hash-wasm': ['hashes.ts'],
      'mcl-wasm/dist/mcl_c.js': ['curve.ts'],
      'node:crypto': ['modular-power.ts', 'point-evaluation.ts'],
      'node:fs': ['kernels.ts'],
    });
  });
});
