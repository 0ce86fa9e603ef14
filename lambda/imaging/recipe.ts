import { Rejection } from '../domain/failure.ts';
import { formatsOf, keepsAnimation } from '../domain/formats.ts';
import type { VariantFormat } from '../domain/image.ts';
import type { Preset } from '../domain/preset.ts';
import type { Settings } from '../domain/settings.ts';
import type { Inspected, Timing } from './inspect/inspect.ts';
import type { Credits } from './metadata/credits.ts';
import { type Geometry, geometry } from './shape/geometry.ts';

/** A preset with what it comes to for one image. */
export interface Recipe {
  name: string;
  preset: Preset;
  geometry: Geometry;
  formats: VariantFormat[];
  credits: Credits;
  /** Where the animation of the image is kept. */
  timing: Timing | undefined;
}

/**
 * What a preset comes to for an image.
 * @throws Rejection too_complex where an animation would have more pixels, on its canvas, than one may have;
 *   dimensions_too_large where an image would have to be enlarged beyond measure
 */
export function recipeOf(
  name: string,
  { original, type, credits, animation }: Inspected,
  { presets, limits }: Pick<Settings, 'presets' | 'limits'>,
): Recipe {
  const preset = presetOf(presets, name);
  const formats = formatsOf(preset, type);
  const recipe = {
    name,
    preset,
    geometry: geometry(original, preset),
    formats,
    credits,
    timing: keepsAnimation(preset, type) ? animation : undefined,
  };
  checkFrame(recipe);
  checkFrames(recipe, limits.maxFramePixels);
  return recipe;
}

/**
 * Recipes of one likeness give the same bytes, whatever they are called: of an image of 600 pixels, presets of 800 and
 * of 1600 do.
 */
export function likenessOf({ preset, geometry, formats }: Recipe): string {
  const { width, height, ...rest } = preset;
  return JSON.stringify({ ...rest, geometry, formats });
}

function presetOf(presets: Record<string, Preset>, name: string): Preset {
  const preset = Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (preset === undefined) throw new Error(`no preset is named "${name}"`);
  return preset;
}

/** Pixels of the largest box that a preset may have. */
const mostPixels = 8192 ** 2;

/** To cover a box of 200 × 200 an image of 1 × 16000 would have to become 200 × 3,200,000. */
function checkFrame({ name, geometry: { frame } }: Recipe): void {
  if (frame.width * frame.height <= mostPixels) return;
  throw new Rejection(
    'dimensions_too_large',
    `The image is too long and narrow: preset ${name} would enlarge it to ${frame.width} × ${frame.height} pixels.`,
  );
}

/** A canvas may be larger than the image: enlarged, or padded. */
function checkFrames({ name, geometry: { canvas }, timing }: Recipe, maxFramePixels: number): void {
  if (timing === undefined || timing.frames * canvas.width * canvas.height <= maxFramePixels) return;
  throw new Rejection(
    'too_complex',
    `The ${timing.frames} frames of this animation at ${canvas.width} × ${canvas.height} pixels (preset ${name}) ` +
      `are more than the ${maxFramePixels} pixels that an animation may have.`,
  );
}
