import sharp, { type Sharp } from 'sharp';

export interface Pixels {
  data: Buffer;
  width: number;
  height: number;
  channels: 1 | 2 | 3 | 4;
}

/** Colours of the four quarters of the test picture: top left, top right, bottom left, bottom right. */
export const quarters = [
  [220, 30, 30],
  [30, 200, 40],
  [40, 60, 220],
  [235, 235, 60],
] as const;

/** A picture that changes with every rotation and reflection: four quarters of different colours. */
export function quartered(width: number, height: number): Pixels {
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const quarter = (y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1);
      data.set(quarters[quarter] as readonly number[], (y * width + x) * 3);
    }
  return { data, width, height, channels: 3 };
}

/** A uniform picture; the length of the colour sets 1 to 4 channels. */
export function plain(width: number, height: number, colour: readonly number[]): Pixels {
  const data = Buffer.alloc(width * height * colour.length);
  for (let at = 0; at < data.length; at += colour.length) data.set(colour, at);
  return { data, width, height, channels: colour.length as Pixels['channels'] };
}

/** Noise, the same for the same size; the most expensive content for a codec. */
export function noise(width: number, height: number): Pixels {
  const data = Buffer.alloc(width * height * 3);
  let state = 1;
  for (let at = 0; at < data.length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[at] = state >>> 24;
  }
  return { data, width, height, channels: 3 };
}

/** Grey grain of 60 levels, of which a JPEG is smaller than an AVIF of the same score: by a quarter for 70 at 160 × 120. */
export function grain(width: number, height: number): Pixels {
  const { data, ...size } = noise(width, height);
  for (let at = 0; at < data.length; at += 3)
    data.fill(100 + Math.floor(((data[at] as number) * 60) / 256), at, at + 3);
  return { data, ...size };
}

export function draw({ data, width, height, channels }: Pixels): Sharp {
  return sharp(data, { raw: { width, height, channels } });
}

/** The pixel of the upright picture at row `r`, column `c` of the file, by the definition of the EXIF tag. */
const storedFrom: Readonly<Record<number, (r: number, c: number, w: number, h: number) => [number, number]>> =
  {
    1: (r, c) => [c, r],
    2: (r, c, w) => [w - 1 - c, r],
    3: (r, c, w, h) => [w - 1 - c, h - 1 - r],
    4: (r, c, _, h) => [c, h - 1 - r],
    5: (r, c) => [r, c],
    6: (r, c, w) => [w - 1 - r, c],
    7: (r, c, w, h) => [w - 1 - r, h - 1 - c],
    8: (r, c, _, h) => [r, h - 1 - c],
  };

/** The pixels as a camera in another orientation would have stored them. */
export function storedAs(upright: Pixels, orientation: number): Pixels {
  const { width, height } = upright;
  const turned = orientation >= 5;
  const [columns, rows] = turned ? [height, width] : [width, height];
  const data = Buffer.alloc(upright.data.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const [x, y] = storedFrom[orientation]?.(r, c, width, height) ?? [c, r];
      upright.data.copy(data, (r * columns + c) * 3, (y * width + x) * 3, (y * width + x) * 3 + 3);
    }
  return { data, width: columns, height: rows, channels: 3 };
}

/** Raw pixels as in the file, including alpha. */
export async function pixelsIn(bytes: Uint8Array): Promise<Pixels> {
  const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels as Pixels['channels'] };
}

/** The colour at a position in fractions of width and height. */
export function colourAt({ data, width, height, channels }: Pixels, x: number, y: number): number[] {
  const at = (Math.floor(y * height) * width + Math.floor(x * width)) * channels;
  return [...data.subarray(at, at + channels)];
}

/** The largest difference of two colours in any channel. */
export function distance(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, at) => Math.abs(value - (b[at] ?? Number.NaN))));
}
