import { beforeAll, describe, expect, it } from 'vitest';
import { faded } from '../../../../bench/codecs/pictures/faded.ts';
import { drawScene } from '../../../../bench/imaging/photographs/scene.ts';
import type { VariantFormat } from '../../../../lambda/domain/image.ts';
import { isGraphic } from '../../../../lambda/imaging/encode/look/graphic.ts';
import { lookOf } from '../../../../lambda/imaging/encode/look/look.ts';
import type { Raster } from '../../../../lambda/imaging/raster.ts';
import { draw } from '../fixtures.ts';
import { bytesOf, made, pixelsOf } from '../in-process.ts';

/* By weights of the colours that it lacks, a grey photograph has 17 to 66 points for 70, and a bilevel one −7 to 20. */

const [width, height] = [640, 480];
const formats: VariantFormat[] = ['avif', 'jpeg', 'webp'];
/** For six presets at once. */
const roomy = { process: { memoryMb: 10_240 }, limits: { decodeTimeoutMs: 60_000 } };

let photograph: Raster;
beforeAll(async () => {
  photograph = { data: (await drawScene(width, height, 3)).pixels, width, height, channels: 3 };
});

function lumaOf(data: Buffer): number[] {
  const pixels = Array.from({ length: data.length / 3 }, (_, at) => data.subarray(3 * at, 3 * at + 3));
  return pixels.map(([r = 0, g = 0, b = 0]) => 0.299 * r + 0.587 * g + 0.114 * b);
}

/** Mean error of luma in levels, by preset and format. */
async function errorsOf(raster: Raster): Promise<Map<string, number>> {
  const presets = {
    economy: { width, height, quality: 'economy', formats },
    standard: { width, height, quality: 'standard', formats },
  } as const;
  const image = await made(await draw(raster).png().toBuffer(), presets, roomy);
  const exact = lumaOf(raster.data);
  const errors = new Map<string, number>();
  for (const { preset, format } of image.variants) {
    const seen = lumaOf((await pixelsOf(image, `${preset}.${format}`)).data);
    const sum = seen.reduce((total, luma, at) => total + Math.abs(luma - (exact[at] as number)), 0);
    errors.set(`${preset} ${format}`, sum / exact.length);
  }
  return errors;
}

describe('a photograph', () => {
  // Measured: at most 1.12. By weights of colours 1.48 without any and 1.22 with a twentieth.
  it.each([0, 0.05])('loses as much without colour as with it, with a share of %d left', async (share) => {
    const [coloured, pale] = [await errorsOf(photograph), await errorsOf(faded(photograph, share))];
    expect(pale.size).toBe(6);
    for (const [name, error] of pale) expect(error / (coloured.get(name) as number), name).toBeLessThan(1.17);
  });
});

describe('a photograph of two levels', () => {
  const bilevel = (): Raster => {
    const data = Buffer.from(lumaOf(photograph.data).flatMap((luma) => Array(3).fill(luma < 100 ? 0 : 255)));
    return { ...photograph, data };
  };

  it('counts as a graphic, and has at least the bytes of its size, as nothing like it was calibrated', async () => {
    expect(isGraphic(lookOf(bilevel()))).toBe(true);
    const scores = [60, 70, 80];
    const presets = Object.fromEntries(
      scores.flatMap((score) =>
        [true, false].map((auto) => [
          `${auto ? 'auto' : 'size'}${score}`,
          { width, height, quality: { score, auto }, formats },
        ]),
      ),
    );
    const image = await made(await draw(bilevel()).png().toBuffer(), presets, roomy);
    for (const score of scores)
      for (const format of formats) {
        const [auto, size] = ['auto', 'size'].map((way) => bytesOf(image, `${way}${score}.${format}`));
        expect(auto?.length, `${format} for ${score}`).toBeGreaterThanOrEqual(size?.length as number);
      }
  });
});
