import type { Raster } from '../raster.ts';
import { convertToSrgb, roundTo8, type Samples } from './conversion.ts';
import { labToSrgb } from './lab.ts';
import type { SourceColour } from './source.ts';

/** Decoded samples as 8-bit sRGB; in place where they have 8 bits already. */
export function toSrgb(samples: Samples, colour: SourceColour): Raster {
  if (colour.by === 'lab') return labToSrgb(samples);
  if (colour.by === 'matrix' && colour.space !== undefined) return convertToSrgb(samples, colour.space);
  const { data, ...rest } = samples;
  return data instanceof Uint16Array ? roundTo8(samples) : { ...rest, data };
}
