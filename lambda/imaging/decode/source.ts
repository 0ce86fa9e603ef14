import type { Inspected, Timing } from '../inspect/inspect.ts';
import type { Raster } from '../raster.ts';
import type { Recipe } from '../recipe.ts';
import { resize } from '../shape/resize.ts';
import { decodeAnimation } from './animation.ts';
import { resizeCascade } from './cascade.ts';
import { decode } from './decode.ts';
import { planCascade } from './frames.ts';
import { orient } from './orient.ts';

/** A decoded image, upright. */
export interface Source {
  /** One of its frames, whole, at the size of the recipe of this index. */
  scaled(recipe: number, frame: number): Promise<Raster>;
  /** The first frame at the least of these sizes. */
  smallest(): Promise<Raster>;
}

/**
 * Decodes an image for these recipes: an animation only where one of them keeps it.
 * @throws Rejection corrupt_image, dimensions_too_large
 */
export async function openSource(
  bytes: Uint8Array,
  inspected: Inspected,
  recipes: readonly Recipe[],
): Promise<Source> {
  const timing = recipes.find((recipe) => recipe.timing !== undefined)?.timing;
  const scaled =
    timing === undefined
      ? await openStill(bytes, inspected, recipes)
      : await openAnimation(bytes, inspected, recipes, timing);
  const areas = recipes.map(({ geometry: { frame } }) => frame.width * frame.height);
  return { scaled, smallest: () => scaled(areas.indexOf(Math.min(...areas)), 0) };
}

/** Decodes one picture once, shrunk while it is loaded, and makes all sizes of it in a cascade. */
async function openStill(
  bytes: Uint8Array,
  inspected: Inspected,
  recipes: readonly Recipe[],
): Promise<Source['scaled']> {
  const geometries = recipes.map((recipe) => recipe.geometry);
  const { decoded, steps, stepOf } = planCascade(inspected.original, geometries);
  const stored = inspected.orientation >= 5 ? { width: decoded.height, height: decoded.width } : decoded;
  const upright = await orient(await decode(bytes, inspected, stored), inspected.orientation);
  const frames = await resizeCascade(upright, steps);
  return async (recipe) => frames[stepOf[recipe] as number] as Raster;
}

/** Decodes all frames at full size and scales each when it is asked for: they are small, and many. */
async function openAnimation(
  bytes: Uint8Array,
  inspected: Inspected,
  recipes: readonly Recipe[],
  timing: Timing,
): Promise<Source['scaled']> {
  const frames = await decodeAnimation(bytes, inspected, timing);
  return async (recipe, frame) => {
    const upright = await orient(frames[frame] as Raster, inspected.orientation);
    return resize(upright, (recipes[recipe] as Recipe).geometry.frame);
  };
}
