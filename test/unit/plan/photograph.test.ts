import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { brownOutSeconds, imageSeconds, type Work } from '../../../lib/plan/image-seconds.ts';
import { photographCpuMs, variantBytes, variantCount } from '../../../lib/plan/photograph.ts';
import { usageOf } from '../../../lib/plan/usage.ts';
import { config as shipped } from '../../../sluice.config.ts';
import { withPlainFormats } from '../../support/plain-formats.ts';

const presetsOf = (presets: SluiceConfig['presets']) =>
  resolveConfig({ presets, ...(shipped.watermarks ? { watermarks: shipped.watermarks } : {}) }).presets;
const six = presetsOf(withPlainFormats(shipped.presets));
const fast = presetsOf(
  withPlainFormats(
    Object.fromEntries(
      Object.entries(shipped.presets).map(([name, { watermarks: _, ...rest }]) => [
        name,
        { ...rest, profile: 'fast' as const },
      ]),
    ),
  ),
);
const core = 1769;

describe('the photograph of a plan', () => {
  const { costs } = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../../bench/imaging/result.json'), 'utf8'),
  ) as { costs: { name: string; cpuMs: number; bytes: number }[] };
  const measured = (name: string) => costs.find((one) => one.name === name) as (typeof costs)[number];

  it.each([
    ['sluice', resolveConfig(shipped).presets],
    ['fixed', six],
    ['fast', fast],
  ] as const)('CPU and bytes of %s are within 5 %% of what bench/imaging measured', (name, presets) => {
    // In proportion: machines differ in pace from run to run, and a plan says seconds of Lambda.
    const share = photographCpuMs(presets) / photographCpuMs(six);
    const seen = measured(name).cpuMs / measured('fixed').cpuMs;
    expect(Math.abs(share / seen - 1)).toBeLessThan(0.05);
    expect(Math.abs(photographCpuMs(presets) / measured(name).cpuMs - 1)).toBeLessThan(0.1);
    expect(Math.abs(variantBytes(presets) / measured(name).bytes - 1)).toBeLessThan(0.05);
  });

  it('the time follows what is made, worked out by hand', () => {
    // 1600 × 1200 as JPEG: 11 + 41.8 + 1.92 × (19.8 + 10.56) = 111.0912 ms.
    const one = presetsOf({ large: { width: 1600, formats: ['jpeg'] } });
    expect(photographCpuMs(one)).toBeCloseTo(111.0912, 6);
    // A square of 500 × 500 as WebP, cropped: 11 + 41.8 + 0.25 × (19.8 + 113.85) = 86.2125 ms.
    const square = presetsOf({ square: { width: 500, height: 500, fit: 'cover', formats: ['webp'] } });
    expect(photographCpuMs(square)).toBeCloseTo(86.2125, 6);
    // A box above the photograph makes no more of it: 11 + 41.8 + 12 × (19.8 + 10.56) = 417.12 ms.
    expect(photographCpuMs(presetsOf({ huge: { width: 8000, formats: ['jpeg'] } }))).toBeCloseTo(417.12, 6);
    expect(variantCount(six)).toBe(6);
    expect(variantBytes(one)).toBeCloseTo(1_920_000 * 0.1024, 6);
    const by = (quality: NonNullable<SluiceConfig['presets'][string]['quality']>) =>
      variantBytes(presetsOf({ large: { width: 1600, formats: ['jpeg'], quality } }));
    expect(by({ jpeg: 80 })).toBeCloseTo(1_920_000 * 0.1583, 6);
    expect(by('high')).toBeCloseTo(1_920_000 * 0.1024 * 1.5, 6);
  });
});

const ordinary: Work = { presets: six, memoryMb: core, jobsInFlight: 3 };

