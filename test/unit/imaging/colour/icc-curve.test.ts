import { describe, expect, it } from 'vitest';
import { spaceOfProfile } from '../../../../lambda/imaging/colour/icc-profile.ts';
import { latin1 } from '../inspect/containers.ts';
import { curve, gamma, greyProfile, parametric, sampled } from './profiles.ts';

describe('an ICC curve', () => {
  const light = (bytes: Buffer, stored: number) =>
    spaceOfProfile(greyProfile(bytes), 'GRAY')?.curves[0](stored);

  it.each([
    ['no entries: the identity', curve([]), 0.3, 0.3],
    ['one: an exponent', gamma(2), 0.5, 0.25],
    ['more: between the two nearest', curve([0, 13107, 65535]), 0.75, 0.6],
    ['the last of them', curve([0, 13107, 65535]), 1, 1],
    ['type 0', parametric(0, 3), 0.5, 0.125],
    ['type 1', parametric(1, 2, 2, -0.5), 0.5, 0.25],
    ['type 1 below its break', parametric(1, 2, 2, -0.5), 0.2, 0],
    ['type 2', parametric(2, 2, 1, 0, 0.25), 0.5, 0.5],
    ['type 3 above its break', parametric(3, 2, 1, 0, 0.5, 0.25), 0.5, 0.25],
    ['type 3 below it', parametric(3, 2, 1, 0, 0.5, 0.25), 0.2, 0.1],
    ['type 4 above its break', parametric(4, 2, 1, 0, 0.5, 0.25, 0.125, 0.0625), 0.5, 0.375],
    ['type 4 below it', parametric(4, 2, 1, 0, 0.5, 0.25, 0.125, 0.0625), 0.2, 0.1625],
    ['more than light is light', parametric(2, 1, 1, 0, 0.5), 0.9, 1],
    ['no number is none', parametric(0, -1), 0, 1],
    ['less than none is none', parametric(2, 1, 1, 0, -0.5), 0.1, 0],
  ])('the curve is evaluated: %s', (_, bytes, stored, expected) => {
    expect(light(bytes, stored)).toBeCloseTo(expected, 4);
  });

  it.each([
    ['of an unknown type', latin1('tbl0\0\0\0\0\0\0\0\0')],
    ['of an unknown function', parametric(5, 1)],
    ['with fewer entries than it says', curve([1, 2, 3]).fill(255, 8, 12)],
    ['with fewer parameters than its function has', parametric(4, 1)],
    ['that ends at once', latin1('curv')],
  ])('a curve %s is invalid', (_, bytes) => {
    expect(spaceOfProfile(greyProfile(bytes), 'GRAY')).toBeUndefined();
  });

  it('a sampled curve approximates its formula', () => {
    const icc = greyProfile(sampled(1024, (x) => x ** 2.2));
    expect(spaceOfProfile(icc, 'GRAY')?.curves[0](0.37)).toBeCloseTo(0.37 ** 2.2, 4);
  });
});
