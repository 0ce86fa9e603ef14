import { describe, expect, it } from 'vitest';
import { toSrgb } from '../../../../lambda/imaging/colour/to-srgb.ts';
import { decode } from '../../../../lambda/imaging/decode/decode.ts';
import { readPixels } from '../../../../lambda/imaging/decode/pixels.ts';
import { inspectSource } from '../../../../lambda/imaging/pipeline.ts';
import { resolveConfig } from '../../../../lib/config/resolve.ts';
import { draw, noise } from '../fixtures.ts';

const settings = resolveConfig({ presets: { small: { width: 32 } } });
const png = await draw(noise(40, 30)).png().toBuffer();
const size = { width: 40, height: 30 };

describe('a fault of ours is never the picture’s', () => {
  it.each([new TypeError('x is not a function'), new RangeError('out of bounds')])(
    'in what is made of its pixels: %s',
    async (fault) => {
      const curve = () => {
        throw fault;
      };
      const space = { curves: [curve, curve, curve], toXyz: [1, 0, 0, 0, 1, 0, 0, 0, 1] } as const;
      for (const depth of [8, 16] as const) {
        const inspected = {
          ...(await inspectSource(png, settings)),
          colour: { by: 'matrix', space, depth } as const,
        };
        const samples = await decode(png, inspected, size);
        expect(() => toSrgb(samples, inspected.colour)).toThrow(fault);
      }
    },
  );

  it('in what the codec is told', async () => {
    const fault = new RangeError('expected a positive number');
    const open = () => {
      throw fault;
    };
    await expect(readPixels(open, { type: 'png', maxPixels: 1 })).rejects.toBe(fault);
    const inspected = await inspectSource(png, settings);
    await expect(decode(png, inspected, { width: -1, height: 30 })).rejects.not.toHaveProperty('code');
  });

  it('and what the codec says of the file is the file’s', async () => {
    const inspected = await inspectSource(png, settings);
    await expect(decode(png.subarray(0, 200), inspected, size)).rejects.toMatchObject({
      code: 'corrupt_image',
    });
  });
});
