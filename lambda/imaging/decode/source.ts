import type { Inspected, Timing } from '../inspect/inspect.ts';
import { letGoOf } from '../let-go.ts';
import type { Raster } from '../raster.ts';
import type { Recipe } from '../recipe.ts';
import { resize } from '../shape/resize.ts';
import { decodeAnimation, frameOf } from './animation.ts';
import { resizeCascade } from './cascade.ts';
import { decode } from './decode.ts';
import { planCascade } from './frames.ts';
import { clearedOf, type PreparedGif, prepareGif } from './gif-screen.ts';
import { requireWholeGif } from './gif-whole.ts';
import { orient } from './orient.ts';
import { decodePremultiplied, isPremultiplied } from './premultiplied.ts';

/** A decoded image, upright. */
export interface Source {
  /** One of its frames, whole, at the size of the recipe of this index. */
  scaled(recipe: number, frame: number): Promise<Raster>;
  /** The first frame at the least of these sizes. */
  smallest(): Promise<Raster>;
  /** Gives the memory of all that it has handed out back. */
  close(): void;
}

/** What an image was decoded to. */
interface Opened {
  scaled: Source['scaled'];
  rasters: readonly Raster[];
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
  const { file, clear } =
    inspected.type === 'gif' ? openGif(bytes, inspected, timing) : { file: bytes, clear: undefined };
  const { scaled, rasters } =
    timing === undefined
      ? await openStill(file, inspected, recipes)
      : await openAnimation(file, inspected, recipes, { timing, clear });
  const areas = recipes.map(({ geometry: { frame } }) => frame.width * frame.height);
  return {
    scaled,
    smallest: () => scaled(areas.indexOf(Math.min(...areas)), 0),
    close: () => letGoOf(rasters),
  };
}

function openGif(bytes: Uint8Array, { stored }: Inspected, timing: Timing | undefined): PreparedGif {
  const decoded = timing?.frames ?? 1;
  requireWholeGif(bytes, stored, decoded);
  return prepareGif(bytes, stored, decoded);
}

/** Decodes one picture once, shrunk while it is loaded, and makes all sizes of it in a cascade. */
async function openStill(
  bytes: Uint8Array,
  inspected: Inspected,
  recipes: readonly Recipe[],
): Promise<Opened> {
  const geometries = recipes.map((recipe) => recipe.geometry);
  const { decoded, steps, stepOf } = planCascade(inspected.original, geometries);
  const stored = inspected.orientation >= 5 ? { width: decoded.height, height: decoded.width } : decoded;
  const lying =
    inspected.type === 'avif' && isPremultiplied(bytes)
      ? await decodePremultiplied(bytes, inspected)
      : await decode(bytes, inspected, stored);
  const upright = await orient(lying, inspected.orientation);
  letGoOf([lying], [upright]);
  const frames = await resizeCascade(upright, steps);
  letGoOf([upright], frames);
  return { scaled: async (recipe) => frames[stepOf[recipe] as number] as Raster, rasters: frames };
}

/** Decodes all frames at full size and scales each when it is asked for: they are small, and many. */
async function openAnimation(
  bytes: Uint8Array,
  inspected: Inspected,
  recipes: readonly Recipe[],
  { timing, clear }: { timing: Timing; clear: Buffer | undefined },
): Promise<Opened> {
  const roll = clearedOf(await decodeAnimation(bytes, inspected, timing), clear);
  const scaled = async (recipe: number, frame: number) => {
    const upright = await orient(frameOf(roll, timing.frames, frame), inspected.orientation);
    return resize(upright, (recipes[recipe] as Recipe).geometry.frame);
  };
  return { scaled, rasters: [roll] };
}
