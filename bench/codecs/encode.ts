import sharp from 'sharp';
import type { Raster } from '../../lambda/imaging/raster.ts';
import type { Encoder } from './settings.ts';

// As in the decoder child: one thread, and no picture comes twice.
sharp.concurrency(1);
sharp.cache(false);

export interface Encoded {
  bytes: Buffer;
  /** User and system time of all threads in ms. */
  cpuMs: number;
}

export async function encode(raster: Raster, encoder: Encoder, level: number): Promise<Encoded> {
  const { data, width, height, channels } = raster;
  const begun = process.cpuUsage();
  const pipeline = sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
  const bytes = await output(pipeline, encoder, level).toBuffer();
  const { user, system } = process.cpuUsage(begun);
  return { bytes, cpuMs: (user + system) / 1000 };
}

/** As a browser shows it: 8-bit sRGB. */
export async function decode(bytes: Buffer): Promise<Buffer> {
  return sharp(bytes).removeAlpha().toColourspace('srgb').raw({ depth: 'uchar' }).toBuffer();
}

function output(pipeline: ReturnType<typeof sharp>, encoder: Encoder, level: number) {
  switch (encoder.format) {
    case 'jpeg':
      return pipeline.jpeg(encoder.options(level));
    case 'webp':
      return pipeline.webp(encoder.options(level));
    case 'avif':
      return pipeline.avif(encoder.options(level));
    case 'png':
      return pipeline.png(encoder.options(level));
  }
}

/** The versions of the encoders, which decide the numbers. */
export function encoderVersions(): string {
  const versions = sharp.versions as Record<string, string>;
  const named = {
    libaom: 'aom',
    libheif: 'heif',
    libwebp: 'webp',
    mozjpeg: 'mozjpeg',
    libpng: 'png',
    libimagequant: 'imagequant',
  };
  return Object.entries(named)
    .map(([name, key]) => `${name} ${versions[key] ?? 'unknown'}`)
    .join(', ');
}
