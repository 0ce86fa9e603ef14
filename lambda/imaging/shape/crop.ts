import type { Preset } from '../../domain/preset.ts';
import { codecs, fromRaster, toRaster } from '../codecs.ts';
import { type Offset, offsetOf } from '../offset.ts';
import { PixelScope } from '../pixel-scope.ts';
import type { Raster } from '../raster.ts';
import type { Geometry } from './geometry.ts';

type Shape = Pick<Geometry, 'canvas' | 'covering'>;

/**
 * The offset of the part that a preset keeps: in pixels of the frame, or of the image that covers the canvas. `attention`
 * and `entropy` look at the pixels, so it is computed once for an animation, from its first frame.
 */
export async function cropOffset(
  frame: Raster,
  { canvas, covering }: Shape,
  { fit, gravity }: Pick<Preset, 'fit' | 'gravity'>,
): Promise<Offset> {
  const whole = covering ?? frame;
  if (fit !== 'cover' || (whole.width === canvas.width && whole.height === canvas.height))
    return { left: 0, top: 0 };
  if (gravity !== 'attention' && gravity !== 'entropy') return offsetOf(whole, canvas, gravity);
  const [across, down] = [whole.width / frame.width, whole.height / frame.height];
  using pixels = new PixelScope();
  const cropping = fromRaster(frame)
    .resize(most(canvas.width / across, frame.width), most(canvas.height / down, frame.height), {
      fit: 'cover',
      position: codecs.strategy[gravity],
    })
    .raw();
  const { info } = pixels.own(await cropping.toBuffer({ resolveWithObject: true }));
  const found = (offset: number | undefined, scale: number, limit: number) =>
    Math.min(limit, Math.round(-(offset ?? 0) * scale));
  return {
    left: found(info.cropOffsetLeft, across, whole.width - canvas.width),
    top: found(info.cropOffsetTop, down, whole.height - canvas.height),
  };
}

function most(length: number, limit: number): number {
  return Math.min(limit, Math.max(1, Math.round(length)));
}

/** The part of a frame at this offset, as large as the canvas or as much of it as the frame fills. */
export async function cropAt(frame: Raster, corner: Offset, { canvas, covering }: Shape): Promise<Raster> {
  if (covering !== undefined) return enlargedAt(frame, corner, { canvas, covering });
  const width = Math.min(frame.width, canvas.width);
  const height = Math.min(frame.height, canvas.height);
  if (frame.width === width && frame.height === height) return frame;
  return toRaster(fromRaster(frame).extract({ ...corner, width, height }));
}

/** Pixels around a part that resampling reads. */
const kernel = 3;

/** The part of an enlarged frame that the canvas shows; the rest is not enlarged. */
async function enlargedAt(
  frame: Raster,
  { left, top }: Offset,
  { canvas, covering }: Required<Shape>,
): Promise<Raster> {
  const x = windowOf(left, canvas.width, { to: covering.width, from: frame.width });
  const y = windowOf(top, canvas.height, { to: covering.height, from: frame.height });
  const pipeline = fromRaster(frame)
    .extract({ left: x.from, top: y.from, width: x.length, height: y.length })
    .resize(x.enlarged, y.enlarged, { fit: 'fill' })
    .extract({ left: x.at, top: y.at, ...canvas });
  return toRaster(pipeline);
}

/** Along one side: the pixels needed, their enlarged length, and where the canvas starts in it. */
function windowOf(at: number, length: number, whole: { to: number; from: number }) {
  const scale = whole.to / whole.from;
  const from = Math.max(0, Math.floor(at / scale) - kernel);
  const end = Math.min(whole.from, Math.ceil((at + length) / scale) + kernel);
  const enlarged = Math.max(length, Math.round((end - from) * scale));
  return {
    from,
    length: end - from,
    enlarged,
    at: Math.min(enlarged - length, Math.round(at - from * scale)),
  };
}
