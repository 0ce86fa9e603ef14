import { mostFinePixels, olderFormats } from '../../domain/formats.ts';
import type { FormatChoice, VariantFormat } from '../../domain/image.ts';
import type { Raster } from '../raster.ts';
import { type Encoding, encode, losslessBelow } from './encode.ts';
import { isGraphic } from './look/graphic.ts';
import { lookOf } from './look/look.ts';
import { isOpaque } from './opaque.ts';

/** One encoded format. */
export interface Encoded {
  format: VariantFormat;
  bytes: Buffer;
}

/** Encodes one format of a picture; undefined where the preset's JPEG or PNG serves better than what is newer. */
export type EncodeStill = (choice: FormatChoice) => Promise<Encoded | undefined>;

/** The formats of one picture. Each is made once, for itself and to compare with. */
export function stillsOf(raster: Raster, encoding: Encoding): EncodeStill {
  const made = new Map<VariantFormat, Promise<Buffer>>();
  const bytesOf: BytesOf = (format) => {
    const bytes = made.get(format) ?? encode(raster, format, encoding);
    made.set(format, bytes);
    return bytes;
  };
  return async (choice) =>
    choice === 'modern'
      ? modern(raster, encoding, bytesOf)
      : { format: choice, bytes: await bytesOf(choice) };
}

type BytesOf = (format: VariantFormat) => Promise<Buffer>;

/** Below it the 300 bytes of AVIF's boxes outweigh what it saves: at 96 × 72 a photograph took as much as WebP. */
const fewestAvifPixels = 10_000;

/**
 * AVIF of photographs. WebP of flat graphics, of which AVIF takes 1.2 to 1.4 times the bytes for the same score
 * (bench/codecs), with or without loss, whichever is smaller; of what is nearly empty, without loss if that is smaller than
 * its AVIF; of what is too small or too large for AVIF; and of what is transparent in part: AVIF encodes hidden colours in
 * full, and its lossy alpha has halos. A cut-out star of 800 × 600 took 81 kB as AVIF with exact alpha and 49 as WebP.
 * Nothing if the JPEG of the same preset is smaller at the same score (with encoders' numbers it has another), but a JPEG
 * shows no transparency; or if its PNG is, which loses nothing.
 */
async function modern(raster: Raster, encoding: Encoding, bytesOf: BytesOf): Promise<Encoded | undefined> {
  const opaque = isOpaque(raster);
  const pixels = raster.width * raster.height;
  const suits = pixels >= fewestAvifPixels && pixels <= mostFinePixels;
  const format = opaque && suits && !isGraphic(lookOf(raster, encoding.preset.background)) ? 'avif' : 'webp';
  const made = await smaller(raster, { format, bytes: await encode(raster, format, encoding) }, encoding);
  for (const older of olderFormats(encoding.preset)) {
    const isEqual = older === 'png' || opaque;
    if (isEqual && (await bytesOf(older)).length <= made.bytes.length) return undefined;
  }
  return made;
}

/** An AVIF, or a WebP that loses nothing where that is smaller; `encode` compares a WebP itself. */
async function smaller(raster: Raster, made: Encoded, encoding: Encoding): Promise<Encoded> {
  if (made.format !== 'avif') return made;
  const lossless = await losslessBelow(raster, made.bytes.length, encoding);
  return lossless === undefined ? made : { format: 'webp', bytes: lossless };
}
