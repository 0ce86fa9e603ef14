import { fieldsOfTiff } from './tiff-tags.ts';

/** Names of texts that ImageMagick, exiv2 and those after them keep EXIF in; `eXIf` of its own a PNG has since 2017 only. */
const keywords = new Set(['Raw profile type exif', 'Raw profile type APP1']);
const exifPrefix = Buffer.from('Exif\0\0', 'latin1');
const orientation = 274;

/**
 * The orientation (1-8) that EXIF in a text of a PNG tells: lines of its kind, of the number of its bytes, and of these in hexadecimal. Pillow,
 * ImageMagick and the next libvips turn such a picture; browsers do not.
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
