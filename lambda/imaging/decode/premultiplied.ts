import { Rejection } from '../../domain/failure.ts';
import { codecs, readOptions } from '../codecs.ts';
import type { Samples } from '../colour/conversion.ts';
import { damaged } from '../inspect/damage.ts';
import { boxes, boxIn, metaOf } from '../inspect/iso-boxes.ts';
import { PixelScope } from '../pixel-scope.ts';
import type { SourceImage } from '../source-image.ts';

/**
 * Whether the colours of an AVIF are multiplied by its alpha, by a reference `prem` (ISO/IEC 23008-12, 6.10.1.2). libheif
 * leaves them so.
 */
export function isPremultiplied(avif: Uint8Array): boolean {
  const meta = metaOf(avif);
  const [primary, references] = [meta && boxIn(meta, 'pitm'), meta && boxIn(meta, 'iref')];
  if (primary === undefined || references === undefined) return false;
  const picture = idAt(primary, 4, primary[0] === 0);
  return [...boxes(references.subarray(4))].some(
    ({ name, content }) => name === 'prem' && idAt(content, 0, references[0] === 0) === picture,
  );
}

/** The number of an item: two bytes in a box of version 0, else four. */
function idAt(content: Buffer, at: number, isShort: boolean): number | undefined {
  if (at + (isShort ? 2 : 4) > content.length) return undefined;
  return isShort ? content.readUInt16BE(at) : content.readUInt32BE(at);
}

/**
 * Decodes an image with premultiplied colours to straight alpha, at full size: resizing would multiply a second time.
 * @throws Rejection corrupt_image, also where the colours need a profile of tables: such files are not in use
 */
export async function decodePremultiplied(bytes: Uint8Array, image: SourceImage): Promise<Samples> {
  const { type, maxPixels, colour } = image;
  if (colour.by === 'codec' || colour.by === 'tables')
    throw new Rejection(
      'corrupt_image',
      'The AVIF is of a rare kind that is not supported: its colours are premultiplied and need a profile with tables.',
    );
  const isDeep = colour.by === 'matrix' && colour.depth === 16;
  using pixels = new PixelScope();
  const pipeline = codecs(bytes, { ...readOptions, limitInputPixels: maxPixels, ignoreIcc: true });
  const reading = isDeep
    ? pipeline.toColourspace('rgb16').raw({ depth: 'ushort' })
    : pipeline.toColourspace('srgb').raw({ depth: 'uchar' });
  const { data, info } = pixels.own(
    await reading.toBuffer({ resolveWithObject: true }).catch((error: unknown) => {
      throw damaged(error, type, maxPixels);
    }),
  );
  const { width, height, channels } = info;
  if (channels !== 3 && channels !== 4) throw new Error(`a raster of ${channels} channels`);
  const samples: Samples = {
    data: isDeep ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data,
    width,
    height,
    channels,
  };
  divide(samples);
  return pixels.handOver(samples);
}

/** Divides colours by alpha in place, rounded; no colour exceeds its alpha. */
function divide({ data, channels }: Samples): void {
  if (channels !== 4) return;
  const most = data.BYTES_PER_ELEMENT === 1 ? 255 : 65_535;
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3] as number;
    if (alpha === most || alpha === 0) continue;
    for (let c = at; c < at + 3; c++)
      data[c] = Math.min(most, Math.round(((data[c] as number) * most) / alpha));
  }
}
