import sharp, { type Sharp } from 'sharp';
import { scene } from './scene.ts';

/** One row of the sheet; `note` is what to look for. */
export interface Input {
  name: string;
  note: string;
  bytes(): Promise<Buffer>;
}

const full = { width: 960, height: 640 };
const draw = (options: Partial<Parameters<typeof scene>[0]> = {}) => sharp(scene({ ...full, ...options }));
const opaque = () => draw().removeAlpha();

/** From the upright image to the one stored by a rotated camera. sharp mirrors before it turns. */
const storedBy: Readonly<Record<number, (upright: Sharp) => Sharp>> = {
  2: (upright) => upright.flop(),
  3: (upright) => upright.rotate(180),
  4: (upright) => upright.flip(),
  5: (upright) => upright.flop().rotate(270),
  6: (upright) => upright.rotate(270),
  7: (upright) => upright.flop().rotate(90),
  8: (upright) => upright.rotate(90),
};

async function oriented(orientation: number): Promise<Buffer> {
  const upright = sharp(await opaque().png().toBuffer());
  const stored = await (storedBy[orientation]?.(upright) ?? upright).png().toBuffer();
  return sharp(stored).withMetadata({ orientation }).jpeg({ quality: 90 }).toBuffer();
}

/** Eight frames of the sailing boat, one of them shown longer. */
async function animated(bare: boolean): Promise<Sharp> {
  const frames = Array.from({ length: 8 }, (_, index) =>
    draw({ width: 480, height: 320, sailed: index / 7, bare })
      .png()
      .toBuffer(),
  );
  return sharp(await Promise.all(frames), { join: { animated: true } });
}
const delay = [120, 120, 120, 120, 120, 120, 120, 600];

/** A 16-bit grey gradient that would show steps in 8 bits. */
function slope(): Promise<Buffer> {
  const { width, height } = full;
  const pixels = Uint16Array.from({ length: width * height * 3 }, (_, at) => {
    const x = Math.floor(at / 3) % width;
    const channel = at % 3;
    return 9_000 + Math.round(((x / width) * 24_000 * (3 - channel)) / 2);
  });
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .toColourspace('rgb16')
    .png()
    .toBuffer();
}

/** Odd inputs, each in one way; all generated here. */
export const inputs: readonly Input[] = [
  { name: 'photograph.jpg', note: 'sRGB, baseline', bytes: () => opaque().jpeg({ quality: 92 }).toBuffer() },
  {
    name: 'display-p3.jpg',
    note: 'Display P3, must look like the first',
    bytes: () => opaque().withIccProfile('p3').jpeg({ quality: 92 }).toBuffer(),
  },
  {
    name: 'cmyk.jpg',
    note: 'CMYK with its profile',
    bytes: () => opaque().toColourspace('cmyk').withIccProfile('cmyk').jpeg({ quality: 92 }).toBuffer(),
  },
  {
    name: 'sixteen.png',
    note: '16 bits a channel',
    bytes: () => opaque().toColourspace('rgb16').png().toBuffer(),
  },
  { name: 'alpha.png', note: 'soft edges on nothing', bytes: () => draw({ bare: true }).png().toBuffer() },
  {
    name: 'alpha.webp',
    note: 'lossy, with alpha',
    bytes: () => draw({ bare: true }).webp({ quality: 80 }).toBuffer(),
  },
  {
    name: 'animated.gif',
    note: '8 frames, sails to the right',
    bytes: async () => (await animated(false)).gif({ delay, loop: 0 }).toBuffer(),
  },
  {
    name: 'animated.webp',
    note: '8 frames with alpha',
    bytes: async () => (await animated(true)).webp({ delay, loop: 0, quality: 80 }).toBuffer(),
  },
  {
    name: 'cmyk-untagged.jpg',
    note: 'CMYK without one, must not be inverted',
    bytes: () => opaque().toColourspace('cmyk').jpeg({ quality: 92 }).toBuffer(),
  },
  { name: 'slope.png', note: '16 bits, a slow gradient', bytes: slope },
  {
    name: 'grey.jpg',
    note: 'one channel',
    bytes: () => opaque().toColourspace('b-w').jpeg({ quality: 92 }).toBuffer(),
  },
  {
    name: 'palette.png',
    note: '16 colours',
    bytes: () => opaque().png({ palette: true, colours: 16 }).toBuffer(),
  },
  {
    name: 'progressive.jpg',
    note: 'progressive, 4:4:4',
    bytes: () => opaque().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }).toBuffer(),
  },
  {
    name: 'tiles.tif',
    note: 'TIFF in tiles, deflated',
    bytes: () => opaque().tiff({ tile: true, compression: 'deflate' }).toBuffer(),
  },
  {
    name: 'small.avif',
    note: 'AVIF, switched on here',
    bytes: () => opaque().avif({ effort: 0 }).toBuffer(),
  },
  ...[2, 3, 4, 5, 6, 7, 8].map((orientation) => ({
    name: `orientation-${orientation}.jpg`,
    note: `EXIF orientation ${orientation}, must be upright`,
    bytes: () => oriented(orientation),
  })),
  { name: 'tiny.png', note: '3 × 2 pixels', bytes: () => draw({ width: 3, height: 2 }).png().toBuffer() },
  { name: 'pixel.png', note: '1 × 1 pixel', bytes: () => draw({ width: 1, height: 1 }).png().toBuffer() },
  {
    name: 'long.png',
    note: '4000 × 40 pixels',
    bytes: () => draw({ width: 4000, height: 40 }).png().toBuffer(),
  },
  {
    name: 'high.png',
    note: '60 × 3000 pixels',
    bytes: () => draw({ width: 60, height: 3000 }).png().toBuffer(),
  },
];

/** Refused inputs. */
export const refused: readonly Input[] = [
  { name: 'drawing.svg', note: 'an SVG declared as an image', bytes: async () => scene(full) },
  {
    name: 'phone.heic',
    note: 'only its first bytes',
    bytes: async () => Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'),
  },
  {
    name: 'cut-off.jpg',
    note: 'half of the file',
    bytes: async () => {
      const whole = await opaque().jpeg().toBuffer();
      return whole.subarray(0, whole.length / 2);
    },
  },
  {
    name: 'too-wide.png',
    note: '20,000 × 4 pixels',
    bytes: () => draw({ width: 20_000, height: 4 }).png().toBuffer(),
  },
  { name: 'empty.jpg', note: 'no bytes', bytes: async () => Buffer.alloc(0) },
];
