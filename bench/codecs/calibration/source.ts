import type { Calibration, Weights } from '../../../lambda/imaging/encode/calibrated.ts';
import { formats } from './calibrate.ts';

/** The text of lambda/imaging/encode/calibration.ts, in the form that the formatter gives it. */
export function calibrationSource({ scores, features, sizes, lossless, ...kinds }: Calibration): string {
  const rows = (name: string, all: readonly (readonly number[])[]) => [
    `      ${name}: [`,
    ...all.map((row) => `        [${row.join(', ')}],`),
    '      ],',
  ];
  const format = (name: string, { bySize, byLook }: Weights) => [
    `    ${name}: {`,
    ...rows('bySize', bySize),
    ...rows('byLook', byLook),
    '    },',
  ];
  const kind = (name: 'pictures' | 'pale' | 'graphics') => [
    `  ${name}: {`,
    '    range: {',
    `      least: [${kinds[name].range.least.join(', ')}],`,
    `      most: [${kinds[name].range.most.join(', ')}],`,
    '    },',
    ...formats.flatMap((one) => format(one, kinds[name][one])),
    '  },',
  ];
  return `${[
    '// biome-ignore-all lint/suspicious/noApproximativeNumericConstant: a fitted weight is no constant of mathematics.',
    "import type { Calibration } from './calibrated.ts';",
    '',
    '/** Written by `npm run bench -- codecs --calibrate --write`; bench/codecs/calibration.md says how good it is. */',
    '// biome-ignore format: a line for each score.',
    'export const calibration: Calibration = {',
    `  scores: [${scores.join(', ')}],`,
    `  features: [${features.map((name) => `'${name}'`).join(', ')}],`,
    `  sizes: { least: ${sizes.least}, most: ${sizes.most} },`,
    ...kind('pictures'),
    ...kind('pale'),
    ...kind('graphics'),
    `  lossless: [${lossless.join(', ')}],`,
    '};',
  ].join('\n')}\n`;
}