describe('seconds of an image on Lambda', () => {
  it('the default presets at a full vCPU take the assumed second', () => {
    expect(imageSeconds(ordinary)).toBeCloseTo(1, 3);
  });

  it('less memory is less of a vCPU, and more than one makes nothing faster', () => {
    expect(imageSeconds({ ...ordinary, memoryMb: core / 2 })).toBeCloseTo(2, 3);
    expect(imageSeconds({ ...ordinary, memoryMb: 2 * core })).toBeCloseTo(1, 3);
  });

  it('fewer variants take less CPU, until the waits for S3 are longer', () => {
    // 111.09 / 409.98.
    const presets = presetsOf({ large: { width: 1600, formats: ['jpeg'] } });
    expect(imageSeconds({ ...ordinary, presets })).toBeCloseTo(0.271, 3);
    const many = presetsOf(
      Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`p${n}`, { width: 40, formats: ['jpeg'] }])),
    );
    // 53.53 ms of CPU are 0.13 s; 22 calls are 0.1875 × 22 / 8 = 0.5156 s of waits, 0.1719 in three at once.
    expect(imageSeconds({ ...ordinary, presets: many })).toBeCloseTo(0.1719, 3);
    expect(imageSeconds({ ...ordinary, presets: many, jobsInFlight: 1 })).toBeCloseTo(0.5156, 3);
  });

  it('a brown-out makes JPEG now and WebP later, and both together take more than all at once', () => {
    const { now, later } = brownOutSeconds(ordinary);
    // 11 + 41.8 + 2.4768 × (19.8 + 10.56) = 128 ms of 409.98.
    expect(now).toBeCloseTo(0.3122, 3);
    // 11 + 41.8 + 2.4768 × (19.8 + 113.85) = 383.82 ms.
    expect(later).toBeCloseTo(0.9362, 3);
    const jpeg = presetsOf({ small: { width: 320, formats: ['jpeg'] } });
    expect(brownOutSeconds({ ...ordinary, presets: jpeg }).later).toBe(0);
  });

  it('AVIF that follows is compared with the JPEG, which is made again', () => {
    const { now, later } = brownOutSeconds({ ...ordinary, presets: resolveConfig(shipped).presets });
    expect(now).toBeCloseTo(0.3122, 3);
    // 11 + 41.8 + 2.4768 × (19.8 + 73.6 + 10.56) = 310.29 ms of 409.98, and without the JPEG 284.13.
    expect(later).toBeCloseTo(0.7568, 3);
    const alone = (effort: object) =>
      brownOutSeconds({
        ...ordinary,
        presets: presetsOf({ one: { width: 1600, formats: ['modern'], effort } }),
      });
    // 52.8 + 1.92 × (19.8 + 73.6) = 232.13 ms.
    expect(alone({})).toEqual({ now: expect.closeTo(0.5662, 3), later: 0 });
    // 52.8 + 1.92 × (19.8 + 687) = 1409.86 ms.
    expect(alone({ avif: 3 })).toEqual({ now: expect.closeTo(0.5662, 3), later: expect.closeTo(3.4388, 3) });
  });
});

it.each([
  // 52.8 + 1.92 × (19.8 + 73.6 + 73.7) = 373.63 ms of 409.98.
  ['its PNG', { formats: ['modern', 'png'] }, 0.9113],
  // 52.8 + 1.92 × (19.8 + 73.6 + 10.56) = 252.4 ms.
  ['its JPEG for a score', { formats: ['modern', 'jpeg'] }, 0.6156],
  ['no JPEG of encoders’ numbers', { formats: ['modern', 'jpeg'], quality: {} }, 0.5662],
] as const)('AVIF that follows a brown-out is compared with %s', (_, { formats, ...rest }, later) => {
  const presets = presetsOf({ one: { width: 1600, formats: [...formats], ...rest } });
  expect(brownOutSeconds({ ...ordinary, presets }).later).toBeCloseTo(later, 3);
});

describe('the usage of an image', () => {
  const config = resolveConfig({ ...shipped, presets: withPlainFormats(shipped.presets) });

  it('a ticket, an upload and six variants', () => {
    expect(usageOf(config)).toMatchObject({ apiCalls: 3, enqueued: 1, taken: 1, s3Puts: 8, s3Gets: 1 });
    expect(usageOf(config).apiSeconds).toBeCloseTo(0.15, 6);
    expect(usageOf(config).sqsRequests).toBe(3);
  });

  it('a hundred tickets in a request are a hundredth of the calls, and 0.17 of the CPU', () => {
    const usage = usageOf(config, { upload: 'hundred' });
    expect(usage.apiCalls).toBeCloseTo(0.03, 9);
    expect(usage.apiSeconds).toBeCloseTo(0.0255, 9);
  });

  it('a body needs no upload event, and holds the API for longer', () => {
    const usage = usageOf(config, { upload: 'body' });
    expect(usage).toMatchObject({ apiCalls: 3, enqueued: 0 });
    expect(usage.apiSeconds).toBeCloseTo(0.35, 9);
  });

  it('a refused image asks again, and one of a brown-out is fetched and taken twice', () => {
    expect(usageOf(config, { refusals: 2 }).apiCalls).toBe(5);
    const half = usageOf(config, { inBrownOut: 0.5 });
    // Half of the images: another list, another get, another message. Each variant is put once.
    expect(half).toMatchObject({ taken: 1.5, s3Puts: 8.5, s3Gets: 1.5, sqsRequests: 4.5 });
    expect(half.processSeconds).toBeCloseTo(0.5 * 1 + 0.5 * (0.3122 + 0.9362), 3);
  });
});
