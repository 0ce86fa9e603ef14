import type { Raster } from '../../raster.ts';

/** Pixels of a tile: wide enough for blocks of 4 at a quarter of its size. */
export const tileWide = 32;
export const tileHigh = 16;

/** A part of one channel of a picture: the first `high` rows of `wide` values each, one after the other. */
export interface Plane {
  values: Float64Array;
  wide: number;
  high: number;
}

/** sRGB to light, by level. */
const linear = Float64Array.from({ length: 256 }, (_, level) => {
  const value = level / 255;
  return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
});
/** Of XYB: the bias of the cones, and scales that make a visible step about 1. */
const bias = 0.0038;
/** Cube roots of light with the bias, by its share of `steps`: three times as fast as the function, 0.04 of a step off. */
const steps = 16_384;
const roots = Float32Array.from({ length: steps + 1 }, (_, step) => Math.cbrt(step / steps + bias));
const root = roots[0] as number;
const lightScale = 50;
const tintScale = 700;

function rootOf(light: number): number {
  return roots[Math.round(light * steps)] as number;
}

/** One tile of a raster in the channels of a look; it is read again and again. */
export class Tile {
  /** Red, green and blue of each pixel of `luma`, ten bits each, of which two are free for differences. */
  readonly colours = new Int32Array(tileWide * tileHigh);
  /** Luma, 256 to a level. */
  readonly luma: Plane = plane(1);
  readonly light: Plane = plane(1);
  readonly tint: Plane = plane(1);
  readonly halfLight: Plane = plane(2);
  readonly halfTint: Plane = plane(2);
  readonly quarterLight: Plane = plane(4);
  readonly #behind: readonly [number, number, number];

  /** @param behind what shows through transparent pixels: red, green and blue, 0-255 */
  constructor(behind: readonly [number, number, number]) {
    this.#behind = behind;
  }

  read({ data, width, height, channels }: Raster, left: number, top: number): void {
    const wide = Math.min(tileWide, width - left);
    const high = Math.min(tileHigh, height - top);
    for (const full of [this.luma, this.light, this.tint]) {
      full.wide = wide;
      full.high = high;
    }
    let to = 0;
    for (let row = 0; row < high; row++) {
      let at = ((top + row) * width + left) * channels;
      for (let x = 0; x < wide; x++, at += channels, to++) {
        let r = data[at] as number;
        let g = data[at + 1] as number;
        let b = data[at + 2] as number;
        const alpha = channels === 4 ? (data[at + 3] as number) : 255;
        if (alpha < 255) {
          r = mixed(r, this.#behind[0], alpha);
          g = mixed(g, this.#behind[1], alpha);
          b = mixed(b, this.#behind[2], alpha);
        }
        this.colours[to] = (r << 20) | (g << 10) | b;
        this.luma.values[to] = 77 * r + 150 * g + 29 * b;
        const red = linear[r] as number;
        const green = linear[g] as number;
        const blue = linear[b] as number;
        const long = rootOf(0.3 * red + 0.622 * green + 0.078 * blue);
        const middle = rootOf(0.23 * red + 0.692 * green + 0.078 * blue);
        this.light.values[to] = (long + middle - 2 * root) * lightScale;
        this.tint.values[to] = (long - middle) * tintScale;
      }
    }
    halve(this.light, this.halfLight);
    halve(this.tint, this.halfTint);
    halve(this.halfLight, this.quarterLight);
  }
}

function mixed(level: number, behind: number, alpha: number): number {
  return Math.round((level * alpha + behind * (255 - alpha)) / 255);
}

function plane(shrink: number): Plane {
  return { values: new Float64Array((tileWide * tileHigh) / shrink ** 2), wide: 0, high: 0 };
}

/** Means of four; an odd last row or column is left out. */
function halve({ values, wide, high }: Plane, into: Plane): void {
  into.wide = wide >> 1;
  into.high = high >> 1;
  let to = 0;
  for (let row = 0; row < into.high; row++) {
    let at = 2 * row * wide;
    for (let x = 0; x < into.wide; x++, at += 2, to++)
      into.values[to] =
        ((values[at] as number) +
          (values[at + 1] as number) +
          (values[at + wide] as number) +
          (values[at + wide + 1] as number)) /
        4;
  }
}
