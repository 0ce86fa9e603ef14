import type { Metadata } from 'sharp';
import { checkFileSize } from '../../domain/file-size.ts';
import type { Original } from '../../domain/image.ts';
import type { Settings } from '../../domain/settings.ts';
import { codecs, readOptions } from '../codecs.ts';
import type { Size } from '../raster.ts';
import { acceptedType, unsupported } from './accepted.ts';
import { checkComplexity } from './complexity.ts';
import { damaged, rareKind } from './damage.ts';
import { type Decodable, decodable } from './file-type.ts';
import { checkChannels, checkHeader } from './header-limits.ts';
import { orientationOfTexts } from './raw-profile.ts';
import { type Extras, labAsRgb, pageOfTiff, type TiffPage } from './tiff-page.ts';

/** An original that was let through: `stored` is its size as the file has it, `original` as a person sees it. */
export interface Inspected {
  type: Decodable;
  original: Original;
  stored: Size;
  /** EXIF orientation, 1-8. */
  orientation: number;
  /** Of a TIFF with channels that are neither colour nor one of alpha. */
  extras: Extras | undefined;
  maxPixels: number;
  /** Absent for one frame, which an APNG and the pages of a TIFF count as. */
  animation: Timing | undefined;
}

/** What inspecting finds, with what the next steps read it from. */
export interface Inspection extends Inspected {
  header: Metadata;
  page: TiffPage | undefined;
}

/** Of an animation: its frames, how long each is shown in milliseconds, and how often all are, 0 for ever. */
export interface Timing {
  frames: number;
  delays: number[];
  loop: number;
}

/**
 * Checks an original by its bytes and header, before anything is decoded.
 * @throws Rejection empty_file, file_too_large, unsupported_type, dimensions_too_large, too_complex, corrupt_image
 */
export async function inspect(
  bytes: Uint8Array,
  { limits, inputs }: Pick<Settings, 'limits' | 'inputs'>,
): Promise<Inspection> {
  checkFileSize(bytes.length, limits.maxBytes);
  const type = acceptedType(bytes, inputs);
  await checkComplexity(bytes, type, limits);
  const maxPixels = type === 'jpeg' ? limits.maxPixelsJpeg : limits.maxPixels;
  const page = type === 'tiff' ? pageOfTiff(bytes) : undefined;
  const header = await readHeader(bytes, { type, page, maxPixels }, inputs);
  const animation = timing(header, type);
  const frames = animation?.frames ?? 1;
  checkHeader(header, limits, maxPixels);
  checkChannels(header, maxPixels);
  const orientation = header.orientation ?? orientationOfTexts(header.comments ?? []) ?? 1;
  const stored = { width: header.width, height: header.height };
  const seen = orientation >= 5 ? { width: stored.height, height: stored.width } : stored;
  return {
    type,
    original: {
      contentType: decodable[type].contentType,
      bytes: bytes.length,
      ...seen,
      frames,
    },
    stored,
    orientation,
    extras: page?.extras,
    maxPixels,
    animation,
    header,
    page,
  };
}

interface Told {
  type: Decodable;
  page: TiffPage | undefined;
  maxPixels: number;
}

/** What libvips makes of the first bytes must be what we made of them. */
async function readHeader(
  bytes: Uint8Array,
  { type, page, maxPixels }: Told,
  inputs: Settings['inputs'],
): Promise<Metadata> {
  const { name, sharpFormat } = decodable[type];
  // No pixel is decoded for a header, and what is too large is refused with its size.
  const pipeline = codecs(page?.lab ? labAsRgb(bytes) : bytes, { ...readOptions, limitInputPixels: false });
  let header: Metadata;
  try {
    header = await pipeline.metadata();
  } catch (error) {
    if (/unsupported image format/i.test(String(error)))
      throw unsupported(`The file begins like ${name} but cannot be read as one`, inputs, { cause: error });
    const complaint = damaged(error, type, maxPixels);
    throw page?.rare === undefined ? complaint : rareKind(type, page.rare);
  }
  if (page?.rare !== undefined) throw rareKind(type, page.rare);
  // HEIC and AVIF are one format to sharp, told apart by what compresses them.
  if (header.format !== sharpFormat || (type === 'avif' && header.compression !== 'av1'))
    throw unsupported(`The file begins like ${name} but holds something else`, inputs);
  return header;
}

function timing({ pages = 1, delay = [], loop = 0 }: Metadata, type: Decodable): Timing | undefined {
  if (pages < 2 || (type !== 'gif' && type !== 'webp')) return undefined;
  return { frames: pages, delays: Array.from({ length: pages }, (_, index) => delay[index] ?? 0), loop };
}
