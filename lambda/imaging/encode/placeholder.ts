import { encode } from 'blurhash';
import { rgbaToThumbHash } from 'thumbhash';
import type { Placeholder, PlaceholderHash } from '../../domain/image.ts';
import { fromRaster, toRaster } from '../codecs.ts';
import type { Raster, Size } from '../raster.ts';
import { scaled } from '../shape/geometry.ts';
import { dominantColour } from './dominant-colour.ts';

/**
 * The longer side of the hashed image, in pixels. ThumbHash takes up to 100, but keeps only a few waves; 64 took 3 ms.
 */
const side = 32;
/** Fewer samples a side cannot represent the waves of a hash: an image of one pixel became black and white. */
const leastSide = 16;

/**
 * The placeholder that a page shows until a variant has loaded.
 * @param whole the whole image at any size, the smaller the cheaper; `fill` may have distorted it
 * @param image its real size
 */
export async function placeholderOf(
  whole: Raster,
  image: Size,
  kind: PlaceholderHash | 'none',
): Promise<Placeholder> {
  const size = scaled(image, Math.min(1, side / Math.max(image.width, image.height)));
  const small = await toRaster(
    fromRaster(whole).resize(size.width, size.height, { fit: 'fill' }).ensureAlpha(),
  );
  const color = dominantColour(small);
  if (kind === 'none') return { color };
  const width = Math.max(leastSide, small.width);
  const height = Math.max(leastSide, small.height);
  const { data } = await enlarged(small, { width, height });
  if (kind === 'thumbhash')
    return { color, thumbhash: Buffer.from(rgbaToThumbHash(width, height, data)).toString('base64') };
  const [across, down] = width >= height ? [4, 3] : [3, 4];
  return { color, blurhash: encode(new Uint8ClampedArray(data), width, height, across, down) };
}

async function enlarged(small: Raster, { width, height }: Size): Promise<Raster> {
  if (small.width === width && small.height === height) return small;
  return toRaster(fromRaster(small).resize(width, height, { fit: 'fill' }));
}
