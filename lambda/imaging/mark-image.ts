import { codecs, toRaster } from './codecs.ts';
import type { Raster } from './raster.ts';

/** Width by height of a mark's file, as a person sees it. */
export async function imageAspect(file: Buffer): Promise<number> {
  const { autoOrient } = await codecs(file).metadata();
  return autoOrient.width / autoOrient.height;
}

/** A mark's file at this width in pixels (marks may be enlarged), its alpha multiplied by `opacity` (0-1). */
export async function drawImageMark(file: Buffer, width: number, opacity: number): Promise<Raster> {
  const mark = await toRaster(codecs(file).autoOrient().resize({ width }).ensureAlpha());
  for (let at = 3; at < mark.data.length; at += 4)
    mark.data[at] = Math.round((mark.data[at] as number) * opacity);
  return mark;
}
