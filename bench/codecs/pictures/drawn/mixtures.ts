import type { Raster } from '../../../../lambda/imaging/raster.ts';
import { layered, letters, one, prose, type Random, scaledTo } from './canvas.ts';
import { screenshot } from './pages.ts';

/** A photograph with a title across it and a line below, as memes, covers and slides have them. */
export async function captioned(photograph: Raster, width: number, height: number, random: Random) {
  const ground = await scaledTo(photograph, width, height);
  const [bright, lower] = [
    one(random, ['#ffffff', '#ffe14d', '#ff3b30']),
    one(random, ['#ffffff', '#9be7ff']),
  ];
  const title = await letters(prose(random, 4), width / 14, bright, width * 0.9);
  const line = await letters(prose(random, 16), width / 48, lower, width * 0.9);
  return layered(ground, [
    { raster: title, left: width * 0.05, top: height * 0.08 },
    { raster: line, left: width * 0.05, top: height * 0.86 },
  ]);
}

/** A program's window that shows a photograph. */
export function illustrated(
  photograph: Raster,
  width: number,
  height: number,
  random: Random,
): Promise<Raster> {
  return screenshot(width, height, random, (wide, high) => scaledTo(photograph, wide, high));
}
