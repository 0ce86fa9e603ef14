/*
 * Colours as classes and not as CSS variables, which several viewers of SVG (librsvg among them) do not resolve. Each hue
 * has a contrast of at least 3:1 against the ground, in light and in dark.
 */
const hues = {
  ink: ['#16232a', '#e6edf0'],
  faint: ['#566870', '#9db0b8'],
  line: ['#d5dfe3', '#35424a'],
  ground: ['#ffffff', '#14191c'],
  sheet: ['#f3f6f8', '#1d2428'],
  blue: ['#2563b8', '#6ea8ff'],
  teal: ['#0b7f8c', '#4cc4cf'],
  green: ['#1d8048', '#5fce8d'],
  amber: ['#b86b00', '#f0b04a'],
  red: ['#c62f36', '#ff7f78'],
  violet: ['#7a4fb5', '#b798f0'],
  grey: ['#7b8b93', '#8698a1'],
} as const;

export type Hue = keyof typeof hues;

function rules(theme: 0 | 1): string {
  return Object.entries(hues)
    .map(([name, colours]) => `.f-${name}{fill:${colours[theme]}}.s-${name}{stroke:${colours[theme]}}`)
    .join('');
}

/** The style sheet of a chart: light, and dark where the reader prefers it. */
export const styleSheet = [
  'text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}',
  '.halo{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}',
  rules(0),
  `@media (prefers-color-scheme:dark){${rules(1)}}`,
].join('');

/** The class that fills with a hue. */
export const fill = (hue: Hue): string => `f-${hue}`;
/** The class that strokes with a hue. */
export const stroke = (hue: Hue): string => `s-${hue}`;
