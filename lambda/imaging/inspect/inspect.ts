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

/** An accepted original: `stored` is the size in the file, `original` the upright one. */
export interface Inspected {
  type: Decodable;
  original: Original;
  stored: Size;
  /** EXIF orientation, 1-8. */
  orientation: number;
  /** Set for a TIFF with channels other than colour and one alpha. */
  extras: Extras | undefined;
  maxPixels: number;
  /** Absent for one frame; an APNG and the pages of a TIFF count as one. */
  animation: Timing | undefined;
}

/** The result of inspecting, with the sources of the next steps. */
export interface Inspection extends Inspected {
  header: Metadata;
  page: TiffPage | undefined;
}

/** Timing of an animation: its frames, their durations in milliseconds, and the number of loops, 0 for endless. */
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

interface Found {
  type: Decodable;
  page: TiffPage | undefined;
  maxPixels: number;
}

/** Checks that libvips finds the type that we found by the first bytes. */
async function readHeader(
  bytes: Uint8Array,
  { type, page, maxPixels }: Found,
  inputs: Settings['inputs'],
): Promise<Metadata> {
  const { name, sharpFormat } = decodable[type];
  // Reading a header decodes no pixel, and images that are too large are refused with their size.
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
  // sharp has one format for HEIC and AVIF; their compression differs.
  if (header.format !== sharpFormat || (type === 'avif' && header.compression !== 'av1'))
    throw unsupported(`The file begins like ${name} but holds something else`, inputs);
  return header;
}

function timing({ pages = 1, delay = [], loop = 0 }: Metadata, type: Decodable): Timing | undefined {
  if (pages < 2 || (type !== 'gif' && type !== 'webp')) return undefined;
  return { frames: pages, delays: Array.from({ length: pages }, (_, index) => delay[index] ?? 0), loop };
}
