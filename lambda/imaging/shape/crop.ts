import type { Preset } from '../../domain/preset.ts';
import { codecs, fromRaster, toRaster } from '../codecs.ts';
import { type Corner, cornerOf } from '../corner.ts';
import type { Raster, Size } from '../raster.ts';

/**
 * Where in a raster the part of this size lies that a preset keeps. `attention` and `entropy` look at the pixels, so
 * an animation asks once, for its first frame.
 */
export async function cropCorner(
  raster: Raster,
  size: Size,
  { fit, gravity }: Pick<Preset, 'fit' | 'gravity'>,
): Promise<Corner> {
  const whole = raster.width === size.width && raster.height === size.height;
  if (fit !== 'cover' || whole) return { left: 0, top: 0 };
  if (gravity !== 'attention' && gravity !== 'entropy') return cornerOf(raster, size, gravity);
  const { info } = await fromRaster(raster)
    .resize(size.width, size.height, { fit: 'cover', position: codecs.strategy[gravity] })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { left: -(info.cropOffsetLeft ?? 0), top: -(info.cropOffsetTop ?? 0) };
}

/** The part of a raster at this corner; the same raster where that is all of it. */
export async function cropAt(
  raster: Raster,
  { left, top }: Corner,
  { width, height }: Size,
): Promise<Raster> {
  if (raster.width === width && raster.height === height) return raster;
  return toRaster(fromRaster(raster).extract({ left, top, width, height }));
}
