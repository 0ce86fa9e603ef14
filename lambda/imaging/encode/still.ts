import { mostFinePixels } from '../../domain/formats.ts';
import type { FormatChoice, VariantFormat } from '../../domain/image.ts';
import type { Raster } from '../raster.ts';
import { type Encoding, encode } from './encode.ts';
import { isGraphic } from './look/graphic.ts';
import { lookOf } from './look/look.ts';
import { isOpaque } from './opaque.ts';

/** One encoded format. */
export interface Encoded {
  format: VariantFormat;
  bytes: Buffer;
}

/** Encodes one format of a picture; undefined where the preset's JPEG serves better than what is newer. */
export type EncodeStill = (choice: FormatChoice) => Promise<Encoded | undefined>;

/** The formats of one picture. Its JPEG is made once, for itself and to compare with. */
export function stillsOf(raster: Raster, encoding: Encoding): EncodeStill {
  let made: Promise<Buffer> | undefined;
  const jpeg = () => {
    made ??= encode(raster, 'jpeg', encoding);
    return made;
  };
  return async (choice) => {
    if (choice === 'modern') return modern(raster, encoding, jpeg);
    const bytes = choice === 'jpeg' ? await jpeg() : await encode(raster, choice, encoding);
    return { format: choice, bytes };
  };
}

/**
 * AVIF of photographs. WebP of flat graphics, of which AVIF takes 1.2 to 1.4 times the bytes for the same score
 * (bench/codecs), with or without loss, whichever is smaller; of what is too large for AVIF; and of what is transparent in
 * part: AVIF encodes hidden colours in full, and its lossy alpha has halos. A cut-out star of 800 × 600 took 81 kB as AVIF
 * with exact alpha and 49 as WebP. Nothing if the JPEG of the same preset is smaller at the same score; but a JPEG shows no
 * transparency.
 */
async function modern(
  raster: Raster,
  encoding: Encoding,
  jpeg: () => Promise<Buffer>,
): Promise<Encoded | undefined> {
  const opaque = isOpaque(raster);
  const graphic = isGraphic(lookOf(raster));
  const isSmall = raster.width * raster.height <= mostFinePixels;
  const format = opaque && isSmall && !graphic ? 'avif' : 'webp';
  const made = { format, bytes: await encode(raster, format, encoding) } as const;
  const isReplaceable = opaque && encoding.preset.formats.includes('jpeg');
  return isReplaceable && (await jpeg()).length <= made.bytes.length ? undefined : made;
}
