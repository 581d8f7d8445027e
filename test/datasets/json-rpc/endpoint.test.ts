import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEndpoint } from '../../../datasets/json-rpc/endpoint.js';

describe('the URL of a node', () => {
  it('keeps user and password out of itself and sends them', () => {
    const endpoint = parseEndpoint('http://me:p%40ss@node.example:8545/');
    expect(endpoint).toMatchObject({ url: 'http://node.example:8545/', name: 'http://node.example:8545' });
    expect(endpoint.headers).toEqual({ authorization: `Basic ${Buffer.from('me:p@ss').toString('base64')}` });
  });

  it('sends an authorization in place of user and password', () => {
    const endpoint = parseEndpoint('https://me:pass@node.example', 'Bearer aaa.bbb.ccc');
    expect(endpoint.headers).toEqual({ authorization: 'Bearer aaa.bbb.ccc' });
    expect(parseEndpoint('https://node.example', '').headers).toEqual({});
  });

  it('shows no key of path or query, and takes all secrets out of texts', () => {
    const { name, redact } = parseEndpoint(
      'https://me:pass-word@node.example/v3/0123456789abcdef?key=fedcba98',
      'Bearer aaa.bbb',
    );
    expect(name).toBe('https://node.example');
    expect(redact('no 0123456789abcdef, fedcba98, aaa.bbb, pass-word in v3')).toBe('no ***, ***, ***, *** in v3');
  });

  it.each(['http://', 'https://us er:secret@', 'ftp://node.example'])('refuses %s without showing it', (source) => {
    expect(() => parseEndpoint(source)).toThrow(/URL of the node is malformed/);
    expect(() => parseEndpoint(source)).not.toThrow(/secret/);
  });

  it('refuses an authorization that no header can hold', () => {
    expect(() => parseEndpoint('http://node.example', 'Bearer a\nb')).toThrow(/no header can hold/);
  });
});

/** Every character as bytes. */
function allEncoded(text: string): string {
  return Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

const FORMS: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  encodeURIComponent,
  (secret) => encodeURIComponent(secret).toLowerCase(),
  (secret) => encodeURIComponent(encodeURIComponent(secret)),
  allEncoded,
  (secret) => allEncoded(secret).toUpperCase(),
  (secret) => JSON.stringify(secret).slice(1, -1),
];

/** Lower case, because the forms change case; the beginning is nowhere in the text around. */
const secrets = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 24 })
  .filter((text) => !/^[.\s]*$/.test(text))
  .map((text) => `q7${text}`.toLowerCase());

const URLS: readonly [string, (secret: string) => string][] = [
  ['a password', (secret) => `https://me:${encodeURIComponent(secret)}@node.example/`],
  ['a user', (secret) => `https://${encodeURIComponent(secret)}@node.example/`],
  ['/v3/KEY', (secret) => `https://node.example/v3/${encodeURIComponent(secret)}`],
  ['/v2/KEY, all encoded', (secret) => `https://node.example/v2/${allEncoded(secret)}`],
  ['?key=KEY', (secret) => `https://node.example/?key=${encodeURIComponent(secret)}`],
  ['?KEY', (secret) => `https://node.example/?${encodeURIComponent(secret)}`],
];

describe('a secret of a URL', () => {
  it.each(URLS)('as %s is shown in none of its forms', (_name, urlOf) => {
    fc.assert(
      fc.property(secrets, fc.constantFrom(...FORMS), (secret, form) => {
        const { name, redact } = parseEndpoint(urlOf(secret));
        expect(name).toBe('https://node.example');
        expect(redact(`GET /v3/${form(secret)}?x=${form(secret)} refused`)).toBe('GET /v3/***?x=*** refused');
      }),
      { seed: 1 },
    );
  });

  it('is hidden where it is short and stands alone, not within words', () => {
    const { redact } = parseEndpoint('https://me:pw@node.example/v3/k1?v=a%2Fb');
    expect(redact('timeout for me:pw at /v3/k1, %2Fk1%2F, a/b and a%2fb')).toBe(
      'timeout for ***:*** at /v3/***, %2F***%2F, *** and ***',
    );
  });

  it('leaves the words of well-known paths in texts', () => {
    const { redact } = parseEndpoint('https://node.example/eth/mainnet/v1/rpc');
    expect(redact('eth_call on mainnet: no rpc method')).toBe('eth_call on mainnet: no rpc method');
  });
});
