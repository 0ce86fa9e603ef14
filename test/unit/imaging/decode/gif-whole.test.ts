import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { gifBlocks } from '../../../../lambda/imaging/inspect/gif-blocks.ts';
import { countPixels } from '../../../../lambda/imaging/inspect/gif-pixels.ts';
import { draw, noise } from '../fixtures.ts';
import { made } from '../in-process.ts';
import { gifApplication, gifComment } from '../inspect/containers.ts';
import { gif } from './gif-writer.ts';

const keep = { a: { width: 8, formats: ['webp' as const] } };
const first = { a: { width: 8, formats: ['webp' as const], animation: 'first' as const } };
const cutOff = {
  name: 'Rejection',
  code: 'corrupt_image',
  detail: 'The GIF ends before the image is complete.',
};
const film = gif([{ colour: 1 }, { colour: 2 }, { colour: 3 }]);
/** Bytes of the last frame: its control, its place, its pixels, the end of its blocks, and the trailer of the file. */
const lastFrame = 8 + 10 + 51 + 1;

describe('a truncated GIF', () => {
  it('a GIF that ends anywhere within a frame is refused, whether all frames are decoded or the first', async () => {
    // After the last pixel there are a code of 3 bits and the padding of its byte.
    for (let missing = 4; missing < lastFrame; missing++)
      for (const presets of [keep, first])
        await expect(made(film.subarray(0, -missing), presets), `${missing} bytes`).rejects.toMatchObject(
          cutOff,
        );
  });

  it('a truncated GIF of one frame is refused', async () => {
    const still = gif([{ colour: 1 }]);
    for (let missing = 4; missing < 40; missing++)
      await expect(made(still.subarray(0, -missing), keep)).rejects.toMatchObject(cutOff);
  });

  it('a GIF is refused if a frame ends early although the file continues', async () => {
    const frames = [{ colour: 1 }, { colour: 2, missing: 1 }, { colour: 3 }];
    await expect(made(gif(frames), keep)).rejects.toMatchObject(cutOff);
    await expect(made(gif(frames), first), 'damage in a frame that is not shown').resolves.toBeDefined();
    await expect(made(gif([{ colour: 1, missing: 1 }]), first)).rejects.toMatchObject(cutOff);
  });
});

describe('a complete GIF', () => {
  it.each([
    ['without its trailer', film.subarray(0, -1)],
    ['with bytes behind its trailer', Buffer.concat([film, Buffer.from([1, 2, 3])])],
    [
      'cut within a comment behind its frames',
      Buffer.concat([film.subarray(0, -1), gifComment('late').subarray(0, 6)]),
    ],
    [
      'cut within an application extension',
      Buffer.concat([film.subarray(0, -1), gifApplication('XMP DataXMP', Buffer.alloc(40)).subarray(0, 30)]),
    ],
    [
      'with a frame that reaches over the screen and has no pixels there',
      gif([{ colour: 1 }, { left: 4, width: 8, colour: 2, missing: 4 }]),
    ],
    ['with a frame outside the screen', gif([{ colour: 1 }, { left: 9, width: 1, colour: 2, missing: 8 }])],
  ])('a GIF with all its pixels is accepted %s', async (_, bytes) => {
    await expect(made(bytes, keep)).resolves.toBeDefined();
  });
});

describe('counting the pixels of a frame', () => {
  it.each([2, 4, 16, 64, 256])(
    'all pixels that a writer with %i colours wrote are counted',
    async (colours) => {
      const [width, height] = [160, 90];
      const frames = [
        draw(noise(width, height)),
        sharp({ create: { width, height, channels: 3, background: '#123456' } }),
      ];
      for (const frame of frames)
        for (const interlace of [false, true]) {
          const file = await frame.clone().gif({ colours, dither: 1, progressive: interlace }).toBuffer();
          const image = [...gifBlocks(file)].find((block) => block.kind === 'image');
          const at = image?.kind === 'image' ? image.data : 0;
          expect(countPixels(file, at, Number.POSITIVE_INFINITY)).toBe(width * height);
        }
    },
  );

  it('counting ends where the data ends, so that a frame costs no more than its pixels', () => {
    // 4 is the clear code, in 3 bits.
    const clears = Buffer.from('244992'.repeat(85), 'hex');
    const block = Buffer.concat([Buffer.from([255]), clears]);
    const blocks = (count: number) => Array.from({ length: count }, () => block);
    const pixels = Buffer.from([2, 0x44, 0x01, 0]);
    const file = (count: number) => Buffer.concat([Buffer.from([2]), ...blocks(count), pixels]);
    expect(countPixels(file(0), 0, 1)).toBe(1);
    expect(countPixels(file(1), 0, 100)).toBe(1);
    expect(countPixels(file(4), 0, 100)).toBe(0);
  });
});
