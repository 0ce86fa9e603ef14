import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import { configSchema, type SluiceConfig } from '../../../lib/config/schema.ts';
import { memoryNeeds } from '../../../lib/rules/sandbox-memory.ts';
import { timeNeeds } from '../../../lib/rules/sandbox-time.ts';
import { config as defaultConfig } from '../../../sluice.config.ts';
import { configMistakes } from '../../support/config-mistakes.ts';

function mistakes(config: SluiceConfig): string[] {
  return configMistakes(() => resolveConfig(config));
}
const box = (side: number) => ({ width: side, height: side });
const largeWorker = { process: { memoryMb: 10_240 }, limits: { decodeTimeoutMs: 120_000 } };

describe('configurations that the sandbox can handle', () => {
  it.each<[string, SluiceConfig]>([
    ['the default one', defaultConfig],
    ['one that accepts AVIF too', { ...defaultConfig, inputs: { avif: true } }],
    ['presets without a height', { presets: { l: { width: 1600 }, m: { width: 1200 }, s: { width: 800 } } }],
    ['a preset for a 4K screen', { presets: { a: box(3840) } }],
    ['a preset of quality 100', { presets: { a: { width: 1600, quality: { webp: 100, jpeg: 100 } } } }],
    [
      'the largest preset with enough memory and time',
      { presets: { a: { width: 8192, formats: ['webp', 'jpeg', 'png'] } }, ...largeWorker },
    ],
    [
      'little memory with lower limits',
      {
        presets: { a: box(320) },
        process: { memoryMb: 512, jobsInFlight: 1 },
        limits: { maxPixels: 6_000_000, maxPixelsJpeg: 12_000_000, maxFramePixels: 4_000_000, maxSide: 8192 },
      },
    ],
  ])('a configuration is accepted: %s', (_, config) => {
    expect(mistakes(config)).toEqual([]);
  });
});

describe('a configuration that the sandbox cannot handle is refused with the arithmetic', () => {
  it('a preset that is too large for memory and time is refused with the arithmetic', () => {
    const [memory, time, ...others] = mistakes({ presets: { small: box(320), huge: { width: 8192 } } });
    expect(others).toEqual([]);
    expect(memory).toMatch(
      /^presets\.huge: 64000000 pixels of webp, made of 64000000 of jpeg \(limits\.maxPixelsJpeg\), can take 2\d{3} MB, but the decoder has 1061 MB \(0\.6 of process\.memoryMb 1769\)\..* raise process\.memoryMb to 3\d{3}\.$/,
    );
    expect(time).toMatch(
      /^presets\.huge: One jpeg can take \d+\.\d s of a processor in all presets, \d+\.\d s of it in this one, but it has 20\.0 s \(limits\.decodeTimeoutMs 20000;/,
    );
  });

  it('the memory that the message suggests is enough', () => {
    const [memory] = mistakes({ presets: { a: box(6000) } });
    const memoryMb = Number(/memoryMb to (\d+)/.exec(memory ?? '')?.[1]);
    const limits = { decodeTimeoutMs: 60_000 };
    expect(mistakes({ presets: { a: box(6000) }, limits, process: { memoryMb } })).toEqual([]);
    expect(mistakes({ presets: { a: box(6000) }, limits, process: { memoryMb: memoryMb - 4 } })).toHaveLength(
      1,
    );
  });

  it('limits too large for any preset, animations and the worker’s memory are checked too', () => {
    const presets = { a: box(100) };
    expect(mistakes({ presets, limits: { maxPixels: 90_000_000 }, inputs: { avif: true } })).toEqual([
      expect.stringMatching(/^limits\.maxPixels: To read 90000000 pixels of avif can take/),
    ]);
    expect(mistakes({ presets, limits: { maxPixelsJpeg: 150_000_000 } })).toEqual([
      expect.stringMatching(/^limits\.maxPixelsJpeg: To read 150000000 pixels of jpeg can take/),
    ]);
    const animations = mistakes({ presets, limits: { maxFramePixels: 80_000_000, decodeTimeoutMs: 40_000 } });
    expect(animations).toEqual([
      expect.stringMatching(/^presets\.a: An animation of 80000000 pixels.*animation: "first"/),
    ]);
    expect(
      mistakes({ presets, process: { jobsInFlight: 10 }, limits: { maxBytes: 100 * 1024 * 1024 } }),
    ).toEqual([
      expect.stringMatching(
        /^process\.memoryMb: The worker holds up to 1\d{3} MB.*10 \(process\.jobsInFlight\) × 100 MB/,
      ),
    ]);
  });

  it('a fraction of a processor counts as that fraction', () => {
    const limits = {
      maxPixels: 8_000_000,
      maxPixelsJpeg: 16_000_000,
      maxFramePixels: 4_000_000,
      maxSide: 8192,
    };
    const slow = {
      presets: { a: { ...box(320), effort: { webp: 6 }, sharpen: 1 } },
      process: { memoryMb: 512, jobsInFlight: 1 },
    };
    expect(mistakes({ ...slow, limits: { ...limits, decodeTimeoutMs: 3_000 } })).toEqual([
      expect.stringContaining('but it has 0.9 s'),
    ]);
  });

  it('sandbox mistakes are reported together with all others', () => {
    const config = {
      presets: { a: { width: 8192 } },
      process: { visibilityTimeoutSeconds: 1 },
      database: { maxConnections: 10 },
    };
    const paths = mistakes(config).map((mistake) => mistake.split(':')[0]);
    expect(paths).toEqual([
      'process.visibilityTimeoutSeconds',
      'presets.a',
      'presets.a',
      'database.maxConnections',
    ]);
  });
});

describe('the estimate', () => {
  const needs = (presets: SluiceConfig['presets']) => {
    const settings = configSchema.parse({
      presets,
      limits: { maxPixels: 12_000_000, maxPixelsJpeg: 12_000_000, maxSide: 4000 },
    });
    return {
      bytes: Math.max(...memoryNeeds(settings).map(({ bytes }) => bytes)),
      seconds: Math.max(...timeNeeds(settings).map(({ seconds }) => seconds)),
    };
  };

  it('the estimate grows with size, formats, effort, steps and the pixels that cover crops', () => {
    const plain = { ...box(3000), formats: ['webp' as const], animation: 'first' as const };
    const least = needs({ a: plain });
    for (const more of [{ width: 3500 }, { formats: ['webp' as const, 'avif' as const] }, { sharpen: 1 }])
      for (const name of ['bytes', 'seconds'] as const)
        expect(needs({ a: { ...plain, ...more } })[name], JSON.stringify(more)).toBeGreaterThan(least[name]);
    expect(needs({ a: { ...plain, fit: 'cover' } }).bytes).toBeGreaterThan(least.bytes);
    expect(needs({ a: plain, b: { ...plain, width: 1000 } }).bytes).toBeGreaterThan(least.bytes);
    expect(needs({ a: { ...plain, effort: { webp: 6 } } }).seconds).toBeGreaterThan(least.seconds);
  });

  it('presets that differ only in size count an animation once', () => {
    const small = { ...box(400), formats: ['webp' as const] };
    const alone = needs({ a: small }).seconds;
    expect(needs({ a: small, b: { ...small, width: 300 } }).seconds).toBe(alone);
    expect(needs({ a: small, b: { ...small, quality: { webp: 70 } } }).seconds).toBeGreaterThan(alone + 4);
  });
});
