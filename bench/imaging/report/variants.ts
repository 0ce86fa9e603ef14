import { aligned } from '../../table.ts';
import type { Camera } from '../equal/cameras.ts';
import { counterpart, type Variant, type WayVariants } from '../equal/variant.ts';
import type { Pair, Pairs } from '../measures/pairs.ts';
import { middle } from '../measures/rounds.ts';

/** Scores of all files of all ways, with the quality where it was searched. */
export function scoreTable(ways: readonly WayVariants[]): string {
  return variantTable(ways, ({ score, quality }) =>
    quality === undefined ? score.toFixed(1) : `${score.toFixed(1)} (${quality})`,
  );
}

/** Bytes of all files of all ways, in kB. */
export function bytesTable(ways: readonly WayVariants[]): string {
  return variantTable(ways, ({ bytes }) => (bytes / 1000).toFixed(1));
}

/** A size has a JPEG and one other file, of the format in the second column. */
function variantTable(ways: readonly WayVariants[], cell: (variant: Variant) => string): string {
  const presets = [...new Set(ways.flatMap(({ variants }) => variants.map(({ preset }) => preset)))].sort(
    (one, other) => sizeOrder.indexOf(one) - sizeOrder.indexOf(other),
  );
  const columns = ['other', 'jpeg'].flatMap((format) => presets.map((preset) => ({ preset, format })));
  return aligned([
    [
      'way',
      'format',
      ...columns.map(({ preset, format }) => (format === 'jpeg' ? `${preset}, jpeg` : preset)),
    ],
    ...ways.map(({ label, variants }) => {
      const others = variants.filter(({ format }) => format !== 'jpeg').map(({ format }) => format);
      const cells = columns.map((column) => counterpart(column, variants));
      return [
        label,
        [...new Set(others)].join(),
        ...cells.map((one) => (one === undefined ? '' : cell(one))),
      ];
    }),
  ]).join('\n');
}

const sizeOrder = ['large', 'medium', 'small'];

/** Medians over the photographs of cameras, by size. */
export function pairTable({ all }: Pairs): string {
  const rows = sizeOrder.flatMap((preset) => {
    const own = all.filter((pair) => pair.preset === preset);
    const median = (of: (pair: Pair) => number) => middle(own.map(of)).toFixed(1);
    const formats = [...Map.groupBy(own, ({ format }) => format)].map(
      ([format, pairs]) => `${format} ${pairs.length}`,
    );
    const far = Math.max(...own.map(({ score, jpeg }) => Math.abs(score - jpeg)));
    return own.length === 0
      ? []
      : [
          [
            preset,
            formats.join(', '),
            median(({ score }) => score),
            median(({ jpeg }) => jpeg),
            median(({ score, jpeg }) => Math.abs(score - jpeg)),
            far.toFixed(1),
          ],
        ];
  });
  return aligned([
    ['size', 'format and pictures', 'score', 'JPEG’s score', 'difference', 'greatest'],
    ...rows,
  ]).join('\n');
}

/** The two ratios of CPU at equal score, by photograph, and the scores that the first one took. */
export function cameraTable(cameras: readonly Camera[]): string {
  return aligned([
    ['photograph', 'CPU ms', 'of the defaults before', ...sizeOrder, 'falls short', 'of six plain pipelines'],
    ...cameras.map(({ photograph, cpuMs, ofFixed, scores, loss, ofPlain }) => [
      ...[photograph, cpuMs.toFixed(0), ofFixed.toFixed(2)],
      ...sizeOrder.map((size) => `${scores[size] ?? ''}`),
      ...[loss > 0 ? loss.toFixed(1) : '', ofPlain.toFixed(2)],
    ]),
  ]).join('\n');
}
