import type { Preset } from '../domain/preset.ts';
import type { Size } from './raster.ts';

/** How a preset's pixels come about: the whole image at `frame`, then the middle `crop` of it where it is smaller. */
export interface Geometry {
  frame: Size;
  crop: Size;
  /** `fill` distorts: nothing else can be derived from such a frame. */
  distorted: boolean;
}

/** One whole-image size to make, from an earlier one (its index), or from the decoded image itself. */
export interface FrameStep {
  size: Size;
  from: number | 'decoded';
}

/** What to decode to, and the cascade from there; `of` gives each preset's step and crop, in the order asked. */
export interface CascadePlan {
  decoded: Size;
  steps: FrameStep[];
  of: { step: number; crop: Size }[];
}

/** A frame is derived only from one this much larger: each resampling softens, and a short step most of all. */
const minimalShrink = 1.5;

/**
 * Where a preset leads from an image of this size. Never enlarges: a box that does not fit into the image shrinks
 * with its own proportions (cover, fill).
 */
export function geometry(image: Size, preset: Preset): Geometry {
  const { width: boxWidth = Number.POSITIVE_INFINITY, height: boxHeight = Number.POSITIVE_INFINITY } = preset;
  if (preset.fit === 'inside') {
    const frame = scaled(image, Math.min(1, boxWidth / image.width, boxHeight / image.height));
    return { frame, crop: frame, distorted: false };
  }
  const box = { width: boxWidth, height: boxHeight };
  const crop = scaled(box, Math.min(1, image.width / boxWidth, image.height / boxHeight));
  if (preset.fit === 'fill') return { frame: crop, crop, distorted: true };
  const covering = scaled(image, Math.max(crop.width / image.width, crop.height / image.height));
  const frame = {
    width: Math.max(covering.width, crop.width),
    height: Math.max(covering.height, crop.height),
  };
  return { frame, crop, distorted: false };
}

/** Orders the frames of all presets into a cascade, largest first. */
export function planCascade(image: Size, presets: readonly Preset[]): CascadePlan {
  const geometries = presets.map((preset) => geometry(image, preset));
  const scale = Math.max(
    ...geometries.flatMap(({ frame }) => [frame.width / image.width, frame.height / image.height]),
  );
  const decoded = scaled(image, Math.min(1, scale));
  const frames = [...new Map(geometries.map((g) => [keyOf(g), g])).values()].sort(
    (a, b) => b.frame.width * b.frame.height - a.frame.width * a.frame.height,
  );
  const steps = frames.map(({ frame }, index): FrameStep => {
    const from = frames.findLastIndex(
      (other, place) => place < index && !other.distorted && isMuchLarger(other.frame, frame),
    );
    return { size: frame, from: from < 0 ? 'decoded' : from };
  });
  const of = geometries.map((g) => ({
    step: frames.findIndex((frame) => keyOf(frame) === keyOf(g)),
    crop: g.crop,
  }));
  return { decoded, steps, of };
}

function scaled({ width, height }: Size, scale: number): Size {
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

function isMuchLarger(source: Size, frame: Size): boolean {
  return source.width >= frame.width * minimalShrink && source.height >= frame.height * minimalShrink;
}

function keyOf({ frame, distorted }: Geometry): string {
  return `${frame.width}x${frame.height}${distorted ? ' distorted' : ''}`;
}
