import type { Settings } from '../domain/settings.ts';
import { sourceColour } from './colour/source.ts';
import { toSrgb } from './colour/to-srgb.ts';
import { decodeAnimation } from './decode/animation.ts';
import { decode, isDecodedWhole } from './decode/decode.ts';
import { clearedOf, type PreparedGif, prepareGif } from './decode/gif-screen.ts';
import { requireWholeGif } from './decode/gif-whole.ts';
import { checkJpegTiles } from './decode/jpeg-tiles.ts';
import { orient } from './decode/orient.ts';
import { placeholderOf } from './encode/placeholder.ts';
import { frameOf } from './frame-strip.ts';
import { withAvifFirst } from './inspect/avif-brand.ts';
import { inspect, type Timing } from './inspect/inspect.ts';
import { blocksOf } from './metadata/blocks.ts';
import { readCredits } from './metadata/credits.ts';
import { PixelScope } from './pixel-scope.ts';
import type { Raster } from './raster.ts';
import { likenessOf, type Recipe, recipeOf } from './recipe.ts';
import { renderPreset } from './render-preset.ts';
import type { RenderRequest } from './render-request.ts';
import type { EncodedImage, EncodedVariant } from './rendered-image.ts';
import { planCascade } from './shape/cascade.ts';
import { resize } from './shape/resize.ts';
import type { SourceImage } from './source-image.ts';
import type { Watermarks } from './watermark/watermark.ts';

/*
 * All steps of an image, in order. This file and `render-preset.ts`, which has those of one preset, are the only ones that
 * run steps; a step runs no other.
 */

export type PictureSettings = Pick<Settings, 'presets' | 'limits' | 'inputs' | 'placeholder'>;

/** A whole frame, upright, at the size of the recipe of this index. */
type Frames = (recipe: number, frame: number) => Promise<Raster>;

/**
 * Makes all variants of an image, and its placeholder.
 * @throws Rejection when the image is at fault; anything else is a fault of ours
 */
export async function renderImage(
  { bytes, presetNames, portion, ...inscription }: RenderRequest,
  settings: PictureSettings,
  watermarks: Watermarks,
): Promise<EncodedImage> {
  using pixels = new PixelScope();
  const file = withAvifFirst(bytes);
  const image = await inspectSource(file, settings);
  const recipes = presetNames.map((name) => recipeOf(name, image, settings, portion));
  const frames = await decodeFrames(file, image, recipes, pixels);
  const made = new Map<string, EncodedVariant[]>();
  const variants: EncodedVariant[] = [];
  for (const [index, recipe] of recipes.entries()) {
    const likeness = likenessOf(recipe);
    const frameAt = (frame: number) => frames(index, frame);
    const twins = made.get(likeness) ?? (await renderPreset(recipe, frameAt, { watermarks, inscription }));
    made.set(likeness, twins);
    for (const variant of twins) pixels.own(variant.bytes);
    variants.push(...twins.map((variant) => ({ ...variant, preset: recipe.name })));
  }
  const smallest = pixels.own(await frames(smallestOf(recipes), 0));
  const placeholder = await placeholderOf(smallest, image.original, settings.placeholder);
  for (const { bytes } of variants) pixels.handOver(bytes);
  return { original: image.original, placeholder, variants };
}

/** Inspect, then read the colour space and the metadata. */
export async function inspectSource(
  file: Uint8Array,
  settings: Pick<Settings, 'limits' | 'inputs'>,
): Promise<SourceImage> {
  const { header, page, ...inspected } = await inspect(file, settings);
  const { type } = inspected;
  const colour = sourceColour(header, { type, page, file });
  const credits = readCredits(blocksOf(header, type, file));
  return { ...inspected, colour, credits };
}

/** An animation is decoded only where a recipe keeps it. */
async function decodeFrames(
  file: Uint8Array,
  image: SourceImage,
  recipes: readonly Recipe[],
  pixels: PixelScope,
): Promise<Frames> {
  const timing = recipes.find((recipe) => recipe.timing !== undefined)?.timing;
  const prepared = image.type === 'gif' ? checkGif(file, image, timing) : { file, clear: undefined };
  return timing === undefined
    ? decodeStill(prepared.file, image, recipes, pixels)
    : decodeMoving(prepared, image, recipes, { timing, pixels });
}

function checkGif(file: Uint8Array, { stored }: SourceImage, timing: Timing | undefined): PreparedGif {
  const decoded = timing?.frames ?? 1;
  requireWholeGif(file, stored, decoded);
  return prepareGif(file, stored, decoded);
}

/** Decode once, shrunk while loading; convert colours, orient, and resize to all sizes in a cascade. */
async function decodeStill(
  file: Uint8Array,
  image: SourceImage,
  recipes: readonly Recipe[],
  pixels: PixelScope,
): Promise<Frames> {
  using working = new PixelScope();
  const geometries = recipes.map((recipe) => recipe.geometry);
  const { decoded, steps, stepOf } = planCascade(image.original, geometries);
  const size = image.orientation >= 5 ? { width: decoded.height, height: decoded.width } : decoded;
  const samples = working.own(await decode(file, image, size));
  const srgb = working.replace(samples, toSrgb(samples, image.colour));
  if (image.type === 'tiff') await checkJpegTiles(file, image);
  const sized = isDecodedWhole(image) ? working.replace(srgb, await resize(srgb, size)) : srgb;
  const upright = working.replace(sized, await orient(sized, image.orientation));
  const frames: Raster[] = [];
  for (const { size, from } of steps) {
    const source = from === 'decoded' ? upright : (frames[from] as Raster);
    frames.push(pixels.own(working.handOver(await resize(source, size))));
  }
  return async (recipe) => frames[stepOf[recipe] as number] as Raster;
}

/** Decode all frames at full size; orient and resize each on demand, as they are small and many. */
async function decodeMoving(
  { file, clear }: PreparedGif,
  image: SourceImage,
  recipes: readonly Recipe[],
  { timing, pixels }: { timing: Timing; pixels: PixelScope },
): Promise<Frames> {
  const raster = clearedOf(pixels.own(await decodeAnimation(file, image, timing)), clear);
  return async (recipe, frame) => {
    using working = new PixelScope();
    const upright = working.own(await orient(frameOf({ raster, timing }, frame), image.orientation));
    return working.handOver(await resize(upright, (recipes[recipe] as Recipe).geometry.frame));
  };
}

/** The recipe whose frames have the fewest pixels: enough for a placeholder, and the cheapest. */
function smallestOf(recipes: readonly Recipe[]): number {
  const areas = recipes.map(({ geometry: { frame } }) => frame.width * frame.height);
  return areas.indexOf(Math.min(...areas));
}
