import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode as decoded } from '../../bench/codecs/encode.ts';
import { writePpm } from '../../bench/codecs/judges/ppm.ts';
import { installJudge, type Ssimulacra2, startSsimulacra2 } from '../../bench/codecs/judges/ssimulacra2.ts';
import { draw } from '../../bench/codecs/pictures/draw.ts';
import { drawScene } from '../../bench/imaging/photographs/scene.ts';
import { namedScores } from '../../lambda/domain/quality.ts';
import type { RenderedImage } from '../../lambda/imaging/rendered-image.ts';
import { patience } from '../support/pace.ts';
import { openLane } from '../unit/imaging/sandbox-folder.ts';

/* The variants of a preset have the score that it asks for, by the package of SSIMULACRA2 itself. */

const sides = { large: 1600, medium: 800, small: 320 };
const { decode, close } = openLane({
  presets: Object.fromEntries(
    Object.entries(sides).flatMap(([name, side]) => [
      [name, { width: side, height: side }],
      [`high-${name}`, { width: side, height: side, quality: 'high' as const }],
      [`exact-${name}`, { width: side, height: side, formats: ['png' as const] }],
    ]),
  ),
  // For nine presets at once.
  process: { memoryMb: 10_240 },
  limits: { decodeTimeoutMs: 60_000 },
});

/** Of a prediction: nine of ten are within 4 points of the target where it was measured. */
const near = 7;
/** Points between two formats of one picture. */
const apart = 6;

let judge: Ssimulacra2;
const folder = mkdtempSync(join(tmpdir(), 'sluice-score-'));
beforeAll(async () => {
  await installJudge(() => undefined);
  judge = startSsimulacra2();
}, patience(300_000));
afterAll(() => {
  close();
  judge?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Scores by `<preset> <format>`, against the same pixels without loss. */
async function scoresOf(image: RenderedImage): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const size of Object.keys(sides)) {
    const exact = image.variants.find(({ preset }) => preset === `exact-${size}`);
    if (exact === undefined) throw new Error(`there is no exact-${size}`);
    const { width, height } = exact;
    const write = async (name: string, bytes: Buffer) => {
      const path = join(folder, `${name}.ppm`);
      writePpm(path, { data: await decoded(bytes), width, height });
      return path;
    };
    const reference = await write(size, exact.bytes);
    for (const { preset, format, bytes } of image.variants)
      if (preset === size || preset === `high-${size}`)
        found[`${preset} ${format}`] = (await judge.score(reference, await write('distorted', bytes))).score;
  }
  return found;
}

const png = (data: Buffer, width: number, height: number) =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toBuffer();

describe('the score of a preset', () => {
  it('every size and format of a photograph has it', async () => {
    const { pixels, width, height } = await drawScene(2400, 1800, 3);
    const scores = await scoresOf(await decode(await png(pixels, width, height)));
    expect(Object.keys(scores)).toHaveLength(12);
    for (const [name, score] of Object.entries(scores)) {
      const target = name.startsWith('high') ? namedScores.high : namedScores.standard;
      expect(Math.abs(score - target), `${name}: ${score}`).toBeLessThanOrEqual(near);
    }
    for (const preset of Object.keys(sides).flatMap((size) => [size, `high-${size}`])) {
      const [avif, jpeg] = ['avif', 'jpeg'].map((format) => scores[`${preset} ${format}`] as number);
      expect(Math.abs((avif as number) - (jpeg as number)), preset).toBeLessThanOrEqual(apart);
    }
  });

  it('text has it at least, and without loss where that is smaller', async () => {
    const { data, width, height } = await draw('text', 1, 1600, async () => {
      throw new Error('there is no photograph in a text');
    });
    const image = await decode(await png(data, width, height));
    const scores = await scoresOf(image);
    expect(scores['large webp']).toBeCloseTo(100, 3);
    for (const [name, score] of Object.entries(scores)) {
      const target = name.startsWith('high') ? namedScores.high : namedScores.standard;
      expect(score, `${name}: ${score}`).toBeGreaterThanOrEqual(target - near);
    }
    const bytesOf = (format: string) =>
      image.variants.find((one) => one.preset === 'large' && one.format === format)?.bytes.length as number;
    expect(bytesOf('webp')).toBeLessThan(0.7 * bytesOf('jpeg'));
  });
});
