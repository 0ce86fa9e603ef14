import type { SluiceConfig } from './lib/config/schema.ts';

/** What this deployment makes of an image. docs/configuration.md explains every setting and its default. */
export const config: SluiceConfig = {
  presets: {
    large: { width: 1600, height: 1600, watermarks: ['brand'] },
    medium: { width: 800, height: 800, watermarks: ['brand'] },
    small: { width: 320, height: 320 },
  },
  watermarks: {
    brand: { type: 'text', text: 'Sluice', gravity: 'southeast', scale: 0.2, margin: 0.03, opacity: 0.7 },
  },
};
