import { describe, expect, it } from 'vitest';
import { codePointsOfAvif } from '../../../../lambda/imaging/colour/avif.ts';
import { distance, type Pixels, pixelsIn } from '../fixtures.ts';
import { sequenceOf } from './av1-sequence.ts';
import { type AvifItem, itemsOf } from './avif-items.ts';
import { ways } from './avif-ways.ts';
import { patches, patchwork, side } from './patchwork.ts';

/*
 * The encoder writes no `colr` box, which means BT.709, sRGB's curve, the matrix of BT.601 and full range (MIAF, ISO/IEC
 * 23000-22, 7.3.6.4), and the bitstream says the same. So it does not matter which of the two a browser follows:
 * - Safari: on macOS and iOS a file without `colr` has MIAF's default, whatever the bitstream says
 *   (https://github.com/gpac/ComplianceWarden/issues/36, by an engineer of Apple).
 * - Firefox: the matrix, range, primaries and curve of the bitstream; where that has none, those of MIAF's default
 *   (GetAVIFColorSpace, GetAVIFColorRange and SetTransformCicpValues in image/decoders/nsAVIFDecoder.cpp).
 * - Chromium: those of the container or else the bitstream, with MIAF's default where unspecified (GetColorSpace in
 *   third_party/blink/renderer/platform/image-decoders/avif/avif_image_decoder.cc); test/browser/avif.test.ts looks at it.
 * A narrow range is the case in which they differ: that bug report is about such files.
 */
const defaultOfMiaf = { primaries: 1, transfer: 13, matrix: 6 };

describe.each(ways)('the colour of an AVIF %s', (_, encode) => {
  it('container and bitstream say sRGB, BT.601 and full range, of 8 bits', async () => {
    const file = await encode(patchwork());
    const [picture, ...others] = itemsOf(file) as [AvifItem, ...AvifItem[]];
    expect(others).toEqual([]);
    expect(picture.properties.map(({ name }) => name)).not.toContain('colr');
    expect(codePointsOfAvif(file)).toBeUndefined();
    expect(sequenceOf(picture.bytes)).toMatchObject({ depth: 8, colour: defaultOfMiaf, fullRange: true });
  });

  // Measured at the default quality of 50: 2 at most.
  it('patches keep their colours, the saturated ones too', async () => {
    const pixels = await pixelsIn(await encode(patchwork()));
    for (const [index, colour] of patches.entries())
      expect(worstIn(pixels, index, colour), `${colour}`).toBeLessThanOrEqual(3);
  });

  // Measured: 1 at most, and no tint. Narrow range or a wrong curve would move the ends by 16 or the middle by 50.
  it('a ramp of greys stays neutral from black to white', async () => {
    const [width, height] = [256, 32];
    const data = Buffer.alloc(width * height * 3);
    for (let at = 0; at < data.length; at++) data[at] = Math.floor(at / 3) % width;
    const { data: found } = await pixelsIn(await encode({ data, width, height, channels: 3 }));
    const pixels = Array.from({ length: width * height }, (_, at) => [...found.subarray(at * 3, at * 3 + 3)]);
    const tint = Math.max(...pixels.map((pixel) => Math.max(...pixel) - Math.min(...pixel)));
    const error = Math.max(...pixels.map((pixel, at) => distance(pixel, Array(3).fill(at % width))));
    expect({ tint, error: error <= 3 ? 'at most 3' : error }).toEqual({ tint: 0, error: 'at most 3' });
  });
});

/** The largest error in a patch, but for its border: at half the resolution, chroma mixes with that of the next patch. */
function worstIn({ data, width }: Pixels, index: number, colour: readonly number[]): number {
  const [left, top] = [(index % 4) * side, Math.floor(index / 4) * side];
  let worst = 0;
  for (let y = top + 4; y < top + side - 4; y++)
    for (let x = left + 4; x < left + side - 4; x++) {
      const at = (y * width + x) * 3;
      worst = Math.max(worst, distance([...data.subarray(at, at + 3)], colour));
    }
  return worst;
}
