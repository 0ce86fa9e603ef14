import type { Inscription, TextWatermark } from '../../domain/watermark.ts';
import { codecs } from '../codecs.ts';
import type { Size } from '../raster.ts';

/** Coverage of letters or their edge: 0-255 a pixel, one channel. */
export interface Mask extends Size {
  data: Buffer;
}

/** The family name in the bundled font file, the only one that fontconfig knows (`font/fonts.conf`). */
const font = 'Inter SemiBold';

/** The drawn text: placeholders filled in, lines ended by \n, surrounding whitespace removed. */
export function inscribe({ text }: TextWatermark, { tenant, year }: Inscription): string {
  const filled = text.replaceAll(/\{(tenant|year)\}/g, (_, name) => (name === 'year' ? `${year}` : tenant));
  return filled.replaceAll('\r\n', '\n').trim();
}

/** Lines align to the side of the mark's gravity; in the middle, and as tiles, they are centred. */
function alignment({ gravity, tile }: TextWatermark): 'left' | 'centre' | 'right' {
  if (!tile && gravity.endsWith('west')) return 'left';
  return !tile && gravity.endsWith('east') ? 'right' : 'centre';
}

/**
 * Draws letters, trimmed to their ink.
 * @param em size of the font in pixels, fractions allowed: at 72 dots an inch a point is a pixel
 */
export async function drawLetters(mark: TextWatermark, text: string, em: number): Promise<Mask> {
  // Pango reads markup: the configured text is escaped.
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
