import type { Size } from '../raster.ts';
import { type Geometry, scaled } from './geometry.ts';

/** A size of the whole image, made from an earlier one (its index) or from the decoded image. */
export interface FrameStep {
  size: Size;
  from: number | 'decoded';
}

/** The size to decode to, and the cascade from there; `stepOf` has the step of each preset, in request order. */
export interface CascadePlan {
  decoded: Size;
  steps: FrameStep[];
  stepOf: number[];
}

/** A frame is derived only from one this much larger: each resampling softens, a small one most. */
const cascadeShrink = 1.5;

/**
 * Where frames are nearly as large as the largest, the image is decoded to this much more. A frame made from one 1.03 times
 * its size was 42 dB from a Lanczos of the whole image, from 1.25 times 48 dB.
 */
const decodedShrink = 1.25;

/**
 * No image is decoded to less than this share, even for smaller frames: a JPEG shrunk to an eighth while loading is the
 * means of its blocks, from which a thumbnail was 33-37 dB.
 */
const leastScale = 1 / 16;

/** Orders the frames of all presets into a cascade, largest first. */
export function planCascade(image: Size, geometries: readonly Geometry[]): CascadePlan {
  const frames = [...new Map(geometries.map((g) => [keyOf(g), g])).values()].sort(
    (a, b) => b.frame.width * b.frame.height - a.frame.width * a.frame.height,
  );
  const steps = frames.map(({ frame }, index): FrameStep => {
    const from = frames.findLastIndex(
      (other, place) =>
        place < index &&
        !other.distorted &&
        covers(image, other.frame) &&
        covers(other.frame, frame, cascadeShrink),
    );
    return { size: frame, from: from < 0 ? 'decoded' : from };
  });
  const stepOf = geometries.map((g) => frames.findIndex((frame) => keyOf(frame) === keyOf(g)));
  return { decoded: decodedSize(image, frames), steps, stepOf };
}

/** The largest frame, or a size from which all frames can be made. */
function decodedSize(image: Size, frames: readonly Geometry[]): Size {
  const scales = frames.flatMap(({ frame }) => [frame.width / image.width, frame.height / image.height]);
  const scale = Math.min(1, Math.max(...scales));
  if (scale < leastScale) return scaled(image, leastScale * decodedShrink);
  const largest = frames[0] as Geometry;
  const isSource = !largest.distorted || frames.length === 1;
  const fits =
    isSource && covers(image, largest.frame) && frames.every(({ frame }) => covers(largest.frame, frame));
  const least = fits ? largest.frame : scaled(image, scale);
  const isCrowded = frames.some(
    ({ frame }) => isShort(least.width, frame.width) || isShort(least.height, frame.height),
  );
  return isCrowded ? scaled(image, Math.min(1, scale * decodedShrink)) : least;
}

function covers(source: Size, frame: Size, shrink = 1): boolean {
  return source.width >= frame.width * shrink && source.height >= frame.height * shrink;
}

function isShort(from: number, to: number): boolean {
  return to < from && from < to * decodedShrink;
}

function keyOf({ frame, distorted }: Geometry): string {
  return `${frame.width}x${frame.height}${distorted ? ' distorted' : ''}`;
}
