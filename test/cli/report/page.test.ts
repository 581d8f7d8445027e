import { expect, it } from 'vitest';
import { describeCommandLine } from '../../../cli/report/page.js';

it.each([
  [['replay', '/data/blocks', '--report', '/home/me/out.html'], 'lanecast replay /data/blocks --report …/out.html'],
  [['replay', '--store=/var/x/store', '--policy', 'a,b'], 'lanecast replay --store=…/store --policy a,b'],
  [['evaluate', 'x', '--model', 'models/best/'], 'lanecast evaluate x --model …/best'],
  [['replay', 'x', '--train-on', 'generated:mainnet'], 'lanecast replay x --train-on generated:mainnet'],
  [['replay', "it's here"], "lanecast replay 'it'\\''s here'"],
])('the command line of %j says no more of folders than the source', (args, expected) => {
  expect(describeCommandLine(args)).toBe(expected);
});
