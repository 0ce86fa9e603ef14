import type { Sharp } from 'sharp';
import { codecs, readOwn } from '../codecs.ts';
import { convertToSrgb, roundTo8, type Samples } from '../colour/conversion.ts';
import { labToSrgb } from '../colour/lab.ts';
import type { SourceColour } from '../colour/source.ts';
import { rareKind } from '../inspect/damage.ts';
import { type Inspected, readOptions } from '../inspect/inspect.ts';
import { tidied } from '../inspect/jpeg-tidy.ts';
import { labAsRgb } from '../inspect/tiff-page.ts';
import { withoutOtherPages } from '../inspect/tiff-tags.ts';
import { letGo, letGoOf } from '../let-go.ts';
import type { Raster, Size } from '../raster.ts';
import { resize } from '../shape/resize.ts';
import { withoutExtras } from './channels.ts';
import { checkJpegTiles } from './jpeg-tiles.ts';
import { type FailOn, type Pixels, readPixels } from './pixels.ts';

/**
 * From this shrink on, a JPEG is decoded to twice the size wanted at least, and no less than a quarter: at 5 times the
 * codec would else decode to a quarter, from which the sharpest photographs were 38 dB from a Lanczos of the whole image
 * instead of 51, for 10 ms of 12 megapixels. Below, the half that it decodes to is near enough (45 dB and more).
 */
const carefulShrink = 5;

/**
 * Decodes an original once, shrunk while it is loaded to the size wanted (in the file's own orientation), as 8-bit
 * sRGB. Converting colours costs by the pixel, so that comes after the resize wherever it can.
 * @throws Rejection corrupt_image, dimensions_too_large
 */
export async function decode(bytes: Uint8Array, inspected: Inspected, size: Size): Promise<Raster> {
  const { type, stored, colour, extras } = inspected;
  // What is no colour cannot be resized as one, and the codec takes the last channel for alpha.
  const whole = extras !== undefined || colour.by === 'lab';
  const open = opening(bytes, inspected, whole ? stored : size);
  const raster = inSrgb(await samplesOf(open, inspected), colour);
  if (type === 'tiff') await checkJpegTiles(bytes, inspected);
  if (!whole) return raster;
  const resized = await resize(raster, size);
  letGoOf([raster], [resized]);
  return resized;
}

/** How the codec is to read the file: put right first where its headers, or what they call its colours, would mislead it. */
function opening(bytes: Uint8Array, { type, maxPixels, stored, colour }: Inspected, size: Size) {
  const ignoreIcc = colour.by === 'us' || colour.by === 'nobody' || colour.by === 'lab';
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

/** The pixels of a file: its colours, and alpha where it has any. */
async function samplesOf(open: (failOn: FailOn) => Sharp, inspected: Inspected): Promise<Samples> {
  const { type, colour, extras } = inspected;
  const deep = 'depth' in colour && colour.depth === 16;
  const read = (failOn: FailOn) => {
    if (colour.by === 'codecLate')
      return open(failOn).toColourspace('srgb').keepIccProfile().tiff({ compression: 'none' });
    if (deep) return open(failOn).toColourspace('rgb16').raw({ depth: 'ushort' });
    return open(failOn).toColourspace('srgb').raw({ depth: 'uchar' });
  };
  const pixels = await readPixels(read, inspected);
  const { data, info } = colour.by === 'codecLate' ? await converted(pixels) : pixels;
  const samples = deep ? new Uint16Array(data.buffer as ArrayBuffer, data.byteOffset, data.length / 2) : data;
  const chosen = withoutExtras(samples, info, extras);
  if (chosen === undefined) throw rareKind(type, `it has ${info.channels} channels`);
  if (chosen.data !== samples) letGo(samples);
  return chosen;
}

/** The pixels pass with their profile through an uncompressed TIFF in memory, which costs a copy. */
async function converted({ data: profiled }: Pixels): Promise<Pixels> {
  const open = () => codecs(profiled, { failOn: 'none', limitInputPixels: false }).toColourspace('srgb');
  const pixels = await readOwn(() => open().raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true }));
  letGo(profiled);
  return pixels;
}

function inSrgb(samples: Samples, colour: SourceColour): Raster {
  const raster = converted8(samples, colour);
  if (samples.data !== raster.data) letGo(samples.data);
  return raster;
}

function converted8(samples: Samples, colour: SourceColour): Raster {
  if (colour.by === 'lab') return labToSrgb(samples);
  if (colour.by === 'us' && colour.space !== undefined) return convertToSrgb(samples, colour.space);
  const { data, ...rest } = samples;
  return data instanceof Uint16Array ? roundTo8(samples) : { ...rest, data };
}
