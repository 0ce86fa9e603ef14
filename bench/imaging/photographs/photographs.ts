import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { cached, fingerprint, source } from '../cache.ts';
import { displayP3Profile } from './icc.ts';
import { withOrientation, withProfile } from './jpeg-segments.ts';
import { drawScene, type Scene } from './scene.ts';

/** An image on disk: upright width and height in pixels, and its file size as `bytes`. */
export interface Photograph {
  name: string;
  label: string;
  path: string;
  width: number;
  height: number;
  bytes: number;
}

/** Made by the benchmark itself; the first is what the table of promises is about. */
export const photographNames = [
  'jpeg-12',
  'jpeg-24',
  'jpeg-50',
  'progressive-50',
  'orientation-6',
  'display-p3',
  'png-rgba',
] as const;
export type PhotographName = (typeof photographNames)[number];

const labels: Record<PhotographName, string> = {
  'jpeg-12': 'JPEG, 12 megapixels',
  'jpeg-24': 'JPEG, 24 megapixels',
  'jpeg-50': 'JPEG, 50 megapixels',
  'progressive-50': 'JPEG, 50 megapixels, progressive',
  'orientation-6': 'JPEG, 12 megapixels, orientation 6',
  'display-p3': 'JPEG, 12 megapixels, Display P3',
  'png-rgba': 'PNG, 6 megapixels, RGBA',
};

const folder = `photographs-${fingerprint(
  ...['scene', 'random', 'icc', 'jpeg-segments', 'photographs'].map((name) =>
    source(`photographs/${name}.ts`),
  ),
)}`;

/** The photographs of these names, drawn where they are not in the cache yet (50 megapixels take some 20 s). */
export async function photographs(
  names: readonly PhotographName[],
  say: (line: string) => void,
): Promise<Photograph[]> {
  const found: Photograph[] = [];
  for (const name of names) {
    const file = join(folder, `${name}.${name.startsWith('png') ? 'png' : 'jpg'}`);
    const path = await cached(file, () => {
      say(`Drawing a photograph: ${labels[name]}`);
      return makers[name]();
    });
    found.push(await describe(name, labels[name], path));
  }
  return found;
}

/** A photograph of the user's. */
export async function describe(name: string, label: string, path: string): Promise<Photograph> {
  const bytes = readFileSync(path);
  const { autoOrient } = await sharp(bytes, { limitInputPixels: false }).metadata();
  return { name, label, path, width: autoOrient.width, height: autoOrient.height, bytes: bytes.length };
}

const twelve = () => ready('jpeg-12');
const makers: Record<PhotographName, () => Promise<Buffer>> = {
  'jpeg-12': async () => jpeg(await drawScene(4000, 3000, 1)),
  'jpeg-24': async () => jpeg(await drawScene(6000, 4000, 2)),
  'jpeg-50': async () => jpeg(await drawScene(8160, 6120, 3)),
  'progressive-50': async () =>
    sharp(await ready('jpeg-50'))
      .jpeg({ quality: 92, chromaSubsampling: '4:2:0', progressive: true })
      .toBuffer(),
  'orientation-6': async () => withOrientation(await twelve(), 6),
  'display-p3': async () => withProfile(await twelve(), displayP3Profile()),
  'png-rgba': async () => rgba(await drawScene(3000, 2000, 4)),
};

async function ready(name: 'jpeg-12' | 'jpeg-50'): Promise<Buffer> {
  return readFileSync(await cached(join(folder, `${name}.jpg`), makers[name]));
}

/** Quality 92, 4:2:0, baseline: what phones write. */
function jpeg({ pixels, width, height }: Scene): Promise<Buffer> {
  return sharp(pixels, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .jpeg({ quality: 92, chromaSubsampling: '4:2:0' })
    .toBuffer();
}

/** A disc that fades out towards its rim, as a cut-out product has. */
function rgba({ pixels, width, height }: Scene): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 4);
  const radius = height / 2;
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at++) {
      const distance = Math.hypot(x - width / 2, y - height / 2);
      pixels.copy(data, at * 4, at * 3, at * 3 + 3);
      data[at * 4 + 3] = Math.max(0, Math.min(255, (radius - distance) * 0.8));
    }
  return sharp(data, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
}
