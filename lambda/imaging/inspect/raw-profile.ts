import { fieldsOfTiff } from './tiff-tags.ts';

/** Names of texts in which ImageMagick, exiv2 and others keep EXIF; PNG has its own `eXIf` only since 2017. */
const keywords = new Set(['Raw profile type exif', 'Raw profile type APP1']);
const exifPrefix = Buffer.from('Exif\0\0', 'latin1');
const orientation = 274;

/**
 * The orientation (1-8) of EXIF in a text of a PNG: lines with its kind, the number of its bytes, and these in hexadecimal.
 * Pillow, ImageMagick and the next libvips apply it; browsers do not.
 */
export function orientationOfTexts(texts: readonly { keyword: string; text: string }[]): number | undefined {
  const profile = texts.find(({ keyword }) => keywords.has(keyword));
  if (profile === undefined) return undefined;
  const [, , ...hexadecimal] = profile.text.trim().split('\n');
  const bytes = Buffer.from(hexadecimal.join('').replace(/\s/g, ''), 'hex');
  const tiff = bytes.subarray(0, 6).equals(exifPrefix) ? bytes.subarray(6) : bytes;
  if (!/^(II\*\0|MM\0\*)/.test(tiff.toString('latin1', 0, 4))) return undefined;
  const value = fieldsOfTiff(tiff, [orientation], 1).get(orientation)?.values[0] ?? 0;
  return value >= 1 && value <= 8 ? value : undefined;
}
