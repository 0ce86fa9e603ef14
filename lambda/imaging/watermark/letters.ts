import type { Inscription, TextWatermark } from '../../domain/watermark.ts';
import { codecs } from '../codecs.ts';
import type { Size } from '../raster.ts';

/** Coverage of letters, or of what surrounds them: 0-255 a pixel, one channel. */
export interface Mask extends Size {
  data: Buffer;
}

/** The family name inside the bundled font file. Fontconfig is told of no other (`font/fonts.conf`). */
const font = 'Inter SemiBold';

/** The text as it is drawn: placeholders filled in, lines ended by \n alone, nothing blank around it. */
export function inscribe({ text }: TextWatermark, { tenant, year }: Inscription): string {
  const filled = text.replaceAll(/\{(tenant|year)\}/g, (_, name) => (name === 'year' ? `${year}` : tenant));
  return filled.replaceAll('\r\n', '\n').trim();
}

/** Several lines lie against the side that the mark lies at; in the middle, and as tiles, they are centred. */
function alignment({ gravity, tile }: TextWatermark): 'left' | 'centre' | 'right' {
  if (!tile && gravity.endsWith('west')) return 'left';
  return !tile && gravity.endsWith('east') ? 'right' : 'centre';
}

/**
 * Draws letters, cut to their ink.
 * @param em size of the font in pixels, fractions allowed: at 72 dots an inch a point is a pixel
 */
export async function drawLetters(mark: TextWatermark, text: string, em: number): Promise<Mask> {
  // Pango reads markup: what a person wrote is text and stays text.
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return toMask(
    codecs({ text: { text: escaped, font: `${font} ${em.toFixed(2)}`, dpi: 72, align: alignment(mark) } }),
  );
}

export function fromMask({ data, width, height }: Mask) {
  return codecs(data, { raw: { width, height, channels: 1 }, limitInputPixels: false });
}

export async function toMask(pipeline: ReturnType<typeof codecs>): Promise<Mask> {
  const { data, info } = await pipeline.extractChannel(0).raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}
