import { holdsAnimation, keepsAnimation } from '../domain/formats.ts';
import type { FormatChoice } from '../domain/image.ts';
import { type Portion, shareOf } from '../domain/portion.ts';
import type { Preset } from '../domain/preset.ts';
import type { Settings } from '../domain/settings.ts';
import type { Timing } from './inspect/inspect.ts';
import type { Credits } from './metadata/credits.ts';
import type { Size } from './raster.ts';
import { type Geometry, geometry } from './shape/geometry.ts';
import type { SourceImage } from './source-image.ts';

/** A preset applied to one image. */
export interface Recipe {
  name: string;
  preset: Preset;
  geometry: Geometry;
  formats: FormatChoice[];
  credits: Credits;
  /** Set where the animation is kept; without it only the first frame is used. */
  timing: Timing | undefined;
}

/** Applies a preset to an image. An animation that is too large for it becomes a still of its first frame. */
export function recipeOf(
  name: string,
  { original, type, credits, animation }: SourceImage,
  { presets, limits }: Pick<Settings, 'presets' | 'limits'>,
  portion: Portion = 'all',
): Recipe {
  const whole = presetOf(presets, name);
  const { formats, effort } = shareOf(name, whole, type, portion);
  const preset = { ...whole, effort };
  const shape = geometry(original, preset);
  const moves =
    holdsAnimation(formats) &&
    keepsAnimation(preset, type) &&
    isHeld(animation, [original, shape.canvas], limits);
  return { name, preset, geometry: shape, formats, credits, timing: moves ? animation : undefined };
}

/** All frames of an animation are in memory at once: those of the file and those of the variant, which may be larger. */
function isHeld(
  animation: Timing | undefined,
  sizes: readonly Size[],
  { maxPages, maxFramePixels }: Settings['limits'],
): boolean {
  const frames = animation?.frames ?? 1;
  return frames <= maxPages && sizes.every(({ width, height }) => frames * width * height <= maxFramePixels);
}

/** Recipes with the same key produce the same bytes: for an image of 600 pixels, presets of 800 and 1600 do. */
export function likenessOf({ preset, geometry, formats }: Recipe): string {
  const { width, height, ...rest } = preset;
  return JSON.stringify({ ...rest, geometry, formats });
}

function presetOf(presets: Record<string, Preset>, name: string): Preset {
  const preset = Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (preset === undefined) throw new Error(`no preset is named "${name}"`);
  return preset;
}
