import { describe, expect, it } from 'vitest';
import { prepareGif } from '../../../../lambda/imaging/decode/gif-screen.ts';
import { colourAt, distance, type Pixels } from '../fixtures.ts';
import { bytesOf, made, pixelsOf } from '../in-process.ts';
import { framesIn } from './frames-in.ts';
import { type Frame, gif, palette, screen } from './gif-writer.ts';

const left = (picture: Pixels) => colourAt(picture, 0.1, 0.5);
const right = (picture: Pixels) => colourAt(picture, 0.9, 0.5);
const presets = { a: { width: 8, formats: ['webp', 'png', 'jpeg'] as ('webp' | 'png' | 'jpeg')[] } };

describe('areas that the first frame of a GIF does not cover', () => {
  const half = gif([{ left: 4, width: 4, colour: 1 }]);

  it('uncovered areas are transparent, and have the background colour on JPEG', async () => {
    const decoded = await made(half, presets);
    expect(decoded.original).toMatchObject({ ...screen, frames: 1 });
    expect(left(await pixelsOf(decoded, 'a.png'))).toEqual([0, 0, 0, 0]);
    expect(right(await pixelsOf(decoded, 'a.png'))).toEqual([...(palette[1] as number[]), 255]);
    expect(Math.min(...left(await pixelsOf(decoded, 'a.jpeg')))).toBeGreaterThan(250);
    expect(left(await pixelsOf(decoded, 'a.webp'))[3]).toBe(0);
  });
});

/** The left and the right of each frame as shown: the index of a colour, or transparent. */
async function seen(file: Buffer): Promise<(number | 'clear')[][]> {
  const frames = await framesIn(bytesOf(await made(file, presets), 'a.webp'));
  const name = ([red, green, blue, alpha = 255]: number[]) =>
    alpha === 0
      ? 'clear'
      : palette.findIndex((colour) => distance(colour, [red, green, blue] as number[]) < 60);
  return frames.map((frame) => [name(left(frame)), name(right(frame))]);
}

const onLeft = { width: 4 };
const onRight = { left: 4, width: 4 };

describe('frames of a GIF as browsers show them', () => {
  it.each<[string, Frame[], (number | 'clear')[][]]>([
    [
      'clear until a frame covers it',
      [
        { ...onRight, colour: 1 },
        { ...onLeft, colour: 2 },
      ],
      [
        ['clear', 1],
        [2, 1],
      ],
    ],
    [
      'clear where an opaque frame is taken away to the background',
      [
        { colour: 1, disposal: 2 },
        { ...onLeft, colour: 2, disposal: 2 },
        { ...onRight, colour: 3 },
      ],
      [
        [1, 1],
        [2, 'clear'],
        ['clear', 3],
      ],
    ],
    [
      'clear there as well where another frame is transparent',
      [
        { colour: 1, disposal: 2 },
        { ...onLeft, colour: 2 },
        { ...onRight, colour: 3, transparent: true },
      ],
      [
        [1, 1],
        [2, 'clear'],
        [2, 3],
      ],
    ],
    [
      'clear where what comes back after the first frame is nothing',
      [
        { colour: 1, disposal: 3 },
        { ...onLeft, colour: 2, disposal: 1 },
        { ...onRight, colour: 3 },
      ],
      [
        [1, 1],
        [2, 'clear'],
        [2, 3],
      ],
    ],
    [
      'the same where a writer takes 4 for 3',
      [
        { colour: 1, disposal: 4 },
        { ...onLeft, colour: 2 },
      ],
      [
        [1, 1],
        [2, 'clear'],
      ],
    ],
    [
      'clear where what was taken away comes back',
      [
        { colour: 1, disposal: 2 },
        { colour: 2, disposal: 3 },
        { ...onLeft, colour: 3 },
      ],
      [
        [1, 1],
        [2, 2],
        [3, 'clear'],
      ],
    ],
    [
      'with a local table, next to one without',
      [
        { colour: 1, disposal: 2, local: true },
        { ...onLeft, colour: 3, disposal: 1 },
        { ...onRight, colour: 2, local: true },
      ],
      [
        [1, 1],
        [3, 'clear'],
        [3, 2],
      ],
    ],
  ])('a GIF is shown as in browsers: %s', async (_, frames, expected) => {
    expect(await seen(gif(frames))).toEqual(expected);
    expect(await seen(gif(frames, { background: 3 }))).toEqual(expected);
    // A full table of colours, including black and white.
    const full = [...palette, ...Array.from({ length: 252 }, (_, at) => [at, at, at])];
    expect(await seen(gif(frames, { colours: full, background: 255 }))).toEqual(expected);
  });

  it('a GIF without colours is shown in black and white', async () => {
    const file = gif(
      [
        { colour: 1, disposal: 2 },
        { ...onLeft, colour: 0 },
      ],
      { colours: [] },
    );
    const frames = await framesIn(bytesOf(await made(file, presets), 'a.webp'));
    expect(frames.map((frame) => [left(frame)[0], left(frame)[3], right(frame)[3]])).toEqual([
      [255, 255, 255],
      [0, 255, 0],
    ]);
  });
});

