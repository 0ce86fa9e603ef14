/** What a picture shows. The first four are like photographs, the four of `graphic` have flat areas and hard edges. */
export const kinds = [
  'photo',
  'skin',
  'foliage',
  'night',
  'text',
  'screenshot',
  'line-art',
  'logo',
  'gradient',
  'noise',
  'captioned-photo',
  'screenshot-with-photo',
] as const;
export type Kind = (typeof kinds)[number];

/** Kinds that are judged together as well. */
export const groups = {
  photographic: ['photo', 'skin', 'foliage', 'night'],
  graphic: ['text', 'screenshot', 'line-art', 'logo'],
  mixed: ['captioned-photo', 'screenshot-with-photo'],
} as const satisfies Record<string, readonly Kind[]>;
export type Group = keyof typeof groups;

export const labels: Record<Kind | Group, string> = {
  photo: 'photographs of cameras',
  skin: 'skin (drawn)',
  foliage: 'foliage (drawn)',
  night: 'night (drawn)',
  text: 'text',
  screenshot: 'screenshots',
  'line-art': 'line art',
  logo: 'flat logos',
  gradient: 'gradients',
  noise: 'noise',
  'captioned-photo': 'photographs with a caption',
  'screenshot-with-photo': 'screenshots with a photograph',
  photographic: 'all like photographs',
  graphic: 'all of flat areas and hard edges',
  mixed: 'both mixtures',
};
