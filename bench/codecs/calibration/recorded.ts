import type { LossyFormat } from '../../../lambda/domain/quality.ts';
import { isGraphic } from '../../../lambda/imaging/encode/look/graphic.ts';
import type { Look } from '../../../lambda/imaging/encode/look/look.ts';
import type { Observation } from './observe.ts';

/** A line of observed.json: a picture at a size, with the levels of its formats. */
type Line = Pick<
  Observation,
  'picture' | 'family' | 'kind' | 'source' | 'saturation' | 'size' | 'lossless'
> & {
  look: Look;
  levels: Record<LossyFormat, Observation['levels']>;
};

/** The text of observed.json: a line for each picture and size. */
export function observedText(observations: readonly Observation[]): string {
  const lines = Map.groupBy(observations, ({ picture, size }) => `${picture} ${size}`);
  const written = [...lines.values()].map((formats) => {
    const { picture, family, kind, source, saturation, size, look, lossless } = formats[0] as Observation;
    const levels = Object.fromEntries(formats.map((one) => [one.format, one.levels]));
    return `  ${JSON.stringify({ picture, family, kind, source, saturation, size, look, lossless, levels }, short)}`;
  });
  return `[\n${written.join(',\n')}\n]\n`;
}

/** The observations of a text that `observedText` wrote. */
export function readObserved(text: string): Observation[] {
  return (JSON.parse(text) as Line[]).flatMap(({ levels, ...about }) =>
    Object.entries(levels).map(([format, tried]) => ({
      ...about,
      format: format as LossyFormat,
      graphic: isGraphic(about.look),
      levels: tried,
    })),
  );
}

function short(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
}
