import type { VariantFormat } from '../domain/image.ts';
import { fromRaster } from './codecs.ts';
import type { Raster } from './raster.ts';

/**
 * Encodes pixels, without any metadata, and with the same bytes for the same pixels. WebP keeps alpha; JPEG has
 * none and gets white under it.
 * @param quality 1-100, the encoder's own scale
 */
export async function encode(raster: Raster, format: VariantFormat, quality: number): Promise<Buffer> {
  const pipeline = fromRaster(raster);
  if (format === 'webp') return pipeline.webp({ quality }).toBuffer();
  if (raster.channels === 4) pipeline.flatten({ background: '#ffffff' });
  return pipeline.jpeg({ quality }).toBuffer();
}
