/** Positions, named as on a compass. */
export const gravities = [
  'northwest',
  'north',
  'northeast',
  'west',
  'center',
  'east',
  'southwest',
  'south',
  'southeast',
] as const;
export type Gravity = (typeof gravities)[number];

/** Content-aware crops: `attention` prefers skin, saturation and detail, `entropy` the most information. */
export const strategies = ['attention', 'entropy'] as const;
export type Strategy = (typeof strategies)[number];
