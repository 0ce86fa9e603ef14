import { type EncoderNumbers, mostNumber } from '../../../../lambda/domain/quality.ts';
import { fromRaster } from '../../../../lambda/imaging/codecs.ts';
import { encode } from '../../../../lambda/imaging/encode/encode.ts';
import type { Raster } from '../../../../lambda/imaging/raster.ts';
import { presetOf } from '../../../support/recipes.ts';

interface PresetOptions {
  quality?: Partial<EncoderNumbers>;
  effort?: { avif: number };
}
type Way = (raster: Raster, options?: PresetOptions) => Promise<Buffer>;

/** As the pipeline encodes a variant of a preset with these options; 50 is the default number. */
export const asVariant: Way = (raster, options = {}) =>
  encode(raster, 'avif', { preset: avifPreset(options), credits: {} });

/** With this chroma subsampling, and otherwise as a variant. */
const sampled =
  (chromaSubsampling: '4:2:0' | '4:4:4'): Way =>
  (raster, options = {}) => {
    const { quality, effort } = avifPreset(options);
    return fromRaster(raster)
      .avif({ quality: mostNumber(quality, 'avif'), effort: effort.avif, chromaSubsampling })
      .toBuffer();
  };

/** The variant, and both samplings whichever it has. */
export const ways: [name: string, encode: Way][] = [
  ['as a variant', asVariant],
  ['in 4:2:0', sampled('4:2:0')],
  ['in 4:4:4', sampled('4:4:4')],
];

function avifPreset(options: PresetOptions) {
  return presetOf({ width: 100, formats: ['avif'], quality: {}, ...options });
}
