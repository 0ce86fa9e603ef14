import { rollOf } from './decode/animation.ts';
import { encode, encodeAnimation } from './encode/encode.ts';
import { countFrames } from './inspect/webp-chunks.ts';
import { letGoOf } from './let-go.ts';
import type { Raster } from './raster.ts';
import type { Recipe } from './recipe.ts';
import { type EncodedVariant, variantOf } from './rendered-image.ts';
import { type Composition, compose } from './shape/compose.ts';
import { cropOffset } from './shape/crop.ts';

/**
 * All variants of one preset. What is no animated WebP shows the first frame.
 * @param frames gives a frame of the image, whole, at the size of the recipe
 */
export async function variantsOf(
  recipe: Recipe,
  frames: (index: number) => Promise<Raster>,
  marks: Pick<Composition, 'watermarks' | 'inscription'>,
): Promise<EncodedVariant[]> {
  const { name, preset, geometry, formats, timing } = recipe;
  const first = await frames(0);
  const corner = await cropOffset(first, geometry, preset);
  const composition = { preset, geometry, corner, ...marks };
  const picture = await compose(first, composition);
  const variants: EncodedVariant[] = [];
  for (const format of formats) {
    const about = { preset: name, format };
    if (format === 'webp' && timing !== undefined) {
      const roll = await rollOf(timing, async (index) => {
        if (index === 0) return picture;
        const frame = await frames(index);
        const later = await compose(frame, composition);
        letGoOf([frame], [later]);
        return later;
      });
      const bytes = await encodeAnimation(roll, recipe);
      letGoOf([roll.raster]);
      variants.push(variantOf({ ...about, frames: framesOf(bytes) }, picture, bytes));
    } else {
      const bytes = await encode(picture, format, recipe);
      variants.push(variantOf({ ...about, frames: 1 }, picture, bytes));
    }
  }
  letGoOf([picture], [first]);
  return variants;
}

/** The encoder makes one frame of equal ones that follow each other, and a still of an animation where all are equal. */
function framesOf(webp: Buffer): number {
  return Math.max(1, countFrames(webp, Number.POSITIVE_INFINITY));
}
