import type { Edge, TextWatermark } from '../../domain/watermark.ts';
import type { Raster, Size } from '../raster.ts';
import { rgbOf } from '../rgb.ts';
import { drawLetters, fromMask, type Mask, toMask } from './letters.ts';
import type { Master } from './master.ts';
import { widen } from './outline.ts';

/** Font size in pixels at which a text is measured: rounding to whole pixels is a 500th of a letter. */
const measuringEm = 240;
/** Pango draws at most 32,767 pixels a side. No letter of the font is wider, and no line higher, than this many em. */
const widestDrawing = 32_000;
const widestLetter = 3;

/** Space around the letters for their edge, in em. The outline keeps a hair for its softness. */
const marginOf: Record<Edge, number> = { shadow: 0.18, outline: 0.07, none: 0.01 };
/** Sigma of the shadow in em, how much it is strengthened where the blur thinned it, and how dark it is at most. */
const shadow = { sigma: 0.055, gain: 2, share: 0.8 };
/** Radius of the outline's brush, in em. */
const outlineRadius = 0.06;

/** Size of a text mark with its edge, in em. */
export async function textSize(mark: TextWatermark, text: string): Promise<Size> {
  const em = Math.min(measuringEm, widestDrawing / (text.length * widestLetter));
  const { width, height } = await drawLetters(mark, text, em);
  const margins = 2 * marginOf[mark.edge];
  return { width: width / em + margins, height: height / em + margins };
}

/**
 * Draws a text without its colour, at this size in pixels: coverage can be resized without traces at edges, where colours
 * would overshoot. Shadow and outline have the opposite lightness of the letters, which makes them readable on bright and
 * dark grounds.
 * @param own the result of `textSize`
 */
export async function drawText(mark: TextWatermark, text: string, own: Size, size: Size): Promise<Master> {
  const em = size.width / own.width;
  const letters = await fitLetters(
    await drawLetters(mark, text, em),
    size,
    Math.round(marginOf[mark.edge] * em),
  );
  const edge = await surround(letters, mark.edge, em);
  return {
    bytes: letters.data.length + (edge?.data.length ?? 0),
    async at(wanted) {
      return colour(await resized(letters, wanted), edge && (await resized(edge, wanted)), mark);
    },
  };
}

/** Resizes letters to the width within the margins (Pango rounds their places to pixels), in the middle of a canvas. */
async function fitLetters(letters: Mask, { width, height }: Size, margin: number): Promise<Mask> {
  const inner = Math.max(1, width - 2 * margin);
  const scale = inner / letters.width;
  const innerHeight = Math.min(height, Math.max(1, Math.round(letters.height * scale)));
  const top = Math.floor((height - innerHeight) / 2);
  const fitted = fromMask(letters).resize(inner, innerHeight, { fit: 'fill', kernel: 'cubic' });
  const bottom = height - innerHeight - top;
  return toMask(
    fitted.extend({ left: margin, right: width - inner - margin, top, bottom, background: '#000' }),
  );
}

/** The edge around and below the letters. */
async function surround(letters: Mask, edge: Edge, em: number): Promise<Mask | undefined> {
  if (edge === 'none') return undefined;
  if (edge === 'outline') return widen(letters, outlineRadius * em);
  const blurred = await toMask(fromMask(letters).blur(Math.max(0.4, shadow.sigma * em)));
  for (let at = 0; at < blurred.data.length; at++) {
    const share = Math.min(255, (blurred.data[at] as number) * shadow.gain);
    blurred.data[at] = Math.round(share * shadow.share);
  }
  return blurred;
}

async function resized(mask: Mask, { width, height }: Size): Promise<Mask> {
  return toMask(fromMask(mask).resize(width, height, { fit: 'fill', kernel: 'cubic' }));
}

/**
 * Letters in their colour over their edge. Opacity applies to the whole mark, so that a letter does not shine through its
 * shadow.
 */
function colour(letters: Mask, edge: Mask | undefined, mark: TextWatermark): Raster {
  const rgb = rgbOf(mark.color);
  const bright = 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2] > 127;
  const shade = bright ? 0 : 255;
  const { width, height } = letters;
  const data = Buffer.alloc(width * height * 4);
  for (let at = 0, to = 0; at < letters.data.length; at++, to += 4) {
    const letter = (letters.data[at] as number) / 255;
    const below = (((edge?.data[at] ?? 0) as number) / 255) * (1 - letter);
    const alpha = letter + below;
    if (alpha === 0) continue;
    const share = letter / alpha;
    for (let c = 0; c < 3; c++) data[to + c] = Math.round(shade + ((rgb[c] as number) - shade) * share);
    data[to + 3] = Math.round(alpha * mark.opacity * 255);
  }
  return { data, width, height, channels: 4 };
}
