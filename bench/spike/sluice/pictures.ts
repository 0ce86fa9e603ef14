import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { cached, fingerprint } from '../../imaging/cache.ts';
import { drawScene } from '../../imaging/photographs/scene.ts';

/** A file that producers send. */
export interface Picture {
  kind: 'sound' | 'text' | 'truncated' | 'endless';
  path: string;
  contentType: string;
  bytes: number;
}

export const width = 640;
export const height = 480;
const scenes = 24;
/** So many frames take a decoder several times `decodeTimeoutMs`. */
const endlessFrames = 80;

const folder = `spike-${fingerprint(readFileSync(import.meta.filename))}`;

/** Different sound photographs of 640 × 480. */
export async function soundPictures(): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for (let seed = 1; seed <= scenes; seed++)
    pictures.push(await kept('sound', `${seed}.jpg`, 'image/jpeg', () => photograph(seed)));
  return pictures;
}

/**
 * Poison, a kind each: text that says it is a JPEG; a JPEG that ends in the middle; and an animation whose encoding never
 * ends within the decoder's time, so that the decoder is killed, twice.
 */
export async function poison(): Promise<Picture[]> {
  return [
    await kept('text', 'text.jpg', 'image/jpeg', async () =>
      Buffer.from('This is not an image.\n'.repeat(900)),
    ),
    await kept('truncated', 'truncated.jpg', 'image/jpeg', async () => {
      const whole = await photograph(999);
      return whole.subarray(0, whole.length / 2);
    }),
    await kept('endless', 'endless.gif', 'image/gif', endless),
  ];
}

async function kept(
  kind: Picture['kind'],
  name: string,
  contentType: string,
  make: () => Promise<Buffer>,
): Promise<Picture> {
  const path = await cached(join(folder, name), make);
  return { kind, path, contentType, bytes: readFileSync(path).length };
}

async function photograph(seed: number): Promise<Buffer> {
  const { pixels } = await drawScene(width, height, seed);
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 80 })
    .toBuffer();
}

/** Few colours, so that the file is small; different frames, so that each is encoded. */
async function endless(): Promise<Buffer> {
  const row = width * 3;
  const pixels = Buffer.alloc(row * height * endlessFrames);
  for (let at = 0; at < pixels.length; at++)
    pixels[at] = ((Math.floor(at / 3) % width) * 3 + Math.floor(at / row) * 5) & 255;
  return sharp(pixels, { raw: { width, height: height * endlessFrames, channels: 3, pageHeight: height } })
    .gif({ effort: 1, colours: 8 })
    .toBuffer();
}
