import { targets } from '../analysis/equal.ts';
import { groups, labels } from '../pictures/kinds.ts';
import type { Result } from '../result.ts';
import { arm64 } from './arm64.ts';
import { kindsIn, memoryTable, scoreTable } from './tables.ts';

const legend = [
  'Cells are ratios to WebP effort 4 at the same score of the same picture: the median over the pictures and, in brackets, the middle half. `(3/4)`: on one of four pictures this setting or WebP effort 4 does not reach the score. `+`: most are better than asked at its lowest level already. Absolute numbers stand where WebP effort 4 does not reach the score on any of the pictures.',
];

/** The recorded page. */
export function resultPage(result: Result): string {
  const kinds = kindsIn(result);
  const summarised = kinds.filter((kind) => kind === 'photo' || kind in groups);
  return `${[
    '# Bytes and CPU of every encoder at the same score',
    '',
    about(result),
    '',
    '![Bytes against CPU at the scores 60, 70 and 80 for each kind of picture](codecs.svg)',
    '',
    ...legend,
    '',
    '`result.json` has these tables for all kinds (`equal`), with levels and the second judge. [calibration.md](calibration.md) is about the numbers for a score.',
    '',
    ...summarised.flatMap((kind) =>
      targets.flatMap((score) => [
        `## Score ${score}: ${labels[kind]}`,
        '',
        ...scoreTable(result, kind, score),
        '',
      ]),
    ),
    '## Score 70: each kind',
    '',
    ...kinds
      .filter((kind) => !summarised.includes(kind))
      .flatMap((kind) => [`### ${labels[kind]}`, '', ...scoreTable(result, kind, 70), '']),
    ...memory(result),
    '',
    ...trust(result),
    '',
    ...arm64,
    '',
    `Measured on ${result.machine.processor}, ${result.machine.cores} cores, Node ${result.machine.node}, sharp ${result.machine.sharp}; ${result.encoders}. Again: \`npm run bench -- codecs --write\`; a few pictures within a minute: \`--quick\`.`,
  ].join('\n')}\n`;
}

/** For the console: the tables of photographs at the middle score, or of what there is. */
export function summary(result: Result): string {
  const kinds = kindsIn(result).filter((kind) => !(kind in groups));
  return [
    ...kinds.flatMap((kind) => [`Score 70: ${labels[kind]}`, ...scoreTable(result, kind, 70), '']),
    ...memory(result),
    ...trust(result),
  ].join('\n');
}

function about({ pictures, settings, rounds, judges }: Result): string {
  const cameras = pictures.filter(({ source }) => source === 'camera').length;
  return [
    `${pictures.length} pictures (${cameras} photographs of cameras, ${pictures.length - cameras} drawn from seeds, some of them around a photograph) in boxes of up to 1600, 800 and 320 pixels, resized as the pipeline does; ${settings.length} settings with ladders of up to six levels.`,
    `Every encode is of raw pixels, by sharp with one thread, in turns over all settings, ${rounds} rounds; CPU is user + system, the median of the rounds (an encode of more than 0.2 s has one). What loses nothing is measured on graphics and mixtures and one picture of each other kind, what is no candidate for a default on one of each; AVIF of effort 1 and 2 up to 800 pixels, 3 and 4 at 320, and 5 to 9 at 320 on one photograph and one text.`,
    `The judges ran afterwards: ${[judges.first, judges.second].filter((name) => name !== undefined).join(' and ')} (the second at 800 pixels, on two pictures of each kind). Bytes and CPU at a score are interpolated on each picture's own ladder.`,
  ].join(' ');
}

function memory(result: Result): string[] {
  const { picture, width, height } = result.memory;
  return [
    '## Memory and threads of each encoder',
    '',
    `One encode of ${picture} at ${width} × ${height}, in a process of its own that holds the pixels, at the middle of the ladder.`,
    '',
    ...memoryTable(result),
  ];
}

function trust({ checks }: Result): string[] {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const { agreement, cpuSpread, encodes, changed } = checks;
  return [
    '## How far to trust it',
    '',
    `${encodes} encodes; ${changed} gave other bytes than the first round. CPU of one encode over the rounds: the greatest minus the least is ${percent(cpuSpread.median)} of the median for half of them, and up to ${percent(cpuSpread.upper)} for three quarters. The judge is the package's arithmetic in single precision: on ${agreement.pairs} pairs it differed from the package by at most ${agreement.greatest.toFixed(3)} points. Pictures below 256 pixels a side are mirrored to 256 for it: with fewer than six scales the weights of SSIMULACRA2 belong to other scales than they were made for.`,
  ];
}
