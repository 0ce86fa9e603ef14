import type { Raster } from '../../../lambda/imaging/raster.ts';
import { seeded } from '../../imaging/photographs/random.ts';
import type { Random } from './drawn/canvas.ts';
import { captioned, illustrated } from './drawn/mixtures.ts';
import { foliage, night, skin } from './drawn/nature.ts';
import { screenshot, text } from './drawn/pages.ts';
import { lineArt, logo } from './drawn/shapes.ts';
import { gradient, noise } from './drawn/surfaces.ts';
import type { Kind } from './kinds.ts';

export type DrawnKind = Exclude<Kind, 'photo'>;
type Draw = (
  width: number,
  height: number,
  random: Random,
  photograph: () => Promise<Raster>,
) => Promise<Raster>;

const makers: Record<DrawnKind, Draw> = {
  skin,
  foliage,
  night,
  text,
  screenshot: (width, height, random) => screenshot(width, height, random),
  'line-art': lineArt,
  logo,
  gradient,
  noise,
  'captioned-photo': async (width, height, random, photograph) =>
    captioned(await photograph(), width, height, random),
  'screenshot-with-photo': async (width, height, random, photograph) =>
    illustrated(await photograph(), width, height, random),
};

/** Height of a picture as a share of its width. */
const shapes: Record<DrawnKind, readonly number[]> = {
  skin: [0.75, 1.25],
  foliage: [0.75, 0.67],
  night: [0.67, 0.75],
  text: [1.3, 0.75],
  screenshot: [0.625],
  'line-art': [0.75, 1],
  logo: [0.75, 1],
  gradient: [0.75, 0.5625],
  noise: [0.75],
  'captioned-photo': [0.75, 1],
  'screenshot-with-photo': [0.625],
};

/** The longer side. Even seeds are scaled down for the largest box; odd ones stay as they are, sharp to the pixel. */
export const sideOf = (seed: number): number => (seed % 2 === 0 ? 2400 : 1600);

/** The same pixels for the same kind, seed and longer side. */
export function draw(
  kind: DrawnKind,
  seed: number,
  side: number,
  photograph: () => Promise<Raster>,
): Promise<Raster> {
  const shape = shapes[kind][seed % shapes[kind].length] as number;
  const width = Math.round(side / Math.max(1, shape));
  const height = Math.round(side * Math.min(1, shape));
  const place = Object.keys(makers).indexOf(kind);
  return makers[kind](width, height, seeded(seed * 1009 + place * 131), photograph);
}
