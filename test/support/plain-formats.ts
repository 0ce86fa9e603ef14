import type { SluiceConfig } from '../../lib/config/schema.ts';

type Presets = SluiceConfig['presets'];

/** WebP and JPEG by the encoders' numbers, whatever a picture looks like. */
export const plainFormats = {
  formats: ['webp', 'jpeg'],
  quality: { webp: 80, jpeg: 80 },
} satisfies Partial<Presets[string]>;

/** Presets that make both formats of every picture, unless they say otherwise. */
export function withPlainFormats(presets: Presets): Presets {
  return Object.fromEntries(
    Object.entries(presets).map(([name, preset]) => [name, { ...plainFormats, ...preset }]),
  );
}
