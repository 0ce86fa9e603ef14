import type { z } from 'zod';
import type { Preset } from '../../lambda/domain/preset.ts';
import type { Watermark } from '../../lambda/domain/watermark.ts';
import { preset, watermark } from '../../lib/config/pictures.ts';

/** A preset as resolved by the configuration, with defaults. */
export function presetOf(written: z.input<typeof preset>): Preset {
  return preset.parse(written);
}

/** A watermark as resolved by the configuration, with defaults. */
export function watermarkOf(written: z.input<typeof watermark>): Watermark {
  return watermark.parse(written);
}
