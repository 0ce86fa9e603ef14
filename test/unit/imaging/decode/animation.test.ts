import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { colourAt, distance } from '../fixtures.ts';
import { bytesOf, made, pixelsOf } from '../in-process.ts';
import { framesIn } from './frames-in.ts';

const colours = [
  [230, 20, 20],
  [20, 220, 20],
  [20, 20, 230],
  [220, 220, 20],
];
const delays = [40, 90, 140, 250];
const timing = { delay: delays, loop: 3 };

/** Four frames of one colour each. */
function film(width = 60, height = 40) {
  const frame = width * height * 4;
  const data = Buffer.alloc(frame * colours.length);
  for (let at = 0; at < data.length; at += 4) data.set([...(colours[Math.floor(at / frame)] ?? []), 255], at);
  return sharp(data, { raw: { width, height: height * colours.length, channels: 4, pageHeight: height } });
}

describe.each(['gif', 'webp'] as const)('an animated %s', (format) => {
  const bytes = () => film()[format](timing).toBuffer();

  it('becomes an animated WebP with all its frames, their delays and its loops', async () => {
    const decoded = await made(await bytes(), { a: { width: 30 } });
    const webp = bytesOf(decoded, 'a.webp');
    expect(await sharp(webp).metadata()).toMatchObject({
      pages: 4,
      delay: delays,
      loop: 3,
      width: 30,
      height: 20,
    });
    for (const [index, frame] of (await framesIn(webp)).entries())
      expect(distance(colourAt(frame, 0.5, 0.5).slice(0, 3), colours[index] ?? [])).toBeLessThan(12);
    expect(decoded.original).toMatchObject({ width: 60, height: 40, frames: 4 });
    expect(decoded.variants.map((v) => [v.format, v.frames, v.width, v.height])).toEqual([
      ['webp', 4, 30, 20],
      ['jpeg', 1, 30, 20],
    ]);
  });

  it('shows its first frame in every format that does not move', async () => {
    const decoded = await made(await bytes(), { a: { width: 30, formats: ['jpeg', 'png', 'avif'] } });
    for (const still of ['jpeg', 'png', 'avif']) {
      const frame = await pixelsOf(decoded, `a.${still}`);
      expect(frame.height).toBe(20);
      expect(distance(colourAt(frame, 0.5, 0.5).slice(0, 3), colours[0] ?? []), still).toBeLessThan(12);
    }
  });

  it('shows its first frame where the preset asks for it, beside another that moves', async () => {
    const decoded = await made(await bytes(), {
      still: { width: 30, animation: 'first', formats: ['webp'] },
      moving: { width: 30, formats: ['webp'] },
    });
    expect(decoded.variants.map(({ preset, frames }) => [preset, frames])).toEqual([
      ['still', 1],
      ['moving', 4],
    ]);
    expect((await sharp(bytesOf(decoded, 'still.webp')).metadata()).pages).toBeUndefined();
  });

  it('is cropped alike, padded and sharpened in every frame', async () => {
    const decoded = await made(await bytes(), {
      crop: { width: 20, height: 40, fit: 'cover', gravity: 'attention', sharpen: 1, formats: ['webp'] },
      box: { width: 50, height: 50, fit: 'contain', background: '#000000', formats: ['webp'] },
    });
    for (const [index, frame] of (await framesIn(bytesOf(decoded, 'crop.webp'))).entries()) {
      expect([frame.width, frame.height]).toEqual([20, 40]);
      expect(distance(colourAt(frame, 0.5, 0.5).slice(0, 3), colours[index] ?? [])).toBeLessThan(12);
    }
    for (const frame of await framesIn(bytesOf(decoded, 'box.webp')))
      expect(distance(colourAt(frame, 0.5, 0.03).slice(0, 3), [0, 0, 0])).toBeLessThan(6);
  });

  it('is its first frame where frames and pixels are more than may be, as read or as made', async () => {
    const most = 60 * 40 * 4;
    const frames = async (maxFramePixels: number, more = {}) => {
      const { variants } = await made(
        await bytes(),
        { a: { width: 30, ...more } },
        { limits: { maxFramePixels } },
      );
      return variants.map(({ format, frames }) => `${format} ${frames}`);
    };
    expect(await frames(most)).toEqual(['webp 4', 'jpeg 1']);
    expect(await frames(most - 1)).toEqual(['webp 1', 'jpeg 1']);
    expect(await frames(most, { width: 61, enlarge: true })).toEqual(['webp 1', 'jpeg 1']);
  });

  it('gives the same bytes again', async () => {
    const [once, again] = [
      await made(await bytes(), { a: { width: 30 } }),
      await made(await bytes(), { a: { width: 30 } }),
    ];
    expect(bytesOf(once, 'a.webp').equals(bytesOf(again, 'a.webp'))).toBe(true);
  });
});

it('keeps what is transparent in a frame transparent', async () => {
  const [width, height] = [20, 20];
  const data = Buffer.alloc(width * height * 2 * 4);
  // The left half of the first frame and the right half of the second.
  for (let frame = 0; frame < 2; frame++)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        if (x < width / 2 === (frame === 0))
          data.set([200, 0, 0, 255], ((frame * height + y) * width + x) * 4);
  const gif = await sharp(data, { raw: { width, height: height * 2, channels: 4, pageHeight: height } })
    .gif({ delay: [50, 50] })
    .toBuffer();
  const frames = await framesIn(bytesOf(await made(gif, { a: { width: 20 } }), 'a.webp'));
  const alpha = frames.map((frame) => [colourAt(frame, 0.2, 0.5)[3], colourAt(frame, 0.8, 0.5)[3]]);
  expect(alpha).toEqual([
    [255, 0],
    [0, 255],
  ]);
});
