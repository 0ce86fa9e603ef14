import { describe, expect, it } from 'vitest';
import { lanczos } from '../../../bench/imaging/measures/lanczos.ts';
import { psnr, ssim } from '../../../bench/imaging/measures/likeness.ts';
import { cpuRatio, type Runs } from '../../../bench/imaging/measures/rounds.ts';
import { holds, promiseTable, verdict } from '../../../bench/imaging/report/promise.ts';

const picture = (width: number, height: number, value: (at: number) => number) => ({
  data: Uint8Array.from({ length: width * height * 3 }, (_, at) => value(at)),
  ...{ width, height, channels: 3 },
});
const runs = (times: Record<string, (number | undefined)[]>): Runs =>
  new Map(
    Object.entries(times).map(([name, all]) => [
      name,
      all.map((cpuMs) => (cpuMs === undefined ? undefined : { cpuMs, wallMs: 0, peakRssMb: 0, bytes: {} })),
    ]),
  );

describe('the table of promises', () => {
  const ratio = { measure: 'CPU', unit: '', must: 0.5, aim: 0.4 } as const;

  it.each([
    [0.51, 'DOES NOT HOLD'],
    [0.5, 'holds'],
    [0.4, 'holds, aim reached'],
    [undefined, 'not measured'],
    [Number.NaN, 'DOES NOT HOLD'],
  ])('says of %s: %s', (seen, said) => {
    expect(verdict({ ...ratio, seen })).toBe(said);
    expect(holds({ ...ratio, seen })).toBe(said !== 'DOES NOT HOLD');
  });

  it('wants more of decibels, where it wants less of everything else', () => {
    const fidelity = { measure: 'fidelity', unit: 'dB', must: 44 } as const;
    expect(verdict({ ...fidelity, seen: 43.9 })).toBe('DOES NOT HOLD');
    expect(verdict({ ...fidelity, seen: 44 })).toBe('holds');
  });

  it('an aim that is missed breaks nothing', () => {
    expect(holds({ measure: 'bytes', unit: '%', aim: 9, seen: 14 })).toBe(true);
  });

  it('shows bounds and what was seen in the unit', () => {
    expect(promiseTable([{ ...ratio, seen: 0.4321 }])).toContain('| CPU     | ≤ 0.5 | ≤ 0.4 | 0.432 |');
  });
});

describe('a ratio of CPU', () => {
  it('is that of the cheaper halves, for neighbours only ever add', () => {
    expect(cpuRatio(runs({ ours: [10, 90, 12, 95], plain: [20, 24, 200, 400] }), 'ours', 'plain')).toBe(0.5);
  });

  it('takes a way that has a turn in some rounds only, and is missing where one never ran', () => {
    const some = runs({ ours: [10, undefined, 10], plain: [20, 20, 20] });
    expect(cpuRatio(some, 'ours', 'plain')).toBe(0.5);
    expect(cpuRatio(some, 'ours', 'pillow')).toBeUndefined();
  });
});

describe('likeness', () => {
  it('of a picture to itself is perfect', () => {
    const noise = picture(32, 24, (at) => (at * 7919) % 256);
    expect(psnr(noise, noise)).toBe(Number.POSITIVE_INFINITY);
    expect(ssim(noise, noise)).toBeCloseTo(1, 6);
  });

  it('in dB is that of the mean square: one step everywhere is 48.13 dB', () => {
    const [a, b] = [picture(16, 16, () => 100), picture(16, 16, () => 101)];
    expect(psnr(a, b)).toBeCloseTo(20 * Math.log10(255), 6);
  });

  it('in SSIM falls with what was blurred away', () => {
    const sharp = picture(32, 32, (at) => (Math.floor(at / 3) % 2) * 200);
    const flat = picture(32, 32, () => 100);
    expect(ssim(sharp, flat)).toBeLessThan(0.1);
  });

  it('of pictures of different sizes is a mistake', () => {
    expect(() =>
      psnr(
        picture(4, 4, () => 0),
        picture(4, 5, () => 0),
      ),
    ).toThrow('differ in size');
  });
});

describe('the Lanczos reference', () => {
  it('keeps a flat colour and a size', () => {
    const flat = picture(40, 30, () => 77);
    expect(lanczos(flat, 13, 7)).toEqual(picture(13, 7, () => 77));
  });

  it('leaves a picture of that size alone', () => {
    const noise = picture(20, 10, (at) => (at * 31) % 256);
    expect(lanczos(noise, 20, 10)).toEqual(noise);
  });

  it('keeps a ramp a ramp, without shifting it', () => {
    const ramp = picture(300, 4, (at) => (Math.floor(at / 3) % 300) / 2);
    const { data } = lanczos(ramp, 100, 4);
    for (let x = 10; x < 90; x++) expect(Math.abs((data[x * 3] as number) - (3 * x + 1) / 2)).toBeLessThan(1);
  });
});
