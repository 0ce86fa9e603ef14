import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { cached, fingerprint, source } from '../cache.ts';
import { displayP3Profile } from './icc.ts';
import { withOrientation, withProfile } from './jpeg-segments.ts';
import { describe, type Photograph } from './photographs.ts';
import { drawScene } from './scene.ts';

/*
 * Smaller pictures of many kinds and sizes, as a day's uploads have them, for the long run of the decoder.
 */
const folder = `assorted-${fingerprint(...['assorted', 'scene', 'icc'].map((name) => source(`photographs/${name}.ts`)))}`;

const kinds: Record<string, { file: string; make: (seed: number) => Promise<Buffer> }> = {
  web: { file: 'jpg', make: async (seed) => (await scene(1280, 853, seed)).jpeg({ quality: 85 }).toBuffer() },
  screenshot: {
    file: 'png',
    make: async (seed) => (await scene(1440, 900, seed)).png({ palette: true }).toBuffer(),
  },
  deep: {
    file: 'png',
    make: async (seed) => (await scene(900, 1200, seed)).toColourspace('rgb16').png().toBuffer(),
  },
  grey: { file: 'jpg', make: async (seed) => (await scene(2000, 1500, seed)).greyscale().jpeg().toBuffer() },
  progressive: {
    file: 'jpg',
    make: async (seed) => (await scene(3000, 2250, seed)).jpeg({ progressive: true, quality: 88 }).toBuffer(),
  },
  portrait: {
    file: 'jpg',
    make: async (seed) => withOrientation(await (await scene(2400, 1800, seed)).jpeg().toBuffer(), 6),
  },
  wide: {
    file: 'jpg',
    make: async (seed) =>
      withProfile(await (await scene(2016, 1512, seed)).jpeg().toBuffer(), displayP3Profile()),
  },
  webp: { file: 'webp', make: async (seed) => (await scene(1600, 1067, seed)).webp().toBuffer() },
  scan: {
    file: 'tiff',
    make: async (seed) => (await scene(1700, 2200, seed)).tiff({ compression: 'lzw' }).toBuffer(),
  },
  gif: { file: 'gif', make: async (seed) => (await animation(320, 240, seed)).gif({ effort: 1 }).toBuffer() },
  sticker: {
    file: 'webp',
    make: async (seed) => (await animation(400, 300, seed)).webp({ effort: 0 }).toBuffer(),
  },
};
const copies = 2;
const frames = 8;

/** Two pictures of every kind, drawn where they are not in the cache yet. */
export async function assorted(say: (line: string) => void): Promise<Photograph[]> {
  const found: Photograph[] = [];
  for (const [kind, { file, make }] of Object.entries(kinds))
    for (let copy = 1; copy <= copies; copy++) {
      const name = `${kind}-${copy}`;
      const path = await cached(join(folder, `${name}.${file}`), () => {
        say(`Drawing ${name}`);
        return make(copy * 100 + found.length);
      });
      found.push(await describe(name, name, path));
    }
  return found;
}

async function scene(width: number, height: number, seed: number): Promise<Sharp> {
  const { pixels } = await drawScene(width, height, seed);
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** A window that moves over a scene, so many frames of 80 ms. */
async function animation(width: number, height: number, seed: number): Promise<Sharp> {
  const wider = await scene(width + 8 * frames, height, seed);
  const source = await wider.png().toBuffer();
  const rolls = await Promise.all(
    Array.from({ length: frames }, (_, at) =>
      sharp(source)
        .extract({ left: 8 * at, top: 0, width, height })
        .raw()
        .toBuffer(),
    ),
  );
  return sharp(Buffer.concat(rolls), {
    raw: { width, height: height * frames, channels: 3, pageHeight: height },
  });
}
