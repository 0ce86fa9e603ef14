import { beforeAll, describe, expect, it } from 'vitest';
import { drawScene } from '../../../../bench/imaging/photographs/scene.ts';
import type { VariantFormat } from '../../../../lambda/domain/image.ts';
import { isGraphic } from '../../../../lambda/imaging/encode/look/graphic.ts';
import { lookOf } from '../../../../lambda/imaging/encode/look/look.ts';
import type { Raster } from '../../../../lambda/imaging/raster.ts';
import { draw, type Pixels } from '../fixtures.ts';
import { bytesOf, made } from '../in-process.ts';

/*
 * No picture of the calibration is without colour, and weights of its colours gave a grey photograph 17 to 66 points for 70.
 */

const [width, height] = [640, 480];
const formats: VariantFormat[] = ['avif', 'jpeg', 'webp'];
/** For six presets at once. */
const roomy = { process: { memoryMb: 10_240 }, limits: { decodeTimeoutMs: 60_000 } };
const scores = { economy: 60, standard: 70, high: 80 } as const;

let photograph: Buffer;
beforeAll(async () => {
  photograph = (await drawScene(width, height, 3)).pixels;
});

/** Each pixel by its luma. */
function toned(tone: (luma: number) => readonly number[]): Pixels {
  const data = Buffer.alloc(photograph.length);
  for (let at = 0; at < data.length; at += 3) {
    const [r = 0, g = 0, b = 0] = photograph.subarray(at, at + 3);
    data.set(tone(Math.round(0.299 * r + 0.587 * g + 0.114 * b)), at);
  }
  return { data, width, height, channels: 3 };
}

const kinds = {
  grey: () => toned((luma) => [luma, luma, luma]),
  bilevel: () => toned((luma) => (luma < 100 ? [0, 0, 0] : [255, 255, 255])),
};

/** Bytes by preset and format, with the numbers of the look (`auto`) and of the size. */
async function bothWays(pixels: Pixels) {
  const presets = Object.fromEntries(
    Object.values(scores).flatMap((score) =>
      [true, false].map((auto) => [
        `${auto ? 'auto' : 'size'}${score}`,
        { width, height, quality: { score, auto }, formats },
      ]),
    ),
  );
  return made(await draw(pixels).png().toBuffer(), presets, roomy);
}

describe.each(['grey', 'bilevel'] as const)('a photograph that is %s', (kind) => {
  it('has the numbers of its size, in every format', async () => {
    const image = await bothWays(kinds[kind]());
    for (const score of Object.values(scores))
      for (const format of formats)
        expect(
          bytesOf(image, `auto${score}.${format}`).equals(bytesOf(image, `size${score}.${format}`)),
          `${format} for ${score}`,
        ).toBe(true);
  });
});

it('a photograph with its colours has numbers of its own', async () => {
  const image = await bothWays({ data: photograph, width, height, channels: 3 });
  for (const format of formats)
    expect(bytesOf(image, `auto70.${format}`).equals(bytesOf(image, `size70.${format}`))).toBe(false);
});

it('grey photographs are none, bilevel ones are graphics', () => {
  const of = (kind: keyof typeof kinds) => isGraphic(lookOf(kinds[kind]() as Raster));
  expect([of('grey'), of('bilevel')]).toEqual([false, true]);
});
