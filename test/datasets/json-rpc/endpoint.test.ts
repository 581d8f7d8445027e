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
