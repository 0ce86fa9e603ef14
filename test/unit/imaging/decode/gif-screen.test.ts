import { describe, expect, it } from 'vitest';
import { withClearScreen } from '../../../../lambda/imaging/decode/gif-screen.ts';
import { colourAt, type Pixels } from '../fixtures.ts';
import { bytesOf, made, pixelsOf } from '../in-process.ts';
import { framesIn } from './frames-in.ts';

const palette = [
  [200, 30, 30],
  [30, 200, 30],
  [30, 30, 200],
  [200, 200, 30],
];
const screen = { width: 8, height: 8 };

interface Frame {
  left?: number;
  top?: number;
  width?: number;
  height?: number;
  colour: number;
  /** With a table of colours of its own. */
  local?: boolean;
  transparent?: boolean;
}

/** Frames of one colour each, over the whole screen where nothing else is said. */
function gif(frames: Frame[], end = [0x3b]): Buffer {
  const shorts = (...values: number[]) => values.flatMap((value) => [value & 255, value >> 8]);
  const image = ({ colour, local = false, transparent = false, ...place }: Frame) => {
    const { left, top, width, height } = { left: 0, top: 0, ...screen, ...place };
    return [
      ...[0x21, 0xf9, 4, transparent ? 1 : 0, ...shorts(5), 3, 0],
      ...[0x2c, ...shorts(left, top, width, height), ...(local ? [0x81, ...palette.flat()] : [0])],
      ...[2, ...codes(Array(width * height).fill(colour)), 0],
    ];
  };
  const head = [...Buffer.from('GIF89a'), ...shorts(screen.width, screen.height), 0xf1, 0, 0];
  return Buffer.from([...head, ...palette.flat(), ...frames.flatMap(image), ...end]);
}

/** LZW without compression: the code that clears the table stands before each pixel, so that all codes have 3 bits. */
function codes(pixels: number[]): number[] {
  const bits = [...pixels.flatMap((pixel) => [4, pixel]), 5].flatMap((code) => [
    code & 1,
    (code >> 1) & 1,
    code >> 2,
  ]);
  const bytes = Array.from({ length: Math.ceil(bits.length / 8) }, (_, at) =>
    bits.slice(at * 8, at * 8 + 8).reduce((sum, bit, place) => sum | (bit << place), 0),
  );
  return [bytes.length, ...bytes];
}

const left = (picture: Pixels) => colourAt(picture, 0.1, 0.5);
const right = (picture: Pixels) => colourAt(picture, 0.9, 0.5);
const presets = { a: { width: 8, formats: ['webp', 'png', 'jpeg'] as ('webp' | 'png' | 'jpeg')[] } };

describe('what the first frame of a GIF leaves uncovered', () => {
  const half = gif([{ left: 4, width: 4, colour: 1 }]);

  it('is clear, and the background on JPEG', async () => {
    const decoded = await made(half, presets);
    expect(decoded.original).toMatchObject({ ...screen, frames: 1 });
    expect(left(await pixelsOf(decoded, 'a.png'))).toEqual([0, 0, 0, 0]);
    expect(right(await pixelsOf(decoded, 'a.png'))).toEqual([...(palette[1] as number[]), 255]);
    expect(Math.min(...left(await pixelsOf(decoded, 'a.jpeg')))).toBeGreaterThan(250);
    expect(left(await pixelsOf(decoded, 'a.webp'))[3]).toBe(0);
  });

  it('is clear in an animation until a frame covers it', async () => {
    const decoded = await made(
      gif([
        { left: 4, width: 4, colour: 1 },
        { width: 4, colour: 2 },
      ]),
      presets,
    );
    expect(decoded.original).toMatchObject({ ...screen, frames: 2 });
    const frames = await framesIn(bytesOf(decoded, 'a.webp'));
    expect(frames.map((frame) => [left(frame)[3], right(frame)[3]])).toEqual([
      [0, 255],
      [255, 255],
    ]);
  });
});

describe('a GIF is left as it is', () => {
  it.each<[string, Buffer]>([
    ['with a frame over all of it', gif([{ colour: 1 }])],
    ['with a small frame behind one over all of it', gif([{ colour: 1 }, { left: 4, width: 4, colour: 2 }])],
    [
      'with a transparent colour',
      gif([
        { left: 4, width: 4, colour: 1 },
        { colour: 2, transparent: true },
      ]),
    ],
    ['without a frame', gif([])],
    ['cut within a frame', gif([{ left: 4, width: 4, colour: 1 }], []).subarray(0, -3)],
    ['with something else behind its frames', gif([{ left: 4, width: 4, colour: 1 }], [0x99])],
    ['cut within its head', Buffer.from('GIF89a')],
    ['cut within a place', gif([{ colour: 1 }]).subarray(0, 13 + 12 + 8 + 5)],
  ])('%s', (_, bytes) => {
    expect(withClearScreen(bytes, screen)).toBe(bytes);
  });

  it.each<[string, Frame]>([
    ['the left', { left: 1, colour: 1 }],
    ['the top', { top: 1, colour: 1 }],
    ['the right', { width: 7, colour: 1 }],
    ['the bottom', { height: 7, colour: 1 }],
    ['the right, in colours of its own', { width: 7, colour: 1, local: true }],
  ])('but where a frame leaves %s uncovered', (_, frame) => {
    const bytes = gif([frame]);
    expect(withClearScreen(bytes, screen).length).toBe(bytes.length + 29);
  });

  it('but where a later frame is the first to cover it', () => {
    const bytes = gif([{ width: 7, colour: 1 }, { colour: 2 }]);
    expect(withClearScreen(bytes, screen).length).toBe(bytes.length + 29);
  });

  it('but for what stands behind its end, or without one', () => {
    const frame: Frame = { left: 4, width: 4, colour: 1 };
    const cleared = withClearScreen(gif([frame]), screen);
    expect(withClearScreen(gif([frame], []), screen)).toEqual(cleared);
    expect(withClearScreen(gif([frame], [0x3b, 1, 2, 3]), screen)).toEqual(cleared);
  });
});
