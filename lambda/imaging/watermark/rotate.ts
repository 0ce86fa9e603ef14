import type { Raster, Size } from '../raster.ts';

/** Samples a side of a pixel of a rotated mark: 17 steps along a slanted edge. */
const samples = 4;

/** The smallest box around a rotated mark, in whole pixels. */
export function rotatedSize({ width, height }: Size, degrees: number): Size {
  const { cos, sin } = direction(degrees);
  // A quarter turn must not grow by a pixel because of a cosine's last bit.
  const whole = (side: number) => Math.ceil(side - 1e-9);
  return {
    width: whole(width * Math.abs(cos) + height * Math.abs(sin)),
    height: whole(width * Math.abs(sin) + height * Math.abs(cos)),
  };
}

/** Unit vector of the mark's lines: x to the right, y down, so that degrees go clockwise. */
export function direction(degrees: number): { cos: number; sin: number } {
  const radians = (degrees * Math.PI) / 180;
  return { cos: Math.cos(radians), sin: Math.sin(radians) };
}

/**
 * Rotates a mark clockwise about its middle and halves it: each pixel is the mean of 16 samples, colours weighted by alpha,
 * so that transparent pixels add no colour to an edge.
 * @param twice the mark at twice its size
 */
export function rotate(twice: Raster, degrees: number): Raster {
  const box = rotatedSize({ width: twice.width / 2, height: twice.height / 2 }, degrees);
  const { cos, sin } = direction(degrees);
  const { data: source, width, height } = twice;
  // The samples of a pixel in the mark's own directions, from the pixel's middle.
  const offsets = Array.from({ length: samples ** 2 }, (_, sample) => {
    const x = (2 * (sample % samples) + 1) / samples - 1;
    const y = (2 * Math.floor(sample / samples) + 1) / samples - 1;
    return { u: x * cos + y * sin, v: y * cos - x * sin };
  });
  const data = Buffer.alloc(box.width * box.height * 4);
  for (let row = 0, to = 0; row < box.height; row++)
    for (let column = 0; column < box.width; column++, to += 4) {
      const [x, y] = [2 * column + 1 - box.width, 2 * row + 1 - box.height];
      const u = x * cos + y * sin + width / 2;
      const v = y * cos - x * sin + height / 2;
      if (u < -2 || v < -2 || u > width + 2 || v > height + 2) continue;
      let red = 0;
      let green = 0;
      let blue = 0;
      let alpha = 0;
      for (const offset of offsets) {
        const left = Math.floor(u + offset.u);
        const top = Math.floor(v + offset.v);
        if (left < 0 || top < 0 || left >= width || top >= height) continue;
        const from = (top * width + left) * 4;
        const share = source[from + 3] as number;
        if (share === 0) continue;
        red += (source[from] as number) * share;
        green += (source[from + 1] as number) * share;
        blue += (source[from + 2] as number) * share;
        alpha += share;
      }
      if (alpha === 0) continue;
      data[to] = Math.round(red / alpha);
      data[to + 1] = Math.round(green / alpha);
      data[to + 2] = Math.round(blue / alpha);
      data[to + 3] = Math.round(alpha / samples ** 2);
    }
  return { data, ...box, channels: 4 };
}
