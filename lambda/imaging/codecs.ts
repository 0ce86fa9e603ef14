import sharp, { type OutputInfo, type Sharp } from 'sharp';
import { type InputType, inputTypes, readBlockedLoaders } from '../domain/inputs.ts';
import { requireMinimumVersions } from './minimum-versions.ts';
import { reading } from './pixel-scope.ts';
import type { Raster } from './raster.ts';

requireMinimumVersions(sharp.versions);

/*
 * The only place where sharp is set up. Every loader is off but those for types that we tell by their bytes, and
 * those only from memory, never from a path: SVG, PDF, Magick and the rest never see a stranger's file.
 */
const loaders: Record<InputType, string> = {
  jpeg: 'VipsForeignLoadJpegBuffer',
  png: 'VipsForeignLoadPngBuffer',
  webp: 'VipsForeignLoadWebpBuffer',
  gif: 'VipsForeignLoadNsgifBuffer',
  tiff: 'VipsForeignLoadTiffBuffer',
  avif: 'VipsForeignLoadHeifBuffer',
};
/** What an operator has switched off by SLUICE_BLOCKED_LOADERS, until a hole in a codec is mended. */
export const blockedInputs: readonly InputType[] = readBlockedLoaders(process.env.SLUICE_BLOCKED_LOADERS);
const blocked = { operation: blockedInputs.map((type) => loaders[type]) };
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: inputTypes.filter((type) => !blockedInputs.includes(type)).map((type) => loaders[type]),
});
// Every image comes once: a cache of operations only holds memory.
sharp.cache(false);
// Work is spread by messages, not by threads; glibc's allocator does not bear more (see sandboxEnvironment).
sharp.concurrency(1);

export { sharp as codecs };

/** How originals are read: the first page only, every warning an error, as a half-grey photograph must not end as ready. */
export const readOptions = { failOn: 'warning', pages: 1 } as const;

let ownReads = 0;

/** Runs what reads a file of our own, as a watermark's: the operator's switch is for those of strangers. */
export async function readOwn<Result>(read: () => Promise<Result>): Promise<Result> {
  if (blockedInputs.length === 0) return read();
  if (ownReads++ === 0) sharp.unblock(blocked);
  try {
    return await read();
  } finally {
    if (--ownReads === 0) sharp.block(blocked);
  }
}

/**
 * A sharp pipeline that begins with pixels instead of a file.
 * @param pageHeight of the frames that lie one below the other in an animation
 */
export function fromRaster({ data, width, height, channels }: Raster, pageHeight?: number): Sharp {
  const pages = pageHeight === undefined ? {} : { pageHeight };
  const raw = { width, height, channels, ...pages };
  return reading(sharp(data, { raw, limitInputPixels: false }), data);
}

/** What a pipeline gives with `resolveWithObject`. */
interface RawPixels {
  data: Buffer;
  info: OutputInfo;
}

/** The end of a pipeline as pixels: 8-bit sRGB, grey widened to three channels. */
export async function toRaster(pipeline: Sharp): Promise<Raster> {
  return rasterOf(await asPixels(pipeline).toBuffer({ resolveWithObject: true }));
}

export function asPixels(pipeline: Sharp): Sharp {
  return pipeline.toColourspace('srgb').raw({ depth: 'uchar' });
}

export function rasterOf({ data, info: { width, height, channels } }: RawPixels): Raster {
  if (channels !== 3 && channels !== 4) throw new Error(`a raster of ${channels} channels`);
  return { data, width, height, channels };
}
