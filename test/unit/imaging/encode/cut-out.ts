import type { Raster } from '../../../../lambda/imaging/raster.ts';

/** A texture cut out by a star with softened edges; the pixels around it keep their colours. */
export function cutOut(width: number, height: number): Raster {
  const data = Buffer.alloc(width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const colour = [(x * 7) % 256, (y * 5) % 256, ((x ^ y) * 3) % 256];
      data.set(
        [...colour, starAt(x - width / 2, y - height / 2, Math.min(width, height))],
        (y * width + x) * 4,
      );
    }
  return { data, width, height, channels: 4 };
}

/** The same texture without alpha. */
export function texture(width: number, height: number): Raster {
  const { data } = cutOut(width, height);
  return { data: Buffer.from(data.filter((_, at) => at % 4 < 3)), width, height, channels: 3 };
}

function starAt(dx: number, dy: number, size: number): number {
  const inside = size * (0.3 + 0.12 * Math.cos(9 * Math.atan2(dy, dx))) - Math.hypot(dx, dy);
  return Math.round(255 * Math.min(1, Math.max(0, inside + 0.5)));
}
