import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { type DrawnKind, draw } from '../../../../../bench/codecs/pictures/draw.ts';
import { drawScene } from '../../../../../bench/imaging/photographs/scene.ts';
import { isGraphic } from '../../../../../lambda/imaging/encode/look/graphic.ts';
import { lookOf } from '../../../../../lambda/imaging/encode/look/look.ts';
import type { Raster } from '../../../../../lambda/imaging/raster.ts';

let photograph: Raster;
beforeAll(async () => {
  const { pixels, width, height } = await drawScene(1200, 900, 5);
  photograph = { data: pixels, width, height, channels: 3 };
});

/** As the pipeline makes them: each size from the one before. */
async function sizesOf(whole: Raster): Promise<Raster[]> {
  const made = [whole];
  for (const side of [640, 320]) {
    const { data, width, height, channels } = made.at(-1) as Raster;
    const { data: pixels, info } = await sharp(data, { raw: { width, height, channels } })
      .resize(side, side, { fit: 'inside' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    made.push({ data: pixels, width: info.width, height: info.height, channels });
  }
  return made;
}

/** A thing that was photographed on white paper: most of it is flat. */
function onWhite({ data, width, height }: Raster): Raster {
  const pixels = Buffer.alloc(data.length, 255);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const isInside = ((x / width - 0.5) / 0.3) ** 2 + ((y / height - 0.5) / 0.35) ** 2 < 1;
      const at = (y * width + x) * 3;
      if (isInside) data.copy(pixels, at, at, at + 3);
    }
  return { data: pixels, width, height, channels: 3 };
}

const drawn = (kind: DrawnKind, seed: number) => draw(kind, seed, 1200, async () => photograph);
const kindsOf = async (whole: Raster) => (await sizesOf(whole)).map((raster) => isGraphic(lookOf(raster)));

describe('flat graphics are told from photographs at every size', () => {
  it.each(['text', 'screenshot', 'line-art', 'logo'] as const)('%s is a graphic', async (kind) => {
    for (const seed of [1, 2, 3])
      expect(await kindsOf(await drawn(kind, seed)), `seed ${seed}`).toEqual([true, true, true]);
  });

  it.each(['skin', 'foliage', 'night', 'gradient', 'noise', 'captioned-photo'] as const)(
    '%s is none',
    async (kind) => {
      for (const seed of [1, 2])
        expect(await kindsOf(await drawn(kind, seed)), `seed ${seed}`).toEqual([false, false, false]);
    },
  );

  it('a page with a photograph is one: its text suffers first', async () => {
    expect(await kindsOf(await drawn('screenshot-with-photo', 2))).toEqual([true, true, true]);
  });

  it('a photograph is none, nor one of a thing on white paper', async () => {
    expect(await kindsOf(photograph)).toEqual([false, false, false]);
    expect(await kindsOf(onWhite(photograph))).toEqual([false, false, false]);
  });

  it('a photograph of doubled pixels is none: it has equal neighbours and edges, but nothing flat', async () => {
    const { data, width, height } = await drawn('foliage', 1);
    const doubled = await sharp(data, { raw: { width, height, channels: 3 } })
      .resize(2 * width, 2 * height, { kernel: 'nearest' })
      .raw()
      .toBuffer();
    const raster: Raster = { data: doubled, width: 2 * width, height: 2 * height, channels: 3 };
    expect(lookOf(raster).equalInBusy).toBeGreaterThan(0.4);
    expect(lookOf(raster).edges).toBeGreaterThan(0.002);
    expect(isGraphic(lookOf(raster))).toBe(false);
  });

  it('one colour is none, as there is no edge to keep', () => {
    const data = Buffer.alloc(300 * 200 * 3, 200);
    expect(isGraphic(lookOf({ data, width: 300, height: 200, channels: 3 }))).toBe(false);
  });
});
