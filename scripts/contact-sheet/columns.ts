import sharp from 'sharp';
import { gravities } from '../../lambda/domain/gravity.ts';
import type { SluiceConfig } from '../../lib/config/schema.ts';

type Preset = SluiceConfig['presets'][string];
type Watermark = NonNullable<SluiceConfig['watermarks']>[string];

/** One column: a preset of one format, with its watermarks. */
export interface Column {
  group: string;
  title: string;
  preset: Preset;
  watermarks?: Watermark[];
}

/** Pixels of a variant's longer side: twice the displayed size, some 5 kB each. */
const side = 180;
const box = { width: side, height: side, formats: ['webp' as const] };
const still: Preset = { ...box, animation: 'first' };

const logo = { type: 'image', path: 'assets/logo.png' } as const;
const word = { type: 'text', text: 'Sluice', gravity: 'center', scale: 0.6, opacity: 0.9 } as const;

const group = (name: string, columns: Record<string, Preset>): Column[] =>
  Object.entries(columns).map(([title, preset]) => ({ group: name, title, preset }));
const marked = (name: string, columns: Record<string, Watermark | Watermark[]>): Column[] =>
  Object.entries(columns).map(([title, marks]) => ({
    group: name,
    title,
    preset: still,
    watermarks: [marks].flat(),
  }));

const band = {
  width: side,
  height: 60,
  fit: 'cover' as const,
  formats: ['webp' as const],
  animation: 'first' as const,
};
const tower = { ...band, width: 60, height: side };
const contain: Preset = { ...still, fit: 'contain', background: '#c9d6df' };

export const columns: readonly Column[] = [
  ...group('Fit', {
    inside: box,
    cover: { ...box, fit: 'cover' },
    contain,
    'contain, clear': { ...contain, background: 'transparent' },
    'contain, north': { ...contain, gravity: 'north' },
    fill: { ...still, fit: 'fill' },
    enlarge: { ...still, enlarge: true },
  }),
  ...marked('Text watermark', {
    shadow: word,
    outline: { ...word, edge: 'outline' },
    bare: { ...word, edge: 'none' },
    'dark, outlined': { ...word, color: '#1a2b4c', edge: 'outline' },
    'several lines': { ...word, text: '© {tenant}\n{year}', scale: 0.7 },
    scripts: { ...word, text: 'Ærø · Ελλάδα · Кино', scale: 0.9 },
    'turned by −30°': { ...word, rotation: -30, scale: 0.7 },
    tiled: { ...word, tile: true, scale: 0.3, opacity: 0.5 },
    'tiled, turned': { ...word, tile: true, scale: 0.3, opacity: 0.5, rotation: -30, spacing: 1 },
    'left out below 400': { ...word, minWidth: 400 },
    'two and a logo': [
      { ...word, gravity: 'north', scale: 0.4 },
      { ...word, text: '{year}', gravity: 'southwest', scale: 0.25, color: '#ffd166' },
      { ...logo, gravity: 'southeast', opacity: 1 },
    ],
  }),
  ...marked('Image, laid on', {
    'opacity 0.35': { ...logo, gravity: 'center', scale: 0.6, opacity: 0.35 },
    'turned by 45°': { ...logo, gravity: 'center', scale: 0.5, rotation: 45, opacity: 1 },
    tiled: { ...logo, tile: true, scale: 0.2 },
    'tiled, turned, wide': { ...logo, tile: true, scale: 0.2, rotation: -30, spacing: 1.2 },
  }),
  ...marked(
    'Image watermark',
    Object.fromEntries(gravities.map((gravity) => [gravity, { ...logo, gravity, opacity: 1 }])),
  ),
  ...group('Format', {
    'webp 80': still,
    'webp 20': { ...still, quality: { webp: 20 } },
    'webp, fast': { ...still, profile: 'fast' },
    'jpeg 80': { ...still, formats: ['jpeg'] },
    'jpeg, trellis': { ...still, formats: ['jpeg'], effort: { jpeg: 1 } },
    'jpeg on blue': { ...still, formats: ['jpeg'], background: '#2f5d8a' },
    png: { ...still, formats: ['png'] },
    'avif 50': { ...still, formats: ['avif'] },
    original: { ...still, formats: ['original'] },
    'first frame': still,
  }),
  ...group('Sharpen', {
    none: still,
    'sigma 0.5': { ...still, sharpen: 0.5 },
    'sigma 1.5': { ...still, sharpen: 1.5 },
  }),
  ...group('Cover keeps', {
    attention: { ...tower, gravity: 'attention' },
    entropy: { ...tower, gravity: 'entropy' },
    west: { ...tower, gravity: 'west' },
    center: tower,
    east: { ...tower, gravity: 'east' },
    north: { ...band, gravity: 'north' },
    'center of a band': band,
    south: { ...band, gravity: 'south' },
  }),
  {
    group: 'Animation',
    title: 'marked frames',
    preset: box,
    watermarks: [{ ...word, gravity: 'southeast', scale: 0.4 }],
  },
];

/** The presets of all columns: `c0`, `c1` … in the order of the columns. */
export function configOf(columns: readonly Column[]): SluiceConfig {
  const watermarks: Record<string, Watermark> = {};
  const presets = columns.map(({ preset, watermarks: marks = [] }, column): [string, Preset] => {
    const names = marks.map((mark, index) => {
      watermarks[`c${column}-${index}`] = mark;
      return `c${column}-${index}`;
    });
    return [presetName(column), { ...preset, watermarks: names }];
  });
  return { inputs: { tiff: true, avif: true }, presets: Object.fromEntries(presets), watermarks };
}

export function presetName(column: number): string {
  return `c${column}`;
}

/** A sluice gate in a ring, half of it transparent, so that a wash-out would be visible. */
export function drawLogo(): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200" viewBox="0 0 200 100">
    <rect x="2" y="2" width="196" height="96" rx="48" fill="#0b3954" fill-opacity="0.75" stroke="#fff" stroke-width="4"/>
    <g fill="none" stroke="#fff" stroke-width="7" stroke-linecap="round">
      <path d="M44 30v40M66 30v40M88 30v40"/>
      <path d="M110 42c10-10 16 10 26 0s16 10 26 0M110 62c10-10 16 10 26 0s16 10 26 0" stroke="#7fd1e8"/>
    </g></svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}
