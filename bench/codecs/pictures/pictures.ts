import sharp from 'sharp';
import type { Raster } from '../../../lambda/imaging/raster.ts';
import { type DrawnKind, draw, sideOf } from './draw.ts';
import { piped } from './drawn/canvas.ts';
import { type Kind, kinds } from './kinds.ts';
import { fileFor, photographFiles, photographFor } from './photographs.ts';

/** Sides in pixels of the boxes of the three default presets, large to small. */
export const sizes = [1600, 800, 320] as const;
export type Size = (typeof sizes)[number];

export interface Picture {
  name: string;
  /** The photograph that the picture is drawn around, or itself. */
  family: string;
  kind: Kind;
  source: 'camera' | 'drawn';
  /** One picture of each kind is; what is no candidate for a default is measured on these alone. */
  first: boolean;
  /** Two pictures of each kind are; the second judge is asked about these alone. */
  twice: boolean;
  open(): Promise<ReturnType<typeof sharp>>;
}

/** One picture at one size: raw RGB. */
export interface Sized {
  picture: Picture;
  size: Size;
  raster: Raster;
}

/** How many pictures of each drawn kind a full run has. */
const counts: Record<DrawnKind, number> = {
  skin: 3,
  foliage: 3,
  night: 3,
  text: 4,
  screenshot: 4,
  'line-art': 3,
  logo: 4,
  gradient: 3,
  noise: 3,
  'captioned-photo': 3,
  'screenshot-with-photo': 3,
};

/** All pictures, the kinds mixed, so that a run that is cut short has some of each. `most` limits each kind. */
export function pictures(
  say: (line: string) => void,
  { only = kinds, most = Number.POSITIVE_INFINITY }: { only?: readonly Kind[]; most?: number } = {},
): Picture[] {
  const files =
    only.includes('photo') || only.some((kind) => kind.includes('photo')) ? photographFiles(say) : [];
  const found: { turn: number; picture: Picture }[] = [];
  const add = (kind: Kind, turn: number, picture: Omit<Picture, 'kind' | 'first' | 'twice'>) => {
    if (only.includes(kind) && turn < most)
      found.push({ turn, picture: { kind, first: turn === 0, twice: turn < 2, ...picture } });
  };
  for (const [turn, { name, path }] of files.entries())
    add('photo', turn, { name, family: name, source: 'camera', open: async () => sharp(path).autoOrient() });
  for (const [kind, count] of Object.entries(counts) as [DrawnKind, number][])
    for (let turn = 0; turn < count; turn++) {
      const seed = turn + 1;
      add(kind, turn, {
        name: `${kind}-${seed}`,
        family: (kind.includes('photo') ? fileFor(files, seed * 3)?.name : undefined) ?? `${kind}-${seed}`,
        source: 'drawn',
        open: async () => piped(await draw(kind, seed, sideOf(seed), () => photographFor(files, seed * 3))),
      });
    }
  return found.toSorted((one, other) => one.turn - other.turn).map(({ picture }) => picture);
}

/**
 * The picture in each box, as the pipeline makes them: the first from the original, each other from the one before, with
 * sharp's default kernel. Boxes larger than the original are left out.
 */
export async function sized(picture: Picture, wanted: readonly Size[] = sizes): Promise<Sized[]> {
  const pipeline = await picture.open();
  const { width, height } = (await pipeline.clone().metadata()).autoOrient;
  const longer = Math.max(width, height);
  const made: Sized[] = [];
  for (const size of wanted) {
    if (size > longer) continue;
    const [wide, high] = [width, height].map((side) => Math.max(1, Math.round((side * size) / longer)));
    const source = made.at(-1);
    const from = source === undefined ? pipeline : piped(source.raster);
    const { data, info } = await from
      .resize(wide, high, { fit: 'fill' })
      .removeAlpha()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    made.push({ picture, size, raster: { data, width: info.width, height: info.height, channels: 3 } });
  }
  return made;
}
