import sharp from 'sharp';

/** Octaves of smooth noise, coarse to fine: cells across the picture and how much they sway the light (8 bits). */
const octaves = [
  { cells: 5, sway: 90 },
  { cells: 17, sway: 46 },
  { cells: 61, sway: 26 },
  { cells: 230, sway: 15 },
  { cells: 900, sway: 13 },
] as const;
/** Deviation of the grain that every sensor leaves, in steps of 8 bits. */
const grain = 5;

/**
 * A photograph-like JPEG (quality 92, 4:2:0, as phones write them), the same bytes for the same seed: light that
 * varies on every scale, edges of overlapping shapes, and grain. About 3 MB at 4000 × 3000.
 */
export async function photograph(width: number, height: number, seed: number): Promise<Buffer> {
  const random = seeded(seed);
  const light = new Float32Array(width * height * 3).fill(128);
  for (const { cells, sway } of octaves) {
    const noise = await smoothNoise(width, height, cells, random);
    for (let at = 0; at < light.length; at++)
      light[at] = (light[at] as number) + (((noise[at] as number) - 128) / 64) * sway * 0.5;
  }
  const pixels = Buffer.alloc(light.length);
  for (let at = 0; at < light.length; at++) {
    const edge = edgeAt((at / 3) % width, at / 3 / width, width);
    const speck = (random() + random() + random() - 1.5) * 2 * grain;
    pixels[at] = Math.max(0, Math.min(255, (light[at] as number) + edge + speck));
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92, chromaSubsampling: '4:2:0' })
    .toBuffer();
}

/** Noise of so many cells across, colours leaning on a common grey, enlarged smoothly. */
async function smoothNoise(
  width: number,
  height: number,
  cells: number,
  random: () => number,
): Promise<Buffer> {
  const rows = Math.max(2, Math.round((cells * height) / width));
  const coarse = Buffer.alloc(cells * rows * 3);
  for (let at = 0; at < coarse.length; at += 3) {
    const grey = random() * 200;
    for (let c = 0; c < 3; c++) coarse[at + c] = grey + random() * 55;
  }
  return sharp(coarse, { raw: { width: cells, height: rows, channels: 3 } })
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer();
}

/** Hard outlines: every other of overlapping rings and of leaning bars is a shade darker. */
function edgeAt(x: number, y: number, width: number): number {
  const ring = Math.floor(Math.hypot(x - width * 0.62, y - width * 0.31) / (width * 0.045)) % 2;
  const bar = Math.floor((x + y * 0.6) / (width * 0.11)) % 2;
  return ring * 14 - bar * 18;
}

/** mulberry32: small, quick, and the same everywhere. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
