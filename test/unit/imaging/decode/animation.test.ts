import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeAnimation } from '../../../../lambda/imaging/decode/animation.ts';
import { inspect } from '../../../../lambda/imaging/inspect/inspect.ts';
import { resolveConfig } from '../../../../lib/config/resolve.ts';
import { colourAt, distance } from '../fixtures.ts';
import { bytesOf, made, pixelsOf } from '../in-process.ts';
import { riffChunks } from '../inspect/containers.ts';
import { framesIn } from './frames-in.ts';
import { gif } from './gif-writer.ts';

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

  it('an animation becomes an animated WebP with all its frames, delays and loops', async () => {
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

  it('formats without animation show the first frame', async () => {
    const decoded = await made(await bytes(), { a: { width: 30, formats: ['jpeg', 'png', 'avif'] } });
    for (const still of ['jpeg', 'png', 'avif']) {
      const frame = await pixelsOf(decoded, `a.${still}`);
      expect(frame.height).toBe(20);
      expect(distance(colourAt(frame, 0.5, 0.5).slice(0, 3), colours[0] ?? []), still).toBeLessThan(12);
    }
  });

  it('a preset can show the first frame while another keeps the animation', async () => {
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

  it('every frame is cropped, padded and sharpened alike', async () => {
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

  it('an animation with too many frame pixels, read or written, is shown by its first frame', async () => {
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

  it('an animation gives the same bytes again', async () => {
    const [once, again] = [
      await made(await bytes(), { a: { width: 30 } }),
      await made(await bytes(), { a: { width: 30 } }),
    ];
    expect(bytesOf(once, 'a.webp').equals(bytesOf(again, 'a.webp'))).toBe(true);
  });
});

it('transparent areas of a frame stay transparent', async () => {
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

/** Two frames of one colour each. */
const two = [{ colour: 1 }, { colour: 2 }];
const moving = { a: { width: 8, formats: ['webp' as const] } };

/** Delays and loops of the variant of an animation. */
async function timingOf(file: Buffer) {
  const decoded = await made(file, moving);
  const { delay = [], loop, pages = 1 } = await sharp(bytesOf(decoded, 'a.webp')).metadata();
  expect(decoded.variants.map(({ frames }) => frames)).toEqual([pages]);
  return { delay, loop };
}

/** A WebP of two frames with these values: durations of 24 bits, a loop count of 16. */
async function webpOf(durations: [number, number], loop: number): Promise<Buffer> {
  const file = await film()
    .webp({ delay: [50, 50, 50, 50] })
    .toBuffer();
  let frame = 0;
  let at = 12;
  for (const { name, bytes } of riffChunks(file)) {
    if (name === 'ANIM') file.writeUInt16LE(loop, at + 12);
    if (name === 'ANMF') file.writeUIntLE(durations[frame++] ?? 50, at + 20, 3);
    at += bytes.length;
  }
  return file;
}

describe('delays and loops become values that a WebP can hold', () => {
  it.each([
    ['as many showings as a GIF can ask for', 65_535, 65_535],
    ['one fewer', 65_534, 65_535],
    ['three', 2, 3],
    ['two', 1, 2],
    ['endless ones', 0, 0],
    ['one, by no word of it', undefined, 1],
  ])('the loops of an animation: %s', async (_, loop, shown) => {
    expect((await timingOf(gif(two, { loop }))).loop).toBe(shown);
  });

  it.each([
    [0, 100],
    [1, 100],
    [2, 20],
    [6_553, 65_530],
    [6_554, 65_535],
    [65_535, 65_535],
  ])('a delay of %i hundredths of a second is converted', async (delay, milliseconds) => {
    const frames = two.map((frame) => ({ ...frame, delay }));
    expect((await timingOf(gif(frames))).delay).toEqual([milliseconds, milliseconds]);
  });

  it('the longest delays and the most loops of a WebP are kept', async () => {
    const { delay, loop } = await timingOf(await webpOf([70_000, 0xff_ffff], 65_535));
    expect({ delay: delay.slice(0, 2), loop }).toEqual({ delay: [65_535, 65_535], loop: 65_535 });
  });
});

describe('the reported frames are those of the file', () => {
  it.each([
    ['two that are alike are one, shown as long as both', [1, 2, 2, 3], [50, 100, 50]],
    ['a still where all are alike', [1, 1, 1], []],
  ])('the reported frames of an animation: %s', async (_, colours, delay) => {
    expect((await timingOf(gif(colours.map((colour) => ({ colour, delay: 5 }))))).delay).toEqual(delay);
  });
});

it('our own errors while decoding are not blamed on the file', async () => {
  const file = gif(two);
  const inspected = await inspect(file, resolveConfig({ presets: moving }));
  const work = decodeAnimation(file, inspected, { frames: 1.5, delays: [], loop: 0 });
  await expect(work).rejects.not.toMatchObject({ name: 'Rejection' });
});

it('a truncated WebP is refused, even if only its first frame is shown', async () => {
  const file = await film().webp(timing).toBuffer();
  const presets = { ...moving, first: { width: 8, formats: ['webp' as const], animation: 'first' as const } };
  for (let length = file.length - 1; length > 60; length -= 7)
    await expect(made(file.subarray(0, length), presets), `${length} bytes`).rejects.toMatchObject({
      code: 'corrupt_image',
    });
});
