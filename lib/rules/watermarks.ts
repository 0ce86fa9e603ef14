import type { Watermark } from '../../lambda/domain/watermark.ts';
import { RuleBroken } from './broken.ts';

/** A text has characters without glyphs in the font. */
export class TextNotDrawable extends RuleBroken {
  override readonly name = 'TextNotDrawable';
}

/** Limit of named characters; a text in an unsupported script would fill the screen. */
const namedAtMost = 8;
const unseen = /[\n\p{Default_Ignorable_Code_Point}]/u;

/**
 * Finds texts that the font cannot draw: missing glyphs would appear as boxes on every image. Invisible characters
 * (joiners, variation selectors) need no glyph; accents may be precomposed or combining.
 */
export function undrawableTexts(
  watermarks: Readonly<Record<string, Watermark>>,
  font: { name: string; has(codePoint: number): boolean },
): TextNotDrawable[] {
  const drawn = (characters: string) =>
    [...characters].every((one) => font.has(one.codePointAt(0) as number));
  return Object.entries(watermarks).flatMap(([name, mark]) => {
    if (mark.type !== 'text') return [];
    const written = mark.text.replaceAll('\r\n', '\n').normalize('NFC');
    const path = `watermarks.${name}.text`;
    if (!/[^\s\p{Default_Ignorable_Code_Point}]/u.test(written))
      return [new TextNotDrawable(path, 'has no visible character')];
    const missing = [...new Set(written)].filter(
      (one) => !unseen.test(one) && !drawn(one) && !drawn(one.normalize('NFD')),
    );
    if (missing.length === 0) return [];
    const named = missing.slice(0, namedAtMost).map(described).join(', ');
    const more = missing.length > namedAtMost ? ` and ${missing.length - namedAtMost} more` : '';
    return [new TextNotDrawable(path, `the font (${font.name}) has no ${named}${more}`)];
  });
}

/** A character and its code point; only the latter if it is invisible. */
function described(character: string): string {
  const code = (character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0');
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(character) ? `${character} (U+${code})` : `U+${code}`;
}

export class WatermarkUnknown extends RuleBroken {
  override readonly name = 'WatermarkUnknown';
}

/** Finds unknown watermarks in presets. Accepts any input, so that presets with other mistakes are checked too. */
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
