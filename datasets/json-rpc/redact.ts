/** Shorter secrets are hidden where they stand alone: within words they would be everywhere. */
const LONG_SECRET = 8;
const BEFORE_WORD = '(?<=^|[^A-Za-z0-9]|%[0-9A-Fa-f]{2})';
const AFTER_WORD = '(?=$|[^A-Za-z0-9])';
/** Parts of paths that say what is asked for, not who asks. */
const PLAIN_PART = /^(?:v\d+|api|rpc|json-?rpc|eth|ethereum|mainnet|sepolia|holesky|hoodi|http|https|evm)$/i;

/**
 * Makes what takes secrets out of texts, `***` in their places: as they are, percent-encoded in part or whole (once or twice),
 * and as JSON writes them. `secrets` are not encoded; the longest go first, so that none leaves a part of another behind.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const distinct = [...new Set(secrets)].filter((secret) => secret !== '');
  const patterns = distinct.sort((a, b) => b.length - a.length).map(patternOf);
  return (text) => patterns.reduce((shown, pattern) => shown.replace(pattern, '***'), text);
}

/** What of path and query may be a key, decoded: every part of a path but well-known words, every value, names without one. */
export function secretParts(url: URL): string[] {
  const parts = url.pathname.split('/').filter((part) => !PLAIN_PART.test(part));
  const pairs = [...url.searchParams].map(([name, value]) => (value === '' ? name : value));
  return [...parts.map(decoded), ...pairs];
}

/** A percent sign that escapes nothing stands for itself. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function patternOf(secret: string): RegExp {
  const body = Array.from(secret, formsOf).join('');
  if (secret.length >= LONG_SECRET) return new RegExp(body, 'gu');
  const [before, after] = [/^[A-Za-z0-9]/.test(secret), /[A-Za-z0-9]$/.test(secret)];
  return new RegExp(`${before ? BEFORE_WORD : ''}${body}${after ? AFTER_WORD : ''}`, 'gu');
}

/** One character in all the ways in which it may be written. */
function formsOf(character: string): string {
  const bytes = Array.from(Buffer.from(character), (byte) => anyCase(byte.toString(16).padStart(2, '0')));
  const encoded = bytes.map((digits) => `%(?:25)?${digits}`).join('');
  const json = JSON.stringify(character).slice(1, -1);
  const plain = [json, character].map((form) => form.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  return `(?:${[...new Set([encoded, ...plain, ...(character === ' ' ? ['\\+'] : [])])].join('|')})`;
}

function anyCase(digits: string): string {
  return digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}
