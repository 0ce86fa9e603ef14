import sharp, { type OutputInfo, type Sharp } from 'sharp';
import { type InputType, inputTypes, readBlockedLoaders } from '../domain/inputs.ts';
import { requireMinimumVersions } from './minimum-versions.ts';
import { reading } from './pixel-scope.ts';
import type { Raster } from './raster.ts';

requireMinimumVersions(sharp.versions);

/*
 * The only place where sharp is set up. Only loaders of types that we detect by their bytes are on, from memory and never
 * from a path: SVG, PDF, Magick and the rest never read an upload.
 */
const loaders: Record<InputType, string> = {
  jpeg: 'VipsForeignLoadJpegBuffer',
  png: 'VipsForeignLoadPngBuffer',
  webp: 'VipsForeignLoadWebpBuffer',
  gif: 'VipsForeignLoadNsgifBuffer',
  tiff: 'VipsForeignLoadTiffBuffer',
  avif: 'VipsForeignLoadHeifBuffer',
};
/** Types that an operator has switched off with SLUICE_BLOCKED_LOADERS, until a codec is fixed. */
export const blockedInputs: readonly InputType[] = readBlockedLoaders(process.env.SLUICE_BLOCKED_LOADERS);
const blocked = { operation: blockedInputs.map((type) => loaders[type]) };
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: inputTypes.filter((type) => !blockedInputs.includes(type)).map((type) => loaders[type]),
});
// No image comes twice: a cache would only hold memory.
sharp.cache(false);
// Messages distribute the work, not threads; glibc's allocator allows no more (see sandboxEnvironment). libvips passes the
// number on to libaom, whose bytes depend on it.
sharp.concurrency(1);

export { sharp as codecs };

/** For originals: the first page, with every warning an error, because a half-grey photograph must not become ready. */
export const readOptions = { failOn: 'warning', pages: 1 } as const;

let ownReads = 0;

/** Reads one of our own files, such as a watermark: the operator's switch is for uploads only. */
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
 * A sharp pipeline that starts with pixels.
 * @param pageHeight height of the frames of an animation, which are one below the other
 */
export function fromRaster({ data, width, height, channels }: Raster, pageHeight?: number): Sharp {
  const pages = pageHeight === undefined ? {} : { pageHeight };
  const raw = { width, height, channels, ...pages };
  return reading(sharp(data, { raw, limitInputPixels: false }), data);
}

interface RawPixels {
  data: Buffer;
  info: OutputInfo;
}

/** Runs a pipeline to pixels: 8-bit sRGB, grey widened to three channels. */
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
