import type { Raster } from '../../raster.ts';
import { rgbOf } from '../../rgb.ts';
import { Channel } from './channel.ts';
import { Flatness } from './flatness.ts';
import { Tile, tileHigh, tileWide } from './tile.ts';

/**
 * What pixels tell about how hard they are to encode, from a sample of them. Lightness and tint are Y and X of XYB, the
 * colour space of SSIMULACRA2, of which a step is about as visible in the dark as in the light.
 */
export interface Look {
  /** log2 of megapixels. */
  size: number;
  /** Mean lightness, 0-1. */
  light: number;
  /** Shares of neighbours that are equal, in blocks that are not flat, and that differ by more than 40 levels. */
  equalInBusy: number;
  edges: number;
  /** Share of blocks of 8 × 8 with a deviation below half a level. */
  flat: number;
  /**
   * The same three by colours: neighbours that are equal or differ by more than 12 levels in all or any channels, and blocks
   * without such a difference. By them graphics are told; numbers are fitted by those of luma.
   */
  sameInBusy: number;
  colourEdges: number;
  colourFlat: number;
  /** log2 of the mean second difference of lightness, and the same at half the size. */
  detail: number;
  halfDetail: number;
  /** log2 of the fourth norm of the first difference at half the size, which a few strong edges decide. */
  halfContrast: number;
  /** log2 of the mean first difference at a quarter of the size. */
  quarterGradient: number;
  /** The ninth decile of the variance of blocks at a quarter of the size, as log2. */
  quarterBusiest: number;
  /** How quiet the blocks are, 0-1, at full size and at a quarter of it: errors are visible where nothing hides them. */
  quiet: number;
  quarterQuiet: number;
  /** The same of tint: mean first difference, its fourth norm at half the size, mean variance of blocks, as log2. */
  tintGradient: number;
  halfTintContrast: number;
  tintVariance: number;
}

/** All of them predict little better; these take 4 to 6 ms. */
const enoughPixels = 100_000;

/** Several formats of one raster are encoded one after the other. By the colour behind it, where there is an alpha. */
const known = new WeakMap<Raster, Map<string, Look>>();

/**
 * @param background shows through transparent pixels, as in a JPEG of the preset and on most pages; white by default
 * @param frames of an animation, one below the other
 */
export function lookOf(raster: Raster, background = 'transparent', frames = 1): Look {
  const looks = known.get(raster) ?? new Map<string, Look>();
  known.set(raster, looks);
  const behind = raster.channels === 4 ? background : '';
  const look = looks.get(behind) ?? read(raster, new Tile(rgbOf(background)), frames);
  looks.set(behind, look);
  return look;
}

/**
 * Each row of tiles is read from another column on. The golden section spreads them evenly whatever the stride is; whole
 * steps that share a divisor with it read two columns of 13.
 */
const shift = (Math.sqrt(5) - 1) / 2;

/** Reads tiles that are spread over the raster. */
function read(raster: Raster, tile: Tile, frames: number): Look {
  const { width, height } = raster;
  const columns = Math.ceil(width / tileWide);
  const rows = Math.ceil(height / tileHigh);
  const stride = Math.max(1, Math.round((width * height) / enoughPixels));
  const flatness = new Flatness();
  const [light, half, quarter] = [new Channel(8), new Channel(4), new Channel(4)];
  const [tint, halfTint] = [new Channel(8), new Channel(8)];
  for (let row = 0; row < rows; row++)
    for (let column = Math.floor(((row * shift) % 1) * stride); column < columns; column += stride) {
      tile.read(raster, column * tileWide, row * tileHigh);
      flatness.add(tile);
      light.add(tile.light);
      half.add(tile.halfLight);
      quarter.add(tile.quarterLight);
      tint.add(tile.tint);
      halfTint.add(tile.halfTint);
    }
  return {
    size: Math.log2((width * height) / frames / 1e6),
    light: light.mean / brightest,
    ...flatness.shares,
    detail: light.detail,
    halfDetail: half.detail,
    halfContrast: half.contrast,
    quarterGradient: quarter.gradient,
    quarterBusiest: quarter.busiest,
    quiet: light.quiet,
    quarterQuiet: quarter.quiet,
    tintGradient: tint.gradient,
    halfTintContrast: halfTint.contrast,
    tintVariance: tint.variance,
  };
}

/** Lightness of white. */
const brightest = 85;
