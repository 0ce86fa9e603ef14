import { afterAll, describe, expect, it } from 'vitest';
import { Oracle } from './oracle.ts';

const oracle = new Oracle();
afterAll(() => oracle.close());

describe('the oracle', () => {
  // Pairs 1, 4, 7, 16, 19 and 25 of the table in Sharma, Wu and Dalal, "The CIEDE2000 Color-Difference Formula" (2005).
  it.each([
    [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
    [[50, -1.3802, -84.2814], [50, 0, -82.7485], 1.0],
    [[50, 0, 0], [50, -1, 2], 2.3669],
    [[50, 2.5, 0], [50, 0, -2.5], 4.3065],
    [[50, 2.5, 0], [56, -27, -3], 31.903],
    [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
  ])('the oracle computes the published CIEDE2000 between %j and %j', async (first, second, expected) => {
    expect(await oracle.ask('deltaE2000', { first, second })).toBeCloseTo(expected, 3);
  });

  it('the oracle distinguishes a picture from a brighter and from a rotated one', async () => {
    const picture = await oracle.make('scene', { width: 120, height: 90 });
    expect(await oracle.likeness(picture, picture)).toMatchObject({ decibels: 99, mean: 0, alphaMax: 0 });
    const other = await oracle.make('scene', { width: 120, height: 90, seed: 2 });
    const { decibels, ssim } = await oracle.likeness(picture, other);
    expect(decibels).toBeLessThan(20);
    expect(ssim).toBeLessThan(0.6);
  });

  it('the oracle’s floating-point conversion agrees with LittleCMS on a matrix profile', async () => {
    const picture = await oracle.make('spectrum');
    const { path } = await oracle.write('png', { picture, profile: 'display-p3', version: 2 });
    const byNumbers = await oracle.make('toSrgb', { picture, space: 'display-p3' });
    const byLittleCms = await oracle.make('managed', { path });
    const { median, p95 } = await oracle.ask<{ median: number; p95: number }>('deltaE', {
      a: byNumbers,
      b: byLittleCms,
    });
    expect(median).toBeLessThan(0.5);
    expect(p95).toBeLessThan(1.5);
  });

  it('the oracle explains an invalid question', async () => {
    await expect(oracle.make('resize', { picture: 'picture-0', width: 1, height: 1 })).rejects.toThrow(
      'KeyError',
    );
  });
});
