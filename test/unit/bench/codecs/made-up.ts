import { equalScores } from '../../../../bench/codecs/analysis/equal.ts';
import type { Kind } from '../../../../bench/codecs/pictures/kinds.ts';
import type { Result } from '../../../../bench/codecs/result.ts';
import type { Measured, Sample } from '../../../../bench/codecs/samples.ts';

/** A ladder whose bytes double and whose score rises by 10 with each level, from `from` at level 1. */
export function ladder(
  setting: string,
  { bytes, cpuMs, from = 50, levels = 4 }: { bytes: number; cpuMs: number; from?: number; levels?: number },
): Sample[] {
  return Array.from({ length: levels }, (_, at) => ({
    setting,
    level: at + 1,
    bytes: bytes * 2 ** at,
    cpuMs: [cpuMs],
    score: from + 10 * at,
    distance: 4 - at,
  }));
}

export function picture(kind: Kind, samples: Sample[], name = kind as string): Measured {
  return { picture: name, kind, source: 'drawn', size: 800, width: 800, height: 600, samples };
}

/** A result of two settings beside WebP effort 4, on a photograph and two screenshots. */
export function madeUpResult(): Result {
  const measured = [
    picture('photo', [
      ...ladder('webp-4', { bytes: 1000, cpuMs: 100 }),
      ...ladder('avif-0-420', { bytes: 800, cpuMs: 75 }),
      ...ladder('png-palette', { bytes: 40_000, cpuMs: 900, levels: 1, from: 65 }),
    ]),
    ...['first', 'second'].map((name, at) =>
      picture(
        'screenshot',
        [
          ...ladder('webp-4', { bytes: 2000, cpuMs: 80 }),
          ...ladder('avif-0-420', { bytes: 3000, cpuMs: 120, from: 50 - 15 * at }),
          ...ladder('png-palette', { bytes: 1000, cpuMs: 40, levels: 1, from: 95 }),
        ],
        name,
      ),
    ),
  ];
  const setting = (name: string, label: string, family: string) => ({
    ...{ name, label, family, format: 'any', subsampling: '4:2:0', level: 'quality', ladder: [1, 2, 3, 4] },
  });
  return {
    quick: false,
    rounds: 1,
    pictures: measured.map(({ picture: name, kind, source }) => ({
      ...{ name, kind, source, sizes: [{ size: 800, width: 800, height: 600 }] },
    })),
    settings: [
      setting('webp-4', 'WebP effort 4', 'webp'),
      { ...setting('avif-0-420', 'AVIF effort 0, 4:2:0', 'avif-420'), effort: 0 },
      setting('png-palette', 'PNG, palette', 'png'),
    ],
    equal: equalScores(measured),
    memory: {
      picture: 'photo',
      width: 800,
      height: 600,
      encoders: [{ setting: 'webp-4', peakMb: 90, aboveMb: 10, threads: 1 }],
    },
    checks: {
      encodes: 27,
      changed: 0,
      cpuSpread: { median: 0.02, upper: 0.05 },
      agreement: { pairs: 3, greatest: 0.002 },
    },
    machine: { processor: 'a processor', cores: 2, node: 'v24', sharp: '0.35.5 (libvips 8)' },
    encoders: 'libaom 3',
    judges: { first: 'SSIMULACRA2', second: 'Butteraugli' },
  };
}
