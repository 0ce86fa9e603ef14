import type { Raster } from '../../../../lambda/imaging/raster.ts';
import { noise } from '../fixtures.ts';

/** Yellow strokes on blue: flat areas and hard edges of colour. Columns from `grain` on are noise, which takes many bytes without loss. */
export function page(width: number, height: number, grain = width): Raster {
  const data = Buffer.alloc(width * height * 3);
  const speckle = noise(width, height).data;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      const isInk = y % 32 < 12 && x % 40 < 30 && (x % 5 < 2 || y % 7 === 0);
      if (x < grain) data.set(isInk ? [250, 220, 40] : [40, 60, 200], at);
      else for (let c = 0; c < 3; c++) data[at + c] = speckle[at + c] as number;
    }
  return { data, width, height, channels: 3 };
}
