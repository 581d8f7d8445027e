import { expect, it } from 'vitest';
import { describeCommandLine } from '../../../cli/report/page.js';

it.each([
  [['replay', '/data/blocks', '--report', '/home/me/out.html'], 'lanecast replay /data/blocks --report …/out.html'],
  [['replay', '--store=/var/x/store', '--policy', 'a,b'], 'lanecast replay --store=…/store --policy a,b'],
  [['evaluate', 'x', '--model', 'models/best/'], 'lanecast evaluate x --model …/best'],
  [['replay', 'x', '--train-on', 'generated:mainnet'], 'lanecast replay x --train-on generated:mainnet'],
  [['replay', 'https://user:secret@node:8545/v3/key', '--blocks', '2'], 'lanecast replay https://node:8545 --blocks 2'],
  [['replay', 'x', '--train-on', 'http://node/v3/key'], 'lanecast replay x --train-on http://node'],
  [['replay', 'x', '--train-on=http://node/v3/key'], 'lanecast replay x --train-on=http://node'],
  [['replay', "it's here"], "lanecast replay 'it'\\''s here'"],
])('the command line of %j says no more of folders than the source', (args, expected) => {
  expect(describeCommandLine(args)).toBe(expected);
});
