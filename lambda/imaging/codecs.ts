import sharp, { type OutputInfo, type Sharp } from 'sharp';
import type { Raster } from './raster.ts';

/*
 * The only place where sharp is set up. Every loader is off but those for types that we tell by their bytes, and
 * those only from memory, never from a path: SVG, PDF, Magick and the rest never see a stranger's file.
 */
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: [
    'VipsForeignLoadJpegBuffer',
    'VipsForeignLoadPngBuffer',
    'VipsForeignLoadWebpBuffer',
    'VipsForeignLoadNsgifBuffer',
    'VipsForeignLoadTiffBuffer',
    'VipsForeignLoadHeifBuffer',
  ],
});
// Every image comes once: a cache of operations only holds memory.
sharp.cache(false);
// Work is spread by messages, not by threads; glibc's allocator does not bear more (see decoderEnvironment).
sharp.concurrency(1);

export { sharp as codecs };

/** A sharp pipeline that begins with pixels instead of a file. */
export function fromRaster({ data, width, height, channels }: Raster): Sharp {
  return sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
}

/** The end of a pipeline as pixels: 8-bit sRGB, grey widened to three channels. */
export async function toRaster(pipeline: Sharp): Promise<Raster> {
  const { data, info } = await pipeline
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: rasterChannels(info) };
}

function rasterChannels({ channels }: OutputInfo): 3 | 4 {
  if (channels === 3 || channels === 4) return channels;
  throw new Error(`a raster of ${channels} channels`);
}
