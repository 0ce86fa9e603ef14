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

describe('our own faults', () => {
  it.each([new TypeError('x is not a function'), new RangeError('out of bounds')])(
    'an error in our processing is not blamed on the image: %s',
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

  it('wrong arguments for the codec are not blamed on the image', async () => {
    const fault = new RangeError('expected a positive number');
    const open = () => {
      throw fault;
    };
    await expect(readPixels(open, { type: 'png', maxPixels: 1 })).rejects.toBe(fault);
    const inspected = await inspectSource(png, settings);
    await expect(decode(png, inspected, { width: -1, height: 30 })).rejects.not.toHaveProperty('code');
  });

  it('an error that the codec reports of the file is blamed on the file', async () => {
    const inspected = await inspectSource(png, settings);
    await expect(decode(png.subarray(0, 200), inspected, size)).rejects.toMatchObject({
      code: 'corrupt_image',
    });
  });
});
