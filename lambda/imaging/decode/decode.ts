import type { Sharp } from 'sharp';
import { codecs, readOptions, readOwn } from '../codecs.ts';
import type { Samples } from '../colour/conversion.ts';
import { rareKind } from '../inspect/damage.ts';
import { tidied } from '../inspect/jpeg-tidy.ts';
import { labAsRgb } from '../inspect/tiff-page.ts';
import { withoutOtherPages } from '../inspect/tiff-tags.ts';
import { PixelScope } from '../pixel-scope.ts';
import type { Size } from '../raster.ts';
import type { SourceImage } from '../source-image.ts';
import { withoutExtras } from './channels.ts';
import { type FailOn, type Pixels, readPixels } from './pixels.ts';
import { decodePremultiplied, isPremultiplied } from './premultiplied.ts';

/**
 * From this shrink on, a JPEG is decoded to at least twice the wanted size, and no less than a quarter: at 5 times the
 * codec would otherwise decode to a quarter, from which the sharpest photographs were 38 dB from a Lanczos of the whole
 * image instead of 51; 12 megapixels cost 10 ms more. Below, decoding to a half is near enough (45 dB and more).
 */
const carefulShrink = 5;

/**
 * Decodes an original once, as its own samples. Shrunk while loading to the size wanted (in the file's own orientation) where
 * `isDecodedWhole` does not hold: converting colours costs by the pixel.
 * @throws Rejection corrupt_image, dimensions_too_large
 */
export async function decode(bytes: Uint8Array, image: SourceImage, size: Size): Promise<Samples> {
  if (image.type === 'avif' && isPremultiplied(bytes)) return decodePremultiplied(bytes, image);
  using pixels = new PixelScope();
  const { type, colour, extras } = image;
  const open = opening(bytes, image, isDecodedWhole(image) ? image.stored : size);
  const deep = 'depth' in colour && colour.depth === 16;
  const read = (failOn: FailOn) => {
    if (colour.by === 'tables')
      return open(failOn).toColourspace('srgb').keepIccProfile().tiff({ compression: 'none' });
    if (deep) return open(failOn).toColourspace('rgb16').raw({ depth: 'ushort' });
    return open(failOn).toColourspace('srgb').raw({ depth: 'uchar' });
  };
  const read8 = pixels.own(await readPixels(read, image));
  const { data, info } = colour.by === 'tables' ? pixels.replace(read8, await converted(read8)) : read8;
  const samples = deep ? new Uint16Array(data.buffer as ArrayBuffer, data.byteOffset, data.length / 2) : data;
  const chosen = withoutExtras(samples, info, extras);
  if (chosen === undefined) throw rareKind(type, `it has ${info.channels} channels`);
  return pixels.handOver(chosen);
}

/**
 * Whether an image is decoded at its full size and resized after its colours are converted: values that are not RGB cannot
 * be resized, and the codec takes the last channel for alpha.
 */
export function isDecodedWhole({ extras, colour }: Pick<SourceImage, 'extras' | 'colour'>): boolean {
  return extras !== undefined || colour.by === 'lab';
}

/** Opens the file, corrected where its headers or colour tags would mislead the codec. */
function opening(bytes: Uint8Array, { type, maxPixels, stored, colour }: SourceImage, size: Size) {
  const ignoreIcc = colour.by === 'matrix' || colour.by === 'none' || colour.by === 'lab';
  const tidy = type === 'jpeg' ? tidied(bytes) : type === 'tiff' ? withoutOtherPages(bytes) : bytes;
  const readable = colour.by === 'lab' ? labAsRgb(tidy) : tidy;
  return (failOn: FailOn): Sharp => {
    const pipeline = codecs(readable, { ...readOptions, failOn, limitInputPixels: maxPixels, ignoreIcc });
    if (size.width === stored.width && size.height === stored.height) return pipeline;
    return pipeline.resize(size.width, size.height, {
      fit: 'fill',
      fastShrinkOnLoad: type === 'jpeg' && shrinkOf(stored, size) < carefulShrink,
    });
  };
}

function shrinkOf(from: Size, to: Size): number {
  return Math.min(from.width / to.width, from.height / to.height);
}

/** Passes the pixels with their profile through an uncompressed TIFF in memory, which costs a copy. */
async function converted({ data: profiled }: Pixels): Promise<Pixels> {
  const open = () => codecs(profiled, { failOn: 'none', limitInputPixels: false }).toColourspace('srgb');
  return readOwn(() => open().raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true }));
}
