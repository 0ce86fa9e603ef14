import type { Raster } from '../../../../lambda/imaging/raster.ts';

/** Colours where a wrong matrix, range or curve shows: primaries and their mixtures, greys, skin and others. */
export const patches = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 0],
  [0, 255, 255],
  [255, 0, 255],
  [0, 0, 0],
  [255, 255, 255],
  [128, 128, 128],
  [16, 16, 16],
  [235, 235, 235],
  [220, 170, 140],
  [90, 50, 30],
  [20, 60, 120],
  [250, 128, 10],
  [60, 160, 80],
] as const;

/** Width and height of a patch. */
export const side = 32;

/** Four patches a row, opaque or all of one alpha. */
export function patchwork(alpha?: number): Raster {
  const channels = alpha === undefined ? 3 : 4;
  const edge = 4 * side;
  const data = Buffer.alloc(edge * edge * channels);
  for (let y = 0; y < edge; y++)
    for (let x = 0; x < edge; x++) {
      const colour = patches[Math.floor(y / side) * 4 + Math.floor(x / side)] as readonly number[];
      data.set(alpha === undefined ? colour : [...colour, alpha], (y * edge + x) * channels);
    }
  return { data, width: edge, height: edge, channels };
}
