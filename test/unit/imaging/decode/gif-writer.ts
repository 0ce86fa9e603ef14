/** Colours of the global table, and another table for frames with a local one. */
export const palette = [
  [200, 30, 30],
  [30, 200, 30],
  [30, 30, 200],
  [200, 200, 30],
];
export const screen = { width: 8, height: 8 };

export interface Frame {
  left?: number;
  top?: number;
  width?: number;
  height?: number;
  colour: number;
  /** With a local table of the same colours. */
  local?: boolean;
  /** Colour 0 is transparent. */
  transparent?: boolean;
  disposal?: number;
  /** Hundredths of a second. */
  delay?: number;
  /** Number of pixels missing from its data. */
  missing?: number;
}

export interface Head {
  /** The global table; four colours by default, no table if empty. */
  colours?: number[][];
  /** The index of the background colour. */
  background?: number;
  /** The loop count of NETSCAPE2.0, without which there is no such block. */
  loop?: number | undefined;
  end?: number[];
}

const shorts = (...values: number[]) => values.flatMap((value) => [value & 255, value >> 8]);

/** Frames of one colour each, covering the whole screen by default. */
export function gif(
  frames: Frame[],
  { colours = palette, background = 0, loop, end = [0x3b] }: Head = {},
): Buffer {
  const shared = colours.length > 0 ? [0x80 | (Math.log2(colours.length) - 1)] : [0];
  const head = [...Buffer.from('GIF89a'), ...shorts(screen.width, screen.height), ...shared, background, 0];
  const application = [0x21, 0xff, 11, ...Buffer.from('NETSCAPE2.0'), 3, 1];
  const loops = loop === undefined ? [] : [...application, ...shorts(loop), 0];
  return Buffer.from([...head, ...colours.flat(), ...loops, ...frames.flatMap(image), ...end]);
}

function image({ colour, local = false, transparent = false, ...rest }: Frame): number[] {
  const { left, top, width, height } = { left: 0, top: 0, ...screen, ...rest };
  const { disposal = 0, delay = 5, missing = 0 } = rest;
  return [
    ...[0x21, 0xf9, 4, (disposal << 2) | (transparent ? 1 : 0), ...shorts(delay), 0, 0],
    ...[0x2c, ...shorts(left, top, width, height), ...(local ? [0x81, ...palette.flat()] : [0])],
    ...[2, ...codes(Array(width * height - missing).fill(colour)), 0],
  ];
}

/** LZW without compression: a clear code before each pixel, so that all codes have 3 bits. */
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
