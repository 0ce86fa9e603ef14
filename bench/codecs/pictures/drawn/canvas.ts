import { join } from 'node:path';
import sharp from 'sharp';
import type { Raster } from '../../../../lambda/imaging/raster.ts';

/** The font that Sluice brings: letters are the same on every machine. */
const fontfile = join(import.meta.dirname, '../../../../lambda/imaging/watermark/font/Inter-SemiBold.ttf');

export interface Layer {
  raster: Raster;
  left: number;
  top: number;
}

export type Random = () => number;

/** A picture from SVG elements; no text in it, which would need the machine's fonts. */
export async function drawing(width: number, height: number, body: string, ground = '#fff'): Promise<Raster> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${ground}"/>${body}</svg>`;
  return opaque(sharp(Buffer.from(svg), { limitInputPixels: false, unlimited: true }));
}

/**
 * Letters with transparent ground.
 * @param em size of the font in pixels
 * @param wrap width in pixels at which lines break
 */
export async function letters(text: string, em: number, colour: string, wrap?: number): Promise<Raster> {
  const { data, info } = await sharp({
    text: {
      text: `<span foreground="${colour}">${text}</span>`,
      fontfile,
      font: `Inter SemiBold ${em.toFixed(2)}`,
      dpi: 72,
      rgba: true,
      ...(wrap === undefined ? {} : { width: Math.round(wrap), wrap: 'word' as const }),
    },
  })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: 4 };
}

/** Layers on a ground, cut where they reach over it. */
export async function layered(ground: Raster, layers: readonly Layer[]): Promise<Raster> {
  const parts = [];
  for (const { raster, left, top } of layers) {
    const [x, y] = [Math.round(left), Math.round(top)];
    const width = Math.min(raster.width, ground.width - x);
    const height = Math.min(raster.height, ground.height - y);
    if (width < 1 || height < 1 || x < 0 || y < 0) continue;
    const cut = await piped(raster).extract({ left: 0, top: 0, width, height }).raw().toBuffer();
    parts.push({ input: cut, raw: { width, height, channels: raster.channels }, left: x, top: y });
  }
  return opaque(piped(ground).composite(parts));
}

export async function scaledTo(raster: Raster, width: number, height: number): Promise<Raster> {
  return opaque(piped(raster).resize(width, height, { fit: 'cover' }));
}

export function piped({ data, width, height, channels }: Raster) {
  return sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
}

async function opaque(pipeline: ReturnType<typeof sharp>): Promise<Raster> {
  const { data, info } = await pipeline
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: 3 };
}

const vocabulary =
  'the of and a to in image queue worker under flood returns bytes colour each picture stays small because readers wait for what they see first while limits hold every upload at its price budget pressure answer retry later ready variant sharp edges quality score photograph between screens'.split(
    ' ',
  );

/** So many words of running text, with full stops. */
export function prose(random: Random, count: number): string {
  const words = Array.from({ length: count }, () => one(random, vocabulary));
  return words
    .map((word, at) => {
      const first = at % 11 === 0;
      return (first ? word.charAt(0).toUpperCase() + word.slice(1) : word) + (at % 11 === 10 ? '.' : '');
    })
    .join(' ');
}

export function one<T>(random: Random, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)] as T;
}

export function colour(random: Random, saturation = 70, lightness = 50): string {
  const [h, s, l] = [random() * 360, saturation / 100, lightness / 100];
  const part = (n: number) => {
    const k = (n + h / 30) % 12;
    return Math.round(255 * (l - s * Math.min(l, 1 - l) * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return `#${[0, 8, 4].map((n) => part(n).toString(16).padStart(2, '0')).join('')}`;
}
