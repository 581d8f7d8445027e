import type { Address } from '../../types.js';
import { NO_SELECTOR } from '../calls/decode.js';
import type { KeySpace } from '../tables/key-space.js';
import type { PairTable } from '../tables/pair-table.js';
import { SUBJECT_KINDS, type SubjectKind } from './subjects.js';

/** What the numbers that name subjects stand for. */
export interface NameSpace {
  readonly space: KeySpace;
  /** Numbers of (recipient, selector). */
  readonly functions: PairTable;
}

/** The two integers that name a subject of a kind. */
export interface SubjectNumbers {
  readonly kind: number;
  readonly first: number;
  readonly second: number;
}

/** How the parts of a name follow each other; a part is a word, or the selector of a call. */
const FORMS: Readonly<Record<SubjectKind, readonly Part[]>> = {
  function: ['address', 'selector'],
  code: ['hash', 'selector'],
  selector: ['selector'],
  sender: ['address', 'address', 'selector'],
  argument: ['address', 'address', 'selector'],
  neighbour: ['address'],
  own: ['address'],
  'argument-code': ['hash', 'selector'],
  contract: ['address'],
};
type Part = 'address' | 'hash' | 'selector';

const PATTERNS: Readonly<Record<Part, RegExp>> = {
  address: /^0x[0-9a-f]{40}$/,
  hash: /^0x[0-9a-f]{64}$/,
  // Calls with fewer than four bytes of input have none.
  selector: /^0x(?:[0-9a-f]{8})?$/,
};

/**
 * The canonical text of a subject, which does not depend on who numbered what: `0xADDRESS:0xSELECTOR` (function),
 * `0xCODEHASH:0xSELECTOR` (code, argument-code), `0xSELECTOR` (selector), `0xSENDER:0xRECIPIENT:0xSELECTOR` (sender),
 * `0xARGUMENT:0xRECIPIENT:0xSELECTOR` (argument), `0xADDRESS` (the others); lower case, `0x` for no selector.
 */
export function nameOfSubject({ space, functions }: NameSpace, { kind, first, second }: SubjectNumbers): string {
  const address = (word: number): Address => space.words.address(word);
  const called = (id: number): string => `${address(functions.first(id))}:${selectorText(functions.second(id))}`;
  switch (kindName(kind)) {
    case 'function':
      return called(first);
    case 'code':
    case 'argument-code':
      return `${space.words.hash(first)}:${selectorText(second)}`;
    case 'selector':
      return selectorText(first);
    case 'sender':
    case 'argument':
      return `${address(first)}:${called(second)}`;
    case 'neighbour':
    case 'own':
    case 'contract':
      return address(first);
  }
}

/** The way back; numbers what was not met before. Throws RangeError for a text that is no name of the kind. */
export function subjectOfName({ space, functions }: NameSpace, kind: SubjectKind, name: string): SubjectNumbers {
  const parts = name.split(':');
  const form = FORMS[kind];
  if (parts.length !== form.length || form.some((part, index) => !PATTERNS[part].test(parts[index] ?? ''))) {
    throw new RangeError(
      `expected the name of a subject of kind ${kind} (${form.join(':')}), got ${name.slice(0, 200)}`,
    );
  }
  const word = (index: number): number => space.words.addHex(parts[index] ?? '');
  const selector = selectorOf(parts.at(-1) ?? '');
  const numbers = (first: number, second = 0): SubjectNumbers => ({ kind: SUBJECT_KINDS.indexOf(kind), first, second });
  switch (kind) {
    case 'function':
      return numbers(functions.add(word(0), selector));
    case 'code':
    case 'argument-code':
      return numbers(word(0), selector);
    case 'selector':
      return numbers(selector);
    case 'sender':
    case 'argument':
      return numbers(word(0), functions.add(word(1), selector));
    case 'neighbour':
    case 'own':
    case 'contract':
      return numbers(word(0));
  }
}

/** Throws RangeError for a number that stands for no kind. */
export function kindName(kind: number): SubjectKind {
  const name = SUBJECT_KINDS[kind];
  if (name === undefined) throw new RangeError(`no such kind of subject: ${kind}`);
  return name;
}

function selectorText(selector: number): string {
  return selector === NO_SELECTOR ? '0x' : `0x${(selector >>> 0).toString(16).padStart(8, '0')}`;
}

function selectorOf(text: string): number {
  return text === '0x' ? NO_SELECTOR : Number(text) | 0;
}
