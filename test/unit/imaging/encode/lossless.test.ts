import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { drawScene } from '../../../../bench/imaging/photographs/scene.ts';
import { isGraphic } from '../../../../lambda/imaging/encode/look/graphic.ts';
import { lookOf } from '../../../../lambda/imaging/encode/look/look.ts';
import { maySaveLossless } from '../../../../lambda/imaging/encode/lossless.ts';
import { losslessBytes } from '../../../../lambda/imaging/encode/numbers.ts';
import type { Raster } from '../../../../lambda/imaging/raster.ts';
import { draw, plain } from '../fixtures.ts';
import { bytesOf, made } from '../in-process.ts';

type Paint = (x: number, y: number) => readonly number[];

function painted(width: number, height: number, paint: Paint): Raster {
  const raster = plain(width, height, [255, 255, 255]) as Raster;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) raster.data.set(paint(x, y), (y * width + x) * 3);
  return raster;
}

const white = [255, 255, 255];
/** Modules of 29 pixels with a margin, as in a QR code. */
const code: Paint = (x, y) => {
  const [column, row] = [Math.floor((x - 20) / 29), Math.floor((y - 20) / 29)];
  const isIn = Math.min(column, row) >= 0 && Math.max(column, row) < 25;
  return isIn && ((column * 7 + row * 13 + column * row) % 5) % 2 === 0 ? [0, 0, 0] : white;
};
/** Five lines of strokes at the top of a page. */
const letter: Paint = (x, y) => {
  const isLine = y > 200 && y < 380 && y % 40 < 14 && x > 100 && x < 600;
  return isLine && x % 12 < 9 && (x % 4 < 2 || y % 7 === 0) ? [34, 34, 34] : white;
};
const empty: Record<string, Raster> = {
  'one colour': painted(800, 600, () => [200, 30, 60]),
  'a flag of three stripes': painted(
    800,
    534,
    (_, y) => [[174, 28, 40], white, [33, 70, 139]][Math.floor(y / 178)] as number[],
  ),
  'a flag with a cross': painted(800, 500, (x, y) =>
    (x > 225 && x < 325) || (y > 200 && y < 300) ? [254, 204, 2] : [0, 106, 167],
  ),
  'a smooth gradient': painted(800, 600, (_, y) => [20 + (y >> 3), 40 + (y >> 3), 90 + (y >> 3)]),
  'a disc on white': painted(800, 800, (x, y) =>
    (x - 400) ** 2 + (y - 400) ** 2 < 10_000 ? [230, 51, 51] : white,
  ),
  'a short letter': painted(1240, 1754, letter),
  'a code of squares': painted(800, 800, code),
};

describe.each(Object.entries(empty))('%s', (_, raster) => {
  it.each([['modern'], ['webp']] as const)(
    'as %s for a score loses nothing, in fewer bytes than with loss',
    async (format) => {
      const { width, height } = raster;
      const lossy = format === 'modern' ? 'avif' : 'webp';
      const image = await made(
        await draw(raster).png().toBuffer(),
        {
          a: { width, height, formats: [format], quality: 'standard' },
          b: { width, height, formats: [lossy], quality: { webp: 80, avif: 50 } },
        },
        { process: { memoryMb: 10_240 } },
      );
      const webp = bytesOf(image, 'a.webp');
      expect((await sharp(webp).removeAlpha().raw().toBuffer()).equals(raster.data)).toBe(true);
      expect(webp.length).toBeLessThan(bytesOf(image, `b.${lossy}`).length);
    },
  );
});

it('is tried for text with the luma of its ground, of which the prediction knows no equal neighbours', () => {
  const look = {
    ...lookOf(painted(800, 600, (x, y) => letter((x % 500) + 100, 201 + (y % 40)))),
    equalInBusy: 0,
  };
  const unlike = (1 - look.sameInBusy) * (1 - look.colourFlat) * 480_000;
  expect(unlike).toBeGreaterThan(0.05 * 480_000);
  expect(isGraphic(look)).toBe(true);
  expect(losslessBytes(look)).toBeGreaterThan(5 * unlike);
  expect([maySaveLossless(look, unlike), maySaveLossless(look, unlike / 2)]).toEqual([true, false]);
});

it('is tried for what is no graphic while at most a fiftieth of its pixels differ from their neighbours', () => {
  const look = { ...lookOf(empty['a short letter'] as Raster), size: 0, sameInBusy: 0, colourEdges: 0 };
  expect(isGraphic(look)).toBe(false);
  expect(maySaveLossless({ ...look, colourFlat: 0.985 }, 100_000)).toBe(true);
  expect(maySaveLossless({ ...look, colourFlat: 0.975 }, 100_000)).toBe(false);
});

describe('no loss is not tried', () => {
  it('of a photograph, at any size, whatever its bytes', async () => {
    const { pixels, width, height } = await drawScene(1600, 1200, 3);
    for (const side of [1600, 800, 320]) {
      const { data, info } = await sharp(pixels, { raw: { width, height, channels: 3 } })
        .resize(side)
        .raw()
        .toBuffer({ resolveWithObject: true });
      const look = lookOf({ data, width: info.width, height: info.height, channels: 3 });
      expect(maySaveLossless(look, data.length), `${side}`).toBe(false);
    }
  });

  it('where the pixels that differ are more than the bytes with loss can be', () => {
    const look = lookOf(empty['a short letter'] as Raster);
    expect(maySaveLossless(look, 20_000)).toBe(true);
    expect(maySaveLossless(look, 200)).toBe(false);
  });
});
