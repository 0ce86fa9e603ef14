import { element, escaped } from './element.ts';
import { fill, type Hue, stroke } from './palette.ts';

export interface WordsOptions {
  x: number;
  /** Of the base line. */
  y: number;
  hue?: Hue;
  /** Pixels. */
  size?: number;
  bold?: boolean;
  anchor?: 'start' | 'middle' | 'end';
  /** Paints the ground around the letters, for text over lines. */
  halo?: boolean;
}

export function words(
  text: string,
  { x, y, hue = 'ink', size = 12, bold, anchor, halo }: WordsOptions,
): string {
  return element(
    'text',
    {
      x,
      y,
      class: halo ? `${fill(hue)} halo ${stroke('ground')}` : fill(hue),
      'font-size': size,
      'font-weight': bold ? 600 : undefined,
      'text-anchor': anchor,
    },
    escaped(text),
  );
}

/** About the width in pixels: the font is the reader's. On the safe side for sans-serif fonts. */
export function widthOf(text: string, size = 12, bold = false): number {
  let ems = 0;
  for (const letter of text)
    ems += /[iljtfrI.,:;()|' ]/.test(letter) ? 0.38 : /[mwMW@%]/.test(letter) ? 0.95 : 0.62;
  return ems * size * (bold ? 1.1 : 1);
}
