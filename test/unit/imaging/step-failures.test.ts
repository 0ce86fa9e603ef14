import sharp, { type Sharp } from 'sharp';
import { describe, expect, it, vi } from 'vitest';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { draw, noise, plain } from './fixtures.ts';
import { made } from './in-process.ts';

const enough = 64 * 1024;

/*
 * Every allocation of a step fails once, in codecs and in JavaScript. All earlier allocations must then be freed.
 */
describe('a step that fails leaves no pixels alive', () => {
  const gifOf = () =>
    sharp(Buffer.concat([plain(400, 300, [160, 120, 100, 255]).data, plain(400, 300, [0, 0, 0, 255]).data]), {
      raw: { width: 400, height: 600, channels: 4, pageHeight: 300 },
    })
      .gif({ delay: [50, 50] })
      .toBuffer();

  it.each<[string, () => Promise<Buffer>, NonNullable<SluiceConfig['presets']>]>([
    [
      'of a photograph: orient, resize, crop, sharpen, pad',
      () =>
        draw(noise(500, 400))
          .toColourspace('rgb16')
          .withIccProfile('p3')
          .withMetadata({ orientation: 6 })
          .png()
          .toBuffer(),
      {
        a: { width: 350, height: 300, fit: 'cover', gravity: 'attention', sharpen: 1 },
        b: { width: 360, height: 600, fit: 'contain', formats: ['png', 'jpeg'] },
      },
    ],
    ['of an animation', gifOf, { a: { width: 300 }, b: { width: 200, height: 200, fit: 'cover' } }],
  ])('every step that fails frees all pixels %s', async (_, draws, presets) => {
    const file = await draws();
    const walk = async (failing: number) => {
      const allocated: Uint8Array[] = [];
      const keep = <Bytes>(bytes: Bytes): Bytes => {
        if (bytes instanceof Uint8Array && bytes.length >= enough) {
          if (allocated.length === failing) throw new Error('this step failed');
          allocated.push(bytes);
        }
        return bytes;
      };
      const { toBuffer } = sharp.prototype;
      const { alloc, allocUnsafe } = Buffer;
      const spies = [
        vi.spyOn(sharp.prototype, 'toBuffer').mockImplementation(async function (
          this: Sharp,
          ...options: unknown[]
        ) {
          const made = (await toBuffer.apply(this, options as never)) as unknown as Buffer | { data: Buffer };
          if (Buffer.isBuffer(made)) return keep(made) as never;
          keep(made.data);
          return made as never;
        }),
        vi.spyOn(Buffer, 'alloc').mockImplementation((...args) => keep(alloc.call(Buffer, ...args)) as never),
        vi.spyOn(Buffer, 'allocUnsafe').mockImplementation((size) => keep(allocUnsafe.call(Buffer, size))),
      ];
      const error = await made(file, presets).then(
        () => undefined,
        (error: Error) => error.message,
      );
      for (const spy of spies) spy.mockRestore();
      return { error, allocated };
    };
    const whole = await walk(Number.POSITIVE_INFINITY);
    expect(whole.error).toBeUndefined();
    expect(whole.allocated.length).toBeGreaterThan(6);
    for (let failing = 0; failing < whole.allocated.length; failing++) {
      const { error, allocated } = await walk(failing);
      expect(error, `allocation ${failing}`).toBeDefined();
      expect(
        allocated.map(({ length }) => length),
        `allocation ${failing}`,
      ).toEqual(Array(failing).fill(0));
    }
  });
});
