import type { Settings } from '../domain/settings.ts';
import type { Decoded, DecodedVariant } from './decoded.ts';
import { inspect } from './inspect.ts';
import { placeholderOf } from './placeholder.ts';
import type { DecodeOrder } from './protocol.ts';
import { likenessOf, recipeOf } from './recipe.ts';
import { openSource } from './source.ts';
import { variantsOf } from './variants.ts';
import type { Watermarks } from './watermark.ts';

/** The part of the settings that pictures are made by. */
export type PictureSettings = Pick<Settings, 'presets' | 'limits' | 'inputs' | 'placeholder'>;

/**
 * The way of an image: inspect, decode, orient, resize, and for each preset crop, sharpen, pad, watermark, encode.
 * @throws Rejection when the image is at fault; anything else is ours
 */
export async function makeVariants(
  { bytes, presetNames, ...inscription }: DecodeOrder,
  settings: PictureSettings,
  watermarks: Watermarks,
): Promise<Decoded> {
  const inspected = await inspect(bytes, settings);
  const recipes = presetNames.map((name) => recipeOf(name, inspected, settings));
  const source = await openSource(bytes, inspected, recipes);
  const made = new Map<string, DecodedVariant[]>();
  const variants: DecodedVariant[] = [];
  for (const [index, recipe] of recipes.entries()) {
    const likeness = likenessOf(recipe);
    const frames = (frame: number) => source.scaled(index, frame);
    const twins = made.get(likeness) ?? (await variantsOf(recipe, frames, { watermarks, inscription }));
    made.set(likeness, twins);
    variants.push(...twins.map((variant) => ({ ...variant, preset: recipe.name })));
  }
  const placeholder = await placeholderOf(await source.smallest(), settings.placeholder);
  return { original: inspected.original, placeholder, variants };
}
