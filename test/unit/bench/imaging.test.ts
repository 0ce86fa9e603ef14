import { describe, expect, it } from 'vitest';
import { lanczos } from '../../../bench/imaging/measures/lanczos.ts';
import { psnr } from '../../../bench/imaging/measures/likeness.ts';
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
  ])('a measured ratio of %s: %s', (seen, expected) => {
    expect(verdict({ ...ratio, seen })).toBe(expected);
    expect(holds({ ...ratio, seen })).toBe(expected !== 'DOES NOT HOLD');
  });

  it('decibels have a lower bound, all other measures an upper one', () => {
    const fidelity = { measure: 'fidelity', unit: 'dB', must: 44 } as const;
    expect(verdict({ ...fidelity, seen: 43.9 })).toBe('DOES NOT HOLD');
    expect(verdict({ ...fidelity, seen: 44 })).toBe('holds');
  });

  it('a loss in points has an upper bound, and none at all is a gain', () => {
    const loss = { measure: 'loss', unit: 'points', must: 0 } as const;
    expect(verdict({ ...loss, seen: 0.1 })).toBe('DOES NOT HOLD');
    expect(verdict({ ...loss, seen: -0.1 })).toBe('holds');
    expect(verdict({ ...loss, seen: Number.POSITIVE_INFINITY })).toBe('DOES NOT HOLD');
  });

  it('a missed aim breaks no promise', () => {
    expect(holds({ measure: 'bytes', unit: '%', aim: 9, seen: 14 })).toBe(true);
  });

  it('the table of promises shows bounds and measured values with their unit', () => {
    expect(promiseTable([{ ...ratio, seen: 0.4321 }])).toContain('| CPU     | ≤ 0.5 | ≤ 0.4 | 0.432 |');
  });
});

describe('a ratio of CPU', () => {
  it('the CPU ratio compares the cheaper halves, because other processes only add time', () => {
    expect(cpuRatio(runs({ ours: [10, 90, 12, 95], plain: [20, 24, 200, 400] }), 'ours', 'plain')).toBe(0.5);
  });

  it('the CPU ratio accepts missing rounds, and is undefined if one side never ran', () => {
    const some = runs({ ours: [10, undefined, 10], plain: [20, 20, 20] });
    expect(cpuRatio(some, 'ours', 'plain')).toBe(0.5);
    expect(cpuRatio(some, 'ours', 'pillow')).toBeUndefined();
  });
});

describe('similarity', () => {
  it('a picture is identical to itself', () => {
    const noise = picture(32, 24, (at) => (at * 7919) % 256);
    expect(psnr(noise, noise)).toBe(Number.POSITIVE_INFINITY);
  });

  it('PSNR is that of the mean square error: one step everywhere is 48.13 dB', () => {
    const [a, b] = [picture(16, 16, () => 100), picture(16, 16, () => 101)];
    expect(psnr(a, b)).toBeCloseTo(20 * Math.log10(255), 6);
  });

  it('pictures of different sizes cannot be compared', () => {
    expect(() =>
      psnr(
        picture(4, 4, () => 0),
        picture(4, 5, () => 0),
      ),
    ).toThrow('differ in size');
  });
});

describe('the Lanczos reference', () => {
  it('the Lanczos reference keeps a flat colour and returns the requested size', () => {
    const flat = picture(40, 30, () => 77);
    expect(lanczos(flat, 13, 7)).toEqual(picture(13, 7, () => 77));
  });

  it('the Lanczos reference does not change a picture that already has the size', () => {
    const noise = picture(20, 10, (at) => (at * 31) % 256);
    expect(lanczos(noise, 20, 10)).toEqual(noise);
  });

  it('the Lanczos reference does not shift a ramp', () => {
    const ramp = picture(300, 4, (at) => (Math.floor(at / 3) % 300) / 2);
    const { data } = lanczos(ramp, 100, 4);
    for (let x = 10; x < 90; x++) expect(Math.abs((data[x * 3] as number) - (3 * x + 1) / 2)).toBeLessThan(1);
  });
});
