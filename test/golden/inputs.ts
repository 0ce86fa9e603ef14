/** One kind of file: how the oracle writes it, and the required similarity to the oracle's reading. */
export interface Input {
  name: string;
  /** The oracle's writer and its arguments; the picture is added. */
  writer: string;
  options: Record<string, unknown>;
  /** Least decibels against the meant picture, or against Pillow's decoding of the file. */
  decibels: number;
  /** A command that writes the fixture. */
  needs?: 'cjpeg' | 'avifenc';
}

/**
 * Lossless types are equal up to the rounding to 8 bits. Lossy types are compared with another decoder, whose inverse
 * transform and chroma upsampling may differ by a step: 45 dB is a mean step of about 1.
 */
const exact = 80;
const sameCodec = 45;
/** 16 bits are truncated or rounded to 8: up to one step. */
const rounded = 48;
/** AVIF's chroma is upsampled in different ways. */
const otherUpsampling = 36;

const jpeg = (name: string, options: Input['options'], rest: Partial<Input> = {}): Input => ({
  name: `JPEG ${name}`,
  writer: 'jpeg',
  options,
  decibels: sameCodec,
  ...rest,
});
const png = (name: string, options: Input['options'], decibels = exact): Input => ({
  name: `PNG ${name}`,
  writer: 'png',
  options,
  decibels,
});
const tiff = (name: string, options: Input['options'], decibels = exact): Input => ({
  name: `TIFF ${name}`,
  writer: 'tiff',
  options,
  decibels,
});
const avif = (name: string, options: Input['options'], rest: Partial<Input> = {}): Input => ({
  name: `AVIF ${name}`,
  writer: 'avif',
  options,
  decibels: sameCodec,
  ...rest,
});

const premultiplied = { alpha: true, premultiplied: true, depth: 8 };

export const inputs: readonly Input[] = [
  jpeg('baseline', {}),
  jpeg('progressive', { progressive: true }),
  jpeg('arithmetic', { arithmetic: true }, { needs: 'cjpeg' }),
  jpeg('grey', { space: 'grey' }),
  jpeg('4:1:1', { subsampling: '4:1:1' }, { needs: 'cjpeg' }),
  jpeg('4:2:2', { subsampling: '4:2:2' }),
  jpeg('4:4:4', { subsampling: '4:4:4' }),
  png('grey of 1 bit', { colour: 'grey', depth: 1 }),
  png('grey of 2 bits', { colour: 'grey', depth: 2 }),
  png('grey of 4 bits, interlaced', { colour: 'grey', depth: 4, interlaced: true }),
  png('grey', { colour: 'grey' }),
  png('grey of 16 bits', { colour: 'grey', depth: 16 }, rounded),
  png('grey with a transparent colour', { colour: 'grey', transparent: true }),
  png('RGB', {}),
  png('RGB, interlaced', { interlaced: true }),
  png('RGB of 16 bits', { depth: 16 }, rounded),
  png('RGB of 16 bits, interlaced', { depth: 16, interlaced: true }, rounded),
  png('RGB with a transparent colour', { transparent: true }),
  png('palette of 2 colours', { colour: 'palette', depth: 1 }),
  png('palette of 16 colours', { colour: 'palette', depth: 4 }),
  png('palette of 256 colours, interlaced', { colour: 'palette', interlaced: true }),
  png('palette with a transparent colour', { colour: 'palette', transparent: true }),
  png('grey with alpha', { colour: 'grey-alpha' }),
  png('grey with alpha of 16 bits', { colour: 'grey-alpha', depth: 16 }, rounded),
  png('RGBA', { colour: 'rgba' }),
  png('RGBA of 16 bits, interlaced', { colour: 'rgba', depth: 16, interlaced: true }, rounded),
  { name: 'WebP lossy', writer: 'webp', options: {}, decibels: sameCodec },
  { name: 'WebP lossy with alpha', writer: 'webp', options: { alpha: true }, decibels: sameCodec },
  { name: 'WebP lossless', writer: 'webp', options: { lossless: true }, decibels: exact },
  {
    name: 'WebP lossless with alpha',
    writer: 'webp',
    options: { lossless: true, alpha: true },
    decibels: exact,
  },
  tiff('in strips', {}),
  tiff('in strips, big-endian, deflated', { big_endian: true, deflate: true }),
  tiff('in tiles', { tile: 64 }),
  tiff('in tiles, deflated', { tile: 32, deflate: true }),
  tiff('of 16 bits', { depth: 16 }, rounded),
  tiff('of 16 bits in tiles, big-endian', { depth: 16, tile: 64, big_endian: true }, rounded),
  tiff('grey', { colour: 'grey' }),
  tiff('grey, white is zero', { colour: 'white-is-zero' }),
  tiff('grey of 16 bits', { colour: 'grey', depth: 16 }, rounded),
  tiff('with alpha', { colour: 'rgba' }),
  tiff('with a mask, which is no transparency', { extras: [0] }),
  tiff('with alpha and a mask', { extras: [2, 0] }),
  tiff('with a mask and alpha, in tiles', { extras: [0, 2], tile: 64 }),
  tiff('with alpha and a mask, of 16 bits', { extras: [2, 0], depth: 16 }, rounded),
  tiff('multiplied by alpha, and a mask', { extras: [1, 0] }, rounded),
  tiff('multiplied by alpha, and a mask, of 16 bits', { extras: [1, 0], depth: 16 }, rounded),
  tiff('grey with alpha and a mask, of 16 bits', { colour: 'grey', extras: [2, 0], depth: 16 }, rounded),
  tiff('CIELAB', { colour: 'lab' }, rounded),
  tiff(
    'CIELAB in tiles, deflated, big-endian',
    { colour: 'lab', tile: 64, deflate: true, big_endian: true },
    rounded,
  ),
  tiff('CIELAB with alpha and a mask', { colour: 'lab', extras: [2, 0] }, rounded),
  tiff('CIELAB of 16 bits', { colour: 'lab', depth: 16 }, rounded),
  avif('of 8 bits', { depth: 8 }),
  avif('of 8 bits, 4:2:0', { depth: 8, subsampling: '4:2:0' }, { decibels: otherUpsampling }),
  avif('of 8 bits with alpha', { depth: 8, alpha: true }),
  avif('of 10 bits', { depth: 10 }, { needs: 'avifenc', decibels: 40 }),
  avif('of 12 bits', { depth: 12 }, { needs: 'avifenc', decibels: 40 }),
  avif('of 10 bits with alpha', { depth: 10, alpha: true }, { needs: 'avifenc', decibels: 40 }),
  avif('with premultiplied alpha', premultiplied, { needs: 'avifenc', decibels: 40 }),
  avif(
    'of 10 bits with premultiplied alpha',
    { ...premultiplied, depth: 10 },
    { needs: 'avifenc', decibels: 40 },
  ),
  avif('grey', { yuv: '400', depth: 8 }, { needs: 'avifenc', decibels: 40 }),
  avif('grey, limited range', { yuv: '400', range: 'limited', depth: 8 }, { needs: 'avifenc', decibels: 40 }),
  avif('limited range', { range: 'limited', depth: 8 }, { needs: 'avifenc', decibels: 40 }),
  avif('in a grid', { grid: '2x2', depth: 8, subsampling: '4:4:4' }, { needs: 'avifenc', decibels: 40 }),
];
