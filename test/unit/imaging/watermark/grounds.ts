import type { Pixels } from '../fixtures.ts';

/** Grounds on which a mark must be visible: white, black, a mid-tone, a strong colour, and checks of 4 pixels. */
const kinds = [
  () => [255, 255, 255],
  () => [0, 0, 0],
  () => [70, 110, 140],
  () => [230, 120, 20],
  (x: number, y: number) => (((x >> 2) + (y >> 2)) % 2 === 0 ? [215, 225, 200] : [40, 30, 60]),
] as const;

/** Squares of 20 pixels, arranged so that a mark of 40 pixels covers several kinds in every position. */
export function patchwork(width: number, height: number): Pixels {
  return painted(width, height, (x, y) => kindAt(x, y)(x, y));
}

/** The same squares: transparent, half transparent and opaque. */
export function translucentPatchwork(width: number, height: number): Pixels {
  return painted(width, height, (x, y) => {
    const [column, row] = [Math.floor(x / 20), Math.floor(y / 20)];
    return [...kindAt(x, y)(x, y), [0, 128, 255][(column + 2 * row) % 3] as number];
  });
}

/** A ring on transparent pixels of a strong colour that must not bleed into its edges. */
export function ring(side: number): Pixels {
  const middle = side / 2;
  return painted(side, side, (x, y) => {
    const radius = Math.hypot(x + 0.5 - middle, y + 0.5 - middle) / middle;
    const cover = Math.min(1, Math.max(0, (1 - radius) * middle)) * (radius < 0.4 ? 0 : 1);
    return cover === 0 ? [0, 255, 0, 0] : [200, 30, 90, Math.round(cover * 255)];
  });
}

/** A picture from a function of its pixels. */
export function painted(
  width: number,
  height: number,
  at: (x: number, y: number) => readonly number[],
): Pixels {
  const channels = at(0, 0).length as Pixels['channels'];
  const data = Buffer.alloc(width * height * channels);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data.set(at(x, y), (y * width + x) * channels);
  return { data, width, height, channels };
}

function kindAt(x: number, y: number) {
  const [column, row] = [Math.floor(x / 20), Math.floor(y / 20)];
  return kinds[(column + 2 * row) % kinds.length] as (typeof kinds)[number];
}
