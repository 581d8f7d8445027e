import { expect, it } from 'vitest';
import { markdownTable } from '../../../bench/policies/markdown.js';

it('a table of Markdown has text on the left and numbers on the right', () => {
  expect(markdownTable(['name', 'n'], [['first one', '1,000']])).toBe(
    ['| name      |     n |', '| --------- | ----: |', '| first one | 1,000 |'].join('\n'),
  );
});
