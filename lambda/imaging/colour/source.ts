import type { Metadata } from 'sharp';
import type { Decodable } from '../inspect/file-type.ts';
import type { TiffPage } from '../inspect/tiff-page.ts';
import { codePointsOfAvif } from './avif.ts';
import { spaceOfCodePoints } from './cicp.ts';
import { isNearlySrgb } from './conversion.ts';
import { spaceOfProfile } from './icc-profile.ts';
import { spaceOfPng } from './png.ts';
import type { RgbSpace } from './space.ts';

/**
 * How the numbers in a file become sRGB:
 * - `none`: they are sRGB, or within one 8-bit step of it
 * - `matrix`: a matrix and curves, applied after the first resize; without a space they are sRGB of 16 bits
 * - `tables`: LittleCMS after the first resize, for a profile with tables
 * - `codec`: LittleCMS while decoding, for CMYK
 * - `lab`: `labToSrgb`, for pixels that the codec returns as L*, a* and b*
 */
export type SourceColour =
  | { by: 'none' | 'tables' | 'codec' }
  | { by: 'lab'; depth: 8 | 16 }
  | { by: 'matrix'; space: RgbSpace | undefined; depth: 8 | 16 };

/**
 * The colour space of a header. A profile that is unreadable, or not for pixels of this kind, is ignored: the photograph
 * itself is valid, and nearly always sRGB.
 */
export function sourceColour(
  { space, icc }: Pick<Metadata, 'space' | 'icc'>,
  { type, page, file }: { type: Decodable; page: TiffPage | undefined; file: Uint8Array },
): SourceColour {
  if (page?.lab) return { by: 'lab', depth: page.depth === 16 ? 16 : 8 };
  const grey = space === 'b-w' || space === 'grey16';
  const deep = space === 'rgb16' || space === 'grey16';
  if (!grey && !deep && space !== 'srgb') return { by: 'codec' };
  const own =
    spaceOfChunks(type, file, icc !== undefined) ?? (icc && spaceOfProfile(icc, grey ? 'GRAY' : 'RGB '));
  if (own === undefined && icc !== undefined) return { by: grey ? 'codec' : 'tables' };
  const needed = own === undefined || isNearlySrgb(own) ? undefined : own;
  if (needed === undefined && !deep) return { by: 'none' };
  return { by: 'matrix', space: needed, depth: deep ? 16 : 8 };
}

/** The colour space outside a profile: in a PNG code points take precedence over it, in an AVIF not. */
function spaceOfChunks(type: Decodable, bytes: Uint8Array, hasProfile: boolean): RgbSpace | undefined {
  if (type === 'png') return spaceOfPng(bytes, hasProfile);
  if (type !== 'avif' || hasProfile) return undefined;
  const points = codePointsOfAvif(bytes);
  return points && spaceOfCodePoints(points);
}
