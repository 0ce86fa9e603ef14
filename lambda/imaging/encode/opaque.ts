import type { Raster } from '../raster.ts';

/** Whether no pixel shows what is behind it: PNGs often have an alpha of 255 everywhere, screenshots for one. */
export function isOpaque({ data, channels }: Raster): boolean {
  if (channels === 3) return true;
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return false;
  return true;
}
