/** Names of the page's CSS variables: Observable10, told apart by colour-blind readers too, in an order of its own. */
export const COLOURS = {
  blue: 'var(--blue)',
  orange: 'var(--orange)',
  red: 'var(--red)',
  cyan: 'var(--cyan)',
  green: 'var(--green)',
  pink: 'var(--pink)',
  purple: 'var(--purple)',
  light: 'var(--light)',
  grey: 'var(--grey)',
  text: 'var(--text)',
  page: 'var(--page)',
} as const;

const OF_POLICIES: Readonly<Record<string, string>> = {
  sequential: COLOURS.grey,
  optimistic: COLOURS.red,
  adaptive: COLOURS.blue,
  oracle: COLOURS.green,
  'gas-sorted': COLOURS.orange,
  'critical-path': COLOURS.purple,
  'sender-spread': COLOURS.cyan,
  'same-contract': COLOURS.pink,
  smf: COLOURS.light,
};

export function colourOfPolicy(policy: string): string {
  return OF_POLICIES[policy] ?? COLOURS.grey;
}

/** Of ranks from the hottest on; beyond them nobody has a colour. */
export const RANK_COLOURS: readonly string[] = [
  ...[COLOURS.blue, COLOURS.red, COLOURS.orange, COLOURS.green],
  ...[COLOURS.purple, COLOURS.cyan, COLOURS.pink, COLOURS.light],
];
