import type { Gravity } from '../../domain/gravity.ts';
import type { Preset } from '../../domain/preset.ts';
import { codecs, fromRaster, toRaster } from '../codecs.ts';
import type { Raster, Size } from '../raster.ts';

/** The left and top of what a crop keeps, in pixels. */
export interface Corner {
  left: number;
  top: number;
}

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

/** Where something of a size lies in a whole by its gravity; negative where it is the larger of the two. */
export function cornerOf(whole: Size, part: Size, gravity: Gravity): Corner {
  const place = (room: number, before: boolean, after: boolean) =>
    before ? 0 : after ? room : Math.floor(room / 2);
  return {
    left: place(whole.width - part.width, gravity.endsWith('west'), gravity.endsWith('east')),
    top: place(whole.height - part.height, gravity.startsWith('north'), gravity.startsWith('south')),
  };
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
