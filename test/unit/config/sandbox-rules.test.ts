import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import { configSchema, type SluiceConfig } from '../../../lib/config/schema.ts';
import { memoryNeeds } from '../../../lib/rules/sandbox-memory.ts';
import { timeNeeds } from '../../../lib/rules/sandbox-time.ts';
import { config as outOfTheBox } from '../../../sluice.config.ts';
import { configMistakes } from '../../support/config-mistakes.ts';

function mistakes(config: SluiceConfig): string[] {
  return configMistakes(() => resolveConfig(config));
}
const box = (side: number) => ({ width: side, height: side });
const roomy = { process: { memoryMb: 10_240 }, limits: { decodeTimeoutMs: 120_000 } };

describe('a configuration that the sandbox can handle', () => {
  it.each<[string, SluiceConfig]>([
    ['is the one out of the box', outOfTheBox],
    ['takes AVIF too', { ...outOfTheBox, inputs: { avif: true } }],
    [
      'has presets that leave their height open',
      { presets: { l: { width: 1600 }, m: { width: 1200 }, s: { width: 800 } } },
    ],
    ['has one of a screen of 4K', { presets: { a: box(3840) } }],
    ['has quality 100', { presets: { a: { width: 1600, quality: { webp: 100, jpeg: 100 } } } }],
    [
      'has the largest preset and room for it',
      { presets: { a: { width: 8192, formats: ['webp', 'jpeg', 'png'] } }, ...roomy },
    ],
    [
      'has little memory and lower limits',
      {
        presets: { a: box(320) },
        process: { memoryMb: 512, jobsInFlight: 1 },
        limits: { maxPixels: 6_000_000, maxPixelsJpeg: 12_000_000, maxFramePixels: 4_000_000, maxSide: 8192 },
      },
    ],
  ])('%s', (_, config) => {
    expect(mistakes(config)).toEqual([]);
  });
});

describe('a configuration that it cannot do is refused with the arithmetic', () => {
  it('of the memory and of the time', () => {
    const [memory, time, ...others] = mistakes({ presets: { small: box(320), huge: { width: 8192 } } });
    expect(others).toEqual([]);
    expect(memory).toMatch(
      /^presets\.huge: 40000000 pixels of webp, made of 40000000 of png \(limits\.maxPixels\), can take 1\d{3} MB, but the decoder has 1061 MB \(0\.6 of process\.memoryMb 1769\)\..* raise process\.memoryMb to 3\d{3}\.$/,
    );
    expect(time).toMatch(
      /^presets\.huge: One jpeg can take \d+\.\d s of a processor in all presets, \d+\.\d s of it in this one, but it has 20\.0 s \(limits\.decodeTimeoutMs 20000;/,
    );
  });

  it('and what it names is enough', () => {
    const [memory] = mistakes({ presets: { a: box(6000) } });
    const memoryMb = Number(/memoryMb to (\d+)/.exec(memory ?? '')?.[1]);
    const limits = { decodeTimeoutMs: 60_000 };
    expect(mistakes({ presets: { a: box(6000) }, limits, process: { memoryMb } })).toEqual([]);
    expect(mistakes({ presets: { a: box(6000) }, limits, process: { memoryMb: memoryMb - 4 } })).toHaveLength(
      1,
    );
  });

  it('of a limit that no preset makes too large, of animations and of the worker', () => {
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

  it('of a processor that is less than a whole one', () => {
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

  it('beside all other mistakes', () => {
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

describe('what is reckoned with', () => {
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

  it('grows with each size, format, effort and step, and with what a cover cuts off', () => {
    const plain = { ...box(3000), formats: ['webp' as const], animation: 'first' as const };
    const least = needs({ a: plain });
    for (const more of [{ width: 3500 }, { formats: ['webp' as const, 'avif' as const] }, { sharpen: 1 }])
      for (const name of ['bytes', 'seconds'] as const)
        expect(needs({ a: { ...plain, ...more } })[name], JSON.stringify(more)).toBeGreaterThan(least[name]);
    expect(needs({ a: { ...plain, fit: 'cover' } }).bytes).toBeGreaterThan(least.bytes);
    expect(needs({ a: plain, b: { ...plain, width: 1000 } }).bytes).toBeGreaterThan(least.bytes);
    expect(needs({ a: { ...plain, effort: { webp: 6 } } }).seconds).toBeGreaterThan(least.seconds);
  });

  it('counts an animation once for presets that differ in size alone', () => {
    const small = { ...box(400), formats: ['webp' as const] };
    const alone = needs({ a: small }).seconds;
    expect(needs({ a: small, b: { ...small, width: 300 } }).seconds).toBe(alone);
    expect(needs({ a: small, b: { ...small, quality: { webp: 70 } } }).seconds).toBeGreaterThan(alone + 4);
  });
});
