/**
 * What the integers that name a row number. `plain` ones mean themselves: selectors, codes, nothing. Negative numbers stand
 * for nothing whatever they would number.
 */
export type Numbered =
  | 'word'
  | 'key'
  | 'function'
  | 'codeFunction'
  | 'functionPair'
  | 'contractPair'
  | 'selectorPair'
  | 'codePair'
  | 'expression'
  | 'plain';

/** What the first and the second integer of a row's name number. */
export type ColumnNames = readonly [first: Numbered, second: Numbered];
