import { codecs, fromRaster, readOwn, toRaster } from '../codecs.ts';
import type { Size } from '../raster.ts';
import type { Master } from './master.ts';

/** Size of a mark's file in pixels, upright. */
export async function imageSize(file: Buffer): Promise<Size> {
  const { autoOrient } = await readOwn(() => codecs(file).metadata());
  return autoOrient;
}

/**
 * Reads a mark's file at this size in pixels, its alpha multiplied by `opacity` (0-1): upright, first frame, sRGB. sharp
 * resizes with premultiplied alpha. Marks may be enlarged.
 */
export async function drawImage(file: Buffer, size: Size, opacity: number): Promise<Master> {
  const fit = { fit: 'fill', kernel: 'cubic' } as const;
  const master = await readOwn(() =>
    toRaster(codecs(file).autoOrient().resize(size.width, size.height, fit).ensureAlpha()),
  );
  for (let at = 3; at < master.data.length; at += 4)
    master.data[at] = Math.round((master.data[at] as number) * opacity);
  return {
    bytes: master.data.length,
    async at({ width, height }) {
      if (master.width === width && master.height === height) return master;
      return toRaster(fromRaster(master).resize(width, height, fit));
    },
  };
}