const prepared = (bytes: Buffer, decoded = 9) => prepareGif(bytes, screen, decoded);
const half: Frame = { ...onRight, colour: 1 };
/** Bytes of the appended frame, one transparent pixel: control, descriptor, two colours, LZW data. */
const clearFrameBytes = 8 + 10 + 2 * 3 + 5;

describe('a GIF that needs no preparation', () => {
  it.each<[string, Buffer]>([
    ['with a frame over all of it', gif([{ colour: 1 }])],
    ['with a small frame behind one over all of it', gif([{ colour: 1 }, { ...onRight, colour: 2 }])],
    ['with a transparent colour', gif([half, { colour: 2, transparent: true }])],
    [
      'with frames that are taken away under one that covers them',
      gif([{ colour: 1, disposal: 2 }, { colour: 2 }]),
    ],
    ['with a last frame that is taken away', gif([{ colour: 1 }, { ...onLeft, colour: 2, disposal: 2 }])],
    ['with a first frame alone that is taken back', gif([{ colour: 1, disposal: 3 }])],
    ['without a frame', gif([])],
    ['cut within a frame', gif([half], { end: [] }).subarray(0, -3)],
    ['with something else behind its frames', gif([half], { end: [0x99] })],
    ['cut within its head', Buffer.from('GIF89a')],
    ['cut within a place', gif([{ colour: 1 }]).subarray(0, 13 + 12 + 8 + 5)],
  ])('a GIF is unchanged %s', (_, bytes) => {
    expect(prepared(bytes)).toEqual({ file: bytes, clear: undefined });
    expect(prepared(bytes).file).toBe(bytes);
  });

  it('a GIF whose first frame alone is decoded is unchanged', () => {
    const bytes = gif([
      { colour: 1, disposal: 2 },
      { ...onLeft, colour: 2 },
    ]);
    expect(prepared(bytes, 1).file).toBe(bytes);
    expect(prepared(bytes, 2).file).not.toBe(bytes);
  });
});

describe('a GIF that needs preparation', () => {
  it.each<[string, Frame]>([
    ['the left', { left: 1, colour: 1 }],
    ['the top', { top: 1, colour: 1 }],
    ['the right', { width: 7, colour: 1 }],
    ['the bottom', { height: 7, colour: 1 }],
    ['the right, in colours of its own', { width: 7, colour: 1, local: true }],
  ])('a transparent frame is appended if a frame leaves %s uncovered', (_, frame) => {
    const bytes = gif([frame]);
    expect(prepared(bytes).file.length).toBe(bytes.length + clearFrameBytes);
  });

  it('a transparent frame is appended if a later frame is the first to cover everything', () => {
    const bytes = gif([{ width: 7, colour: 1 }, { colour: 2 }]);
    expect(prepared(bytes).file.length).toBe(bytes.length + clearFrameBytes);
  });

  it('bytes after the trailer are dropped, and a missing trailer is added', () => {
    const cleared = prepared(gif([half]));
    expect(prepared(gif([half], { end: [] }))).toEqual(cleared);
    expect(prepared(gif([half], { end: [0x3b, 1, 2, 3] }))).toEqual(cleared);
  });

  it('the background becomes a colour of none of the file’s tables', () => {
    const colours = [
      [0, 0, 0],
      [0, 0, 1],
      [0, 0, 2],
      [0, 0, 4],
    ];
    const frames = [
      { colour: 1, disposal: 2 },
      { ...onLeft, colour: 2 },
    ];
    expect(prepared(gif(frames, { colours })).clear).toEqual(Buffer.from([0, 0, 3]));
  });
});
