import type { Metadata } from 'sharp';
import type { Decodable } from '../inspect/file-type.ts';
import { readGifXmp } from './gif-xmp.ts';
import { readSegments } from './jpeg-metadata.ts';
import { readPngTexts } from './png-text.ts';

/** The metadata blocks that may hold credits, by format. */
export interface Blocks {
  /** An EXIF block, or a whole TIFF, whose first directory has the same tags. */
  exif?: Uint8Array | undefined;
  xmp?: Uint8Array | undefined;
  /** IPTC, bare or among Photoshop's resources, by rank. */
  iptc?: readonly Uint8Array[] | undefined;
  /** The texts of a PNG by their keywords. */
  texts?: ReadonlyMap<string, string> | undefined;
}

/** The blocks of a file: those found by the codec, and those it ignores. */
export function blocksOf(
  { exif, iptc, xmp, tifftagPhotoshop }: Pick<Metadata, 'exif' | 'iptc' | 'xmp' | 'tifftagPhotoshop'>,
  type: Decodable,
  bytes: Uint8Array,
): Blocks {
  const blocks = { exif, xmp, iptc: [iptc, tifftagPhotoshop].filter((block) => block !== undefined) };
  switch (type) {
    case 'jpeg': {
      const { xmp, photoshop } = readSegments(bytes);
      // Data too long for one segment continue in the next.
      return { exif, xmp, iptc: [Buffer.concat(photoshop), ...photoshop] };
    }
    case 'png':
      return { ...blocks, texts: readPngTexts(bytes, ['Author', 'Copyright']) };
    case 'gif':
      return { xmp: readGifXmp(bytes) };
    case 'tiff':
      return { ...blocks, exif: exif ?? bytes };
    default:
      return blocks;
  }
}
