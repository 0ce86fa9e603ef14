import type { Settings } from '../domain/settings.ts';
import { openSource } from './decode/source.ts';
import { placeholderOf } from './encode/placeholder.ts';
import { withAvifFirst } from './inspect/avif-brand.ts';
import { inspect } from './inspect/inspect.ts';
import { likenessOf, recipeOf } from './recipe.ts';
import { variantsOf } from './render-preset.ts';
import type { RenderRequest } from './render-request.ts';
import type { EncodedImage, EncodedVariant } from './rendered-image.ts';
import type { Watermarks } from './watermark/watermark.ts';

/** The part of the settings that pictures are made by. */
export type PictureSettings = Pick<Settings, 'presets' | 'limits' | 'inputs' | 'placeholder'>;

/**
 * The way of an image: inspect, decode, orient, resize, and for each preset crop, sharpen, pad, watermark, encode.
 * @throws Rejection when the image is at fault; anything else is ours
 */
export async function renderImage(
  { bytes, presetNames, ...inscription }: RenderRequest,
  settings: PictureSettings,
  watermarks: Watermarks,
): Promise<EncodedImage> {
  const file = withAvifFirst(bytes);
  const inspected = await inspect(file, settings);
  const recipes = presetNames.map((name) => recipeOf(name, inspected, settings));
  const source = await openSource(file, inspected, recipes);
  const made = new Map<string, EncodedVariant[]>();
  const variants: EncodedVariant[] = [];
  for (const [index, recipe] of recipes.entries()) {
    const likeness = likenessOf(recipe);
    const frames = (frame: number) => source.scaled(index, frame);
    const twins = made.get(likeness) ?? (await variantsOf(recipe, frames, { watermarks, inscription }));
    made.set(likeness, twins);
    variants.push(...twins.map((variant) => ({ ...variant, preset: recipe.name })));
  }
  const placeholder = await placeholderOf(await source.smallest(), inspected.original, settings.placeholder);
  source.close();
  return { original: inspected.original, placeholder, variants };
}
