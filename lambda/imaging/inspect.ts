import type { Metadata } from 'sharp';
import { Rejection } from '../domain/failure.ts';
import { checkFileSize } from '../domain/file-size.ts';
import type { Original } from '../domain/image.ts';
import type { Limits } from '../domain/settings.ts';
import { codecs } from './codecs.ts';
import { damaged } from './damage.ts';
import { type Decodable, decodable, fileType } from './file-type.ts';
import { countScans } from './jpeg-scans.ts';
import type { Size } from './raster.ts';

/** An original that was let through: `stored` is its size as the file has it, `original` as a person sees it. */
export interface Inspected {
  type: Decodable;
  original: Original;
  stored: Size;
  /** EXIF orientation, 1-8. */
  orientation: number;
  /** An ICC profile of a colour image, which can be applied after the resize. */
  lateProfile: boolean;
  maxPixels: number;
}

/** The first page only, every warning an error: a half-grey photograph must not end as ready. */
export const readOptions = { failOn: 'warning', pages: 1 } as const;

/**
 * Checks an original by its bytes and header, before anything is decoded.
 * @throws Rejection empty_file, file_too_large, unsupported_type, dimensions_too_large, too_complex, corrupt_image
 */
export async function inspect(bytes: Uint8Array, limits: Limits): Promise<Inspected> {
  checkFileSize(bytes.length, limits.maxBytes);
  const told = fileType(bytes);
  if (told.type === undefined) throw unsupported(`The file is ${told.found}`);
  const { type } = told;
  const maxPixels = type === 'jpeg' ? limits.maxPixelsJpeg : limits.maxPixels;
  if (type === 'jpeg' && countScans(bytes, limits.maxScans) > limits.maxScans)
    throw new Rejection('too_complex', `The JPEG has more than ${limits.maxScans} scans.`);

  const header = await readHeader(bytes, type, maxPixels);
  if (header.format !== decodable[type].sharpFormat)
    throw unsupported(`The file begins like ${decodable[type].name} but holds something else`);
  checkSize(header, maxPixels, limits);
  const orientation = header.orientation ?? 1;
  const stored = { width: header.width, height: header.height };
  const seen = orientation >= 5 ? { width: stored.height, height: stored.width } : stored;
  return {
    type,
    original: { contentType: decodable[type].contentType, bytes: bytes.length, ...seen },
    stored,
    orientation,
    lateProfile: header.hasProfile && (header.space === 'srgb' || header.space === 'rgb16'),
    maxPixels,
  };
}

async function readHeader(bytes: Uint8Array, type: Decodable, maxPixels: number): Promise<Metadata> {
  try {
    return await codecs(bytes, { ...readOptions, limitInputPixels: maxPixels }).metadata();
  } catch (error) {
    if (/unsupported image format/i.test(String(error)))
      throw unsupported(`The file begins like ${decodable[type].name} but cannot be read as one`, error);
    throw damaged(error, type, maxPixels);
  }
}

function checkSize({ width, height, pages = 1 }: Metadata, maxPixels: number, limits: Limits): void {
  if (width > limits.maxSide || height > limits.maxSide)
    throw new Rejection(
      'dimensions_too_large',
      `The image is ${width} × ${height} pixels; at most ${limits.maxSide} a side are accepted.`,
    );
  if (width * height > maxPixels)
    throw new Rejection(
      'dimensions_too_large',
      `The image is ${width} × ${height} pixels; at most ${maxPixels} in all are accepted.`,
    );
  if (pages > limits.maxPages)
    throw new Rejection(
      'too_complex',
      `The image has ${pages} pages; at most ${limits.maxPages} are accepted.`,
    );
}

function unsupported(what: string, cause?: unknown): Rejection {
  const accepted = Object.values(decodable)
    .map(({ name }) => name)
    .join(', ');
  return new Rejection('unsupported_type', `${what}. Accepted are ${accepted}.`, { cause });
}
