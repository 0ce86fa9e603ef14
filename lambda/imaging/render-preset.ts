import { possibleFormats } from '../domain/formats.ts';
import type { Gravity } from '../domain/gravity.ts';
import type { Inscription } from '../domain/watermark.ts';
import { encodeAnimation, framesOf } from './encode/animation.ts';
import { stillsOf } from './encode/still.ts';
import { stripOf } from './frame-strip.ts';
import type { Timing } from './inspect/inspect.ts';
import { PixelScope } from './pixel-scope.ts';
import type { Raster } from './raster.ts';
import type { Recipe } from './recipe.ts';
import { type EncodedVariant, variantOf } from './rendered-image.ts';
import { cropAt, cropOffset } from './shape/crop.ts';
import { pad } from './shape/pad.ts';
import { sharpen } from './shape/sharpen.ts';
import type { Watermarks } from './watermark/watermark.ts';

/** A step from pixels to pixels; it may return its input and never writes to it. */
type FrameStep = (frame: Raster) => Raster | Promise<Raster>;

/** The steps of one frame of a preset, in order. `offset` is that of the part of the frame that is kept. */
function frameSteps(
  { preset, geometry }: Recipe,
  offset: Awaited<ReturnType<typeof cropOffset>>,
  { watermarks, inscription }: Marks,
): FrameStep[] {
  return [
    (frame) => cropAt(frame, offset, geometry),
    (frame) => sharpen(frame, preset.sharpen),
    // Only `contain` leaves space to fill, and the configuration allows it no strategy as its gravity.
    (frame) => pad(frame, geometry.canvas, preset.gravity as Gravity, preset.background),
    (frame) => watermarks.over(frame, preset.watermarks, inscription),
  ];
}

interface Marks {
  watermarks: Watermarks;
  inscription: Inscription;
}

/**
 * All variants of one preset. Formats other than animated WebP show the first frame.
 * @param frameAt returns a frame of the image, whole, at the size of the recipe
 */
export async function renderPreset(
  recipe: Recipe,
  frameAt: (index: number) => Promise<Raster>,
  marks: Marks,
): Promise<EncodedVariant[]> {
  using pixels = new PixelScope();
  const { name, preset, geometry, formats, timing } = recipe;
  const first = pixels.own(await frameAt(0));
  const steps = frameSteps(recipe, await cropOffset(first, geometry, preset), marks);
  const picture = await run(steps, first, pixels);
  const encodeStill = stillsOf(picture, recipe);
  const animate = async (timing: Timing): Promise<Buffer> => {
    const strip = stripOf(picture, timing);
    const { data } = pixels.own(strip.raster);
    for (let index = 1; index < timing.frames; index++) {
      using later = new PixelScope();
      const frame = await run(steps, later.own(await frameAt(index)), later);
      frame.data.copy(data, index * frame.data.length);
    }
    const bytes = await encodeAnimation(strip, recipe);
    pixels.free(data);
    return bytes;
  };
  const variants: EncodedVariant[] = [];
  for (const choice of formats) {
    const moving = possibleFormats(choice).includes('webp') ? timing : undefined;
    const made = moving === undefined ? await encodeStill(choice) : animated(await animate(moving));
    if (made === undefined) continue;
    pixels.own(made.bytes);
    variants.push(variantOf({ preset: name, frames: 1, ...made }, picture, made.bytes));
  }
  for (const { bytes } of variants) pixels.handOver(bytes);
  return variants;
}

function animated(bytes: Buffer) {
  return { format: 'webp', frames: framesOf(bytes), bytes } as const;
}

async function run(steps: readonly FrameStep[], whole: Raster, pixels: PixelScope): Promise<Raster> {
  let frame = whole;
  for (const step of steps) frame = pixels.replace(frame, await step(frame));
  return frame;
}
