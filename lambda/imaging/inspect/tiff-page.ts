import { fieldsOfTiff, tag, withNumber } from './tiff-tags.ts';

/** How a TIFF stores its pixels, as far as the codec needs correction. */
export interface TiffPage {
  /** Bits of a sample. */
  depth: number;
  /** Whether its colours are L*, a* and b* (TIFF 6.0, section 23). */
  lab: boolean;
  extras: Extras | undefined;
  /** A feature that the codec cannot read, or would misread: a part of a sentence, shown to the tenant. */
  rare: string | undefined;
}

/** Set where the additional channels are not just one alpha: the index of alpha among them. */
export interface Extras {
  alpha: number | undefined;
}

const rgb = 2;
const separated = 5;
const yCbCr = 6;
const cieLab = 8;
/** The number of colour channels by photometric interpretation: white is 0, black is 0, RGB, palette, CMYK, YCbCr, Lab. */
const coloursOf: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  [rgb]: 3,
  3: 1,
  [separated]: 4,
  [yCbCr]: 3,
  [cieLab]: 3,
};
const cmyk = 1;
const jpeg = 7;

/**
 * None, CCITT's four, LZW, JPEG, Deflate with its two numbers, PackBits, NeXT's, ThunderScan's and WebP: the compressions
 * of sharp's libtiff 4.7.2. It lacks old-style JPEG (6), Zstandard (50000), LZMA (34925), LERC (34887), JBIG (34661),
 * PixarLog (32909), JPEG 2000, PNG, JPEG XR and JPEG XL.
 */
const compressions = new Set([1, 2, 3, 4, 5, jpeg, 8, 32766, 32771, 32773, 32809, 32946, 50001]);

const formatNames: Readonly<Record<number, string>> = {
  2: 'with a sign',
  3: 'in floating point',
  5: 'that are complex integers',
  6: 'that are complex numbers',
};
/** 4 is "undefined", which some writers use for unsigned values. */
const unsigned = [1, 4];

/** The limit of sharp 0.35. */
const mostSamples = 5;
const associated = 1;
const unassociated = 2;

const readTags = [
  tag.bitsPerSample,
  tag.compression,
  tag.photometric,
  tag.samplesPerPixel,
  tag.inkSet,
  tag.extraSamples,
  tag.sampleFormat,
  tag.subsampling,
];
/** Values read of a tag, more than so few channels have. */
const mostValues = 64;

/** Reads the tags of the first page about its pixels. */
export function pageOfTiff(tiff: Uint8Array): TiffPage {
  const fields = fieldsOfTiff(tiff, readTags, mostValues);
  const all = (id: number, ...otherwise: number[]) => fields.get(id)?.values ?? otherwise;
  const first = (id: number, otherwise: number) => all(id, otherwise)[0] as number;
  const photometric = first(tag.photometric, rgb);
  const colours = coloursOf[photometric];
  const samples = first(tag.samplesPerPixel, 1);
  const kinds = all(tag.extraSamples, unassociated);
  const extras = Math.max(0, samples - (colours ?? samples));
  // Unspecified channels are masks of an editor, not transparency (TIFF 6.0, ExtraSamples). Without a kind the first is
  // alpha, as all readers assume.
  const alpha = kinds.slice(0, extras).findIndex((kind) => kind > 0);
  const page = {
    depth: first(tag.bitsPerSample, 1),
    lab: photometric === cieLab,
    extras:
      extras === 0 || (extras === 1 && alpha === 0) ? undefined : { alpha: alpha < 0 ? undefined : alpha },
  };
  const ways: Ways = {
    depth: page.depth,
    compression: first(tag.compression, 1),
    photometric,
    samples,
    formats: all(tag.sampleFormat, 1),
    subsampling: all(tag.subsampling, 2, 2),
    inkSet: first(tag.inkSet, cmyk),
    alpha: alpha < 0 ? undefined : kinds[alpha],
  };
  return { ...page, rare: rareWay(ways) };
}

/** Values of the tags about pixel storage; `alpha` is the kind of the alpha channel. */
interface Ways {
  compression: number;
  photometric: number;
  samples: number;
  depth: number;
  formats: readonly number[];
  subsampling: readonly number[];
  inkSet: number;
  alpha: number | undefined;
}

function rareWay({
  compression,
  photometric,
  samples,
  depth,
  formats,
  subsampling,
  inkSet,
  alpha,
}: Ways): string | undefined {
  const lab = photometric === cieLab;
  if (!compressions.has(compression)) return `its compression, of number ${compression}, cannot be read`;
  if (coloursOf[photometric] === undefined || (photometric === separated && inkSet !== cmyk))
    return 'its colours are neither grey, RGB, CMYK, YCbCr, CIELAB nor those of a palette';
  // libvips silently makes black or white of values that are floating-point, signed or of 32 bits.
  const format = formats.find((one) => !unsigned.includes(one));
  if (format !== undefined)
    return `it holds samples of ${depth} bits ${formatNames[format] ?? 'of an unknown form'}`;
  if (!(lab ? [8, 16] : [1, 2, 4, 8, 16]).includes(depth)) return `it holds samples of ${depth} bits`;
  if (samples > mostSamples) return `it has ${samples} channels`;
  if (depth < 8 && samples > 1) return `it holds ${samples} samples of ${depth} bits a pixel`;
  // Without subsampling libvips takes luma and chroma for red, green and blue, except in JPEG.
  if (photometric === yCbCr && compression !== jpeg && subsampling.every((by) => by === 1))
    return 'its colours are YCbCr that is neither subsampled nor in JPEG';
  // libvips makes an opaque image of it.
  if (photometric === separated && depth === 16 && alpha !== undefined)
    return 'it is CMYK of 16 bits with transparency';
  if (lab && alpha === associated) return 'it is CIELAB premultiplied by its transparency';
  return undefined;
}

/** A CIELAB TIFF marked as RGB, so that the codec returns its numbers unchanged. */
export function labAsRgb(tiff: Uint8Array): Uint8Array {
  const photometric = fieldsOfTiff(tiff, [tag.photometric], 1).get(tag.photometric);
  return photometric === undefined ? tiff : withNumber(tiff, photometric, rgb);
}
