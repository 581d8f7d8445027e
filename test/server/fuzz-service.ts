import fc from 'fast-check';
import { connect } from 'node:net';
import { expect } from 'vitest';
import { executedBlock, question } from './blocks.js';
import type { TestService } from './service.js';

/** What may be sent: a path, and a body as text. */
interface Sent {
  readonly path: string;
  readonly body: string;
}

const PATHS = ['/v1/conflicts', '/v1/schedule', '/v1/observations'] as const;
const NASTY: readonly unknown[] = [
  ...[
    null,
    true,
    -1,
    1e308,
    2 ** 53,
    0.1,
    '',
    '0x',
    '0xzz',
    '-0x1',
    `0x${'f'.repeat(5_000)}`,
    '9'.repeat(500),
    '\u0000',
    '\ud800',
  ],
  ...[[], {}, [[]], { __proto__: null }, { constructor: 1 }, 'NaN', 'Infinity', '1e999'],
];
const TEXTS = [
  '1e999',
  '-',
  '{',
  '"\\ud800"',
  'nul',
  '{"a":1,}',
  '[1e400]',
  '\u0000',
  '\ufeff{}',
  '{"transactions":[]}}',
];

/** A document in which one value, anywhere, is another. */
function mutated(document: unknown): fc.Arbitrary<string> {
  const paths = pathsOf(document);
  return fc
    .tuple(fc.constantFrom(...paths), fc.oneof(fc.constantFrom(...NASTY), fc.jsonValue({ maxDepth: 3 })))
    .map(([path, value]) => JSON.stringify(replaced(document, path, value)));
}

function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, inner]) => pathsOf(inner, [...path, name]))];
}

function replaced(document: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  const copy: Record<string, unknown> = { ...(document as Record<string, unknown>) };
  copy[name] = replaced(copy[name], rest, value);
  return Array.isArray(document) ? Object.values(copy) : copy;
}

const nested = fc
  .tuple(fc.constantFrom('[', '{"a":', '{"transactions":['), fc.integer({ min: 100, max: 50_000 }))
  .map(([open, depth]) => open.repeat(depth));
const cut = fc
  .tuple(fc.constantFrom(JSON.stringify(question()), JSON.stringify(executedBlock(1))), fc.nat(2_000))
  .map(([text, length]) => text.slice(0, length));

const sent: fc.Arbitrary<Sent> = fc.record({
  path: fc.constantFrom(...PATHS),
  body: fc.oneof(
    ...[mutated(question(2)), mutated({ ...question(1), mode: 'reorder', workers: 2, feeTolerance: 0.5 })],
    ...[
      mutated(executedBlock(3, { senders: 2 })),
      nested,
      cut,
      fc.constantFrom(...TEXTS),
      fc.string({ maxLength: 200 }),
    ],
  ),
});

/** Sends whatever, and expects an answer that says what is wrong: never 5xx, never a connection that breaks. */
export async function fuzzService(
  service: TestService,
  { seed, numRuns }: { readonly seed: number; readonly numRuns: number },
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(sent, async ({ path, body }) => {
      const { status, text } = await service.post(path, body);
      expect(status, `${path}: ${text.slice(0, 300)}`).toBeLessThan(500);
    }),
    { seed, numRuns },
  );
  expect((await service.post('/v1/schedule', question())).status).toBe(200);
}

/** Too many bytes, and bytes that come to no end. */
export async function fuzzSizes(service: TestService, bytes: number): Promise<void> {
  for (const path of PATHS) {
    const { status } = await service.post(path, 'x'.repeat(bytes));
    expect([400, 413]).toContain(status);
  }
  await hangUp(
    service,
    'POST /v1/schedule HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"tr',
  );
  await hangUp(service, 'POST /v1/schedule HTTP/1.1\r\nhost: x\r\n');
  expect((await service.get('/healthz')).status).toBe(200);
}

/** A client that goes in the middle of its request. */
function hangUp(service: TestService, text: string): Promise<void> {
  const { hostname, port } = new URL(service.listening.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text, () => socket.destroy()));
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
}
