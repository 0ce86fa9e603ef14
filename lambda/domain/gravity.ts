/** Nine places on an image, as on a compass. */
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

/**
 * How a crop finds what it keeps by looking: `attention` goes for skin, saturation and detail, `entropy` for the part
 * that holds the most information.
 */
export const strategies = ['attention', 'entropy'] as const;
export type Strategy = (typeof strategies)[number];
