import { LanecastError } from '../../errors.js';
import { decoded, redactor, secretParts } from './redact.js';

/** Where a node listens, with what must not be shown apart from what may. */
export interface Endpoint {
  /** Without user and password; its path and query may hold a key. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Scheme, host and port: for messages, and as the origin of blocks. */
  readonly name: string;
  /** Takes out of a text that came from elsewhere whatever must not be shown. */
  readonly redact: (text: string) => string;
}

/**
 * Reads `http(s)://[user:password@]host[:port][/path][?query]`. User and password become basic authentication; an
 * `authorization` (a bearer token, for example) is sent as it is, and takes their place. Throws INVALID_ARGUMENT.
 */
export function parseEndpoint(source: string, authorization?: string): Endpoint {
  const url = URL.canParse(source) ? new URL(source) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    // What can't be parsed may still hold a password.
    throw new LanecastError('INVALID_ARGUMENT', 'The URL of the node is malformed; expected http(s)://host:port/path.');
  }
  const [user, password] = [decoded(url.username), decoded(url.password)];
  [url.username, url.password, url.hash] = ['', '', ''];
  const basic = user === '' && password === '' ? undefined : `Basic ${toBase64(`${user}:${password}`)}`;
  const sent = authorization === undefined || authorization === '' ? basic : authorization;
  const secrets = [password, user, sent?.replace(/^\S+\s+/, '') ?? '', ...secretParts(url)];
  return {
    url: url.href,
    headers: sent === undefined ? {} : { authorization: checkHeader(sent) },
    name: `${url.protocol}//${url.host}`,
    redact: redactor(secrets),
  };
}

function checkHeader(value: string): string {
  if (/^[\t\x20-\x7e]+$/.test(value)) return value;
  throw new LanecastError(
    'INVALID_ARGUMENT',
    'The authorization for the node holds characters that no header can hold.',
  );
}

function toBase64(text: string): string {
  return Buffer.from(text).toString('base64');
}
