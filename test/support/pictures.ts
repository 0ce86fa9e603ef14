import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp from 'sharp';

/** Photographs next to the checkout, not part of the project. Tests that need them skip without them. */
export const gallery = resolve(import.meta.dirname, '../../../shared/images');
export const hasGallery = existsSync(join(gallery, 'INDEX.tsv'));

/** The files of a folder of the gallery, in order; none without a gallery. */
export function galleryFiles(folder: string): { name: string; bytes: Buffer }[] {
  if (!hasGallery) return [];
  return readdirSync(join(gallery, folder))
    .sort()
    .map((name) => ({ name, bytes: readFileSync(join(gallery, folder, name)) }));
}

/** A small JPEG with different colours for each seed: a gradient with a bright corner at the top left. */
export async function smallPhoto(seed: number, width = 96, height = 64): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      const corner = x < width / 4 && y < height / 4;
      pixels[at] = corner ? 250 : (x * 2 + seed * 37) % 200;
      pixels[at + 1] = corner ? 250 : (y * 3 + seed * 91) % 200;
      pixels[at + 2] = corner ? 250 : (seed * 13) % 200;
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
}

/** An image as raw 8-bit sRGB pixels, without alpha. */
export async function pixelsOf(bytes: Uint8Array) {
  const picture = sharp(bytes).removeAlpha().toColourspace('srgb').raw();
  const { data, info } = await picture.toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** Mean absolute difference of two images of one size, in steps of 8 bits. */
export function difference(a: { data: Buffer }, b: { data: Buffer }): number {
  if (a.data.length !== b.data.length) return Number.POSITIVE_INFINITY;
  let sum = 0;
  for (let index = 0; index < a.data.length; index++)
    sum += Math.abs((a.data[index] ?? 0) - (b.data[index] ?? 0));
  return sum / a.data.length;
}

/** Mean difference within a corner, 22 % of the width and 8 % of the height. */
export function cornerDifference(
  a: { data: Buffer; width: number; height: number },
  b: { data: Buffer },
  corner: 'southeast' | 'northwest',
): number {
  const [w, h] = [Math.round(a.width * 0.22), Math.round(a.height * 0.08)];
  const [left, top] = corner === 'southeast' ? [a.width - w, a.height - h] : [0, 0];
  let sum = 0;
  for (let y = top; y < top + h; y++)
    for (let at = (y * a.width + left) * 3; at < (y * a.width + left + w) * 3; at++)
      sum += Math.abs((a.data[at] ?? 0) - (b.data[at] ?? 0));
  return sum / (w * h * 3);
}
