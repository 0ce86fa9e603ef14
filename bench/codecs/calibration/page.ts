import { aligned } from '../../table.ts';
import { quantile } from '../analysis/quartiles.ts';
import { formats } from './calibrate.ts';
import { type Outcome, targets, type Way, ways } from './evaluate.ts';

/** A score within this many points of its target is a hit. */
const near = 4;
const labels: Record<Way, string> = { fixed: 'one number', size: 'by size', auto: 'auto' };

/** Pictures of which the scores are judged together. */
const populations = {
  'photographs of cameras': ({ source }: Outcome) => source === 'camera',
  'all that are no graphics': ({ graphic, saturation }: Outcome) => !graphic && saturation === undefined,
  'photographs without colour': ({ saturation }: Outcome) => saturation === 0,
  'photographs with a twentieth or a fifth of their colour': ({ saturation = 0 }: Outcome) => saturation > 0,
  'graphics, in 4:4:4': ({ graphic }: Outcome) => graphic,
} as const;

/** The share of outcomes near their target, and the deviation from it in points. */
export function accuracy(outcomes: readonly Outcome[], way: Way): { hits: number; spread: number } {
  const errors = outcomes.map(({ scores, target }) => scores[way] - target);
  const hits = errors.filter((error) => Math.abs(error) <= near).length / errors.length;
  const spread = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);
  return { hits, spread };
}

/** How far the scores of two formats of one picture are apart, in points. */
export function difference(outcomes: readonly Outcome[], way: Way): { median: number; p90: number } {
  const pairs = Map.groupBy(outcomes, ({ picture, size, target }) => `${picture} ${size} ${target}`);
  const apart = [...pairs.values()].flatMap((pair) => {
    const of = (format: string) => pair.find((one) => one.format === format)?.scores[way] ?? Number.NaN;
    return [Math.abs(of('avif') - of('jpeg'))];
  });
  return { median: quantile(apart, 0.5), p90: quantile(apart, 0.9) };
}

/** calibration.md. */
export function calibrationPage(outcomes: readonly Outcome[]): string {
  const pictures = new Set(
    outcomes.filter(({ saturation }) => saturation === undefined).map(({ picture }) => picture),
  ).size;
  return `${[
    '# Numbers for a score',
    '',
    `What an encoder needs for a score was found for ${pictures} pictures at three sizes, and for pale copies of the photographs at two, and fitted as a linear function of their look: a sample of pixels, the same that the decoder child reads. Each picture below has numbers that were fitted without it, and without those that were drawn around it. *One number* is the median of what the others need, *by size* follows the size alone. A hit is within ±${near} points of SSIMULACRA2.`,
    '',
    ...Object.entries(populations).flatMap(([name, is]) => section(name, outcomes.filter(is))),
    'A step of a number is worth more points at 60 than at 80, so that the same error of a number misses more there.',
    '',
    'Again: `npm run bench -- codecs --calibrate --write`, which also writes `lambda/imaging/encode/calibration.ts`.',
  ].join('\n')}\n`;
}

function section(name: string, outcomes: readonly Outcome[]): string[] {
  const rows = targets.flatMap((target) =>
    formats.map((format) => {
      const own = outcomes.filter((one) => one.format === format && one.target === target);
      const cells = ways.map((way) => {
        const { hits, spread } = accuracy(own, way);
        return `${(100 * hits).toFixed(0)} %, ${spread.toFixed(1)}`;
      });
      return [`${format} ${target}`, `${own.length}`, ...cells];
    }),
  );
  const apart = ways.map((way) => {
    const { median, p90 } = difference(outcomes, way);
    return `${median.toFixed(1)}, ${p90.toFixed(1)}`;
  });
  const title = name.charAt(0).toUpperCase() + name.slice(1);
  return [
    `## ${title}`,
    '',
    'Hits, and the deviation from the target in points:',
    '',
    ...aligned([['format and score', 'pictures × sizes', ...ways.map((way) => labels[way])], ...rows]),
    '',
    'Points between the AVIF and the JPEG of one picture at one score, median and ninth decile:',
    '',
    ...aligned([ways.map((way) => labels[way]), apart]),
    '',
  ];
}
