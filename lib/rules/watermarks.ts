import { RuleBroken } from './broken.ts';

/** A preset names a watermark that there is none of. */
export class WatermarkUnknown extends RuleBroken {
  override readonly name = 'WatermarkUnknown';
}

/**
 * Every watermark of a preset that is not in the configuration. Reads what a person wrote, whatever its shape: a
 * preset with another mistake is looked at too.
 */
export function unknownWatermarks(presets: unknown, watermarks: unknown): WatermarkUnknown[] {
  const known = new Set(entries(watermarks).map(([name]) => name));
  return entries(presets).flatMap(([preset, recipe]) => {
    const marks: unknown = typeof recipe === 'object' && recipe !== null && Reflect.get(recipe, 'watermarks');
    if (!Array.isArray(marks)) return [];
    return marks.flatMap((mark: unknown, index) =>
      typeof mark !== 'string' || known.has(mark)
        ? []
        : [new WatermarkUnknown(`presets.${preset}.watermarks[${index}]`, `no watermark is named "${mark}"`)],
    );
  });
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
