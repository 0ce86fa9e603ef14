import type { TextWatermark } from '../domain/preset.ts';
import { codecs } from './codecs.ts';
import type { Raster } from './raster.ts';

/** The family name inside the bundled font file. */
const font = 'Inter SemiBold';
/** Pixels an inch at which a text is measured: its letters are about 60 pixels high there. */
const measuringDpi = 360;

/** Coverage of a text, 0-255 a pixel, one channel. */
interface Mask {
  data: Buffer;
  width: number;
  height: number;
}

/** The shadow is strengthened where the blur thinned it, and is never darker than this share: seen on pure white, soft elsewhere. */
const shadowGain = 1.8;
const shadowShare = 0.75;
/** Air around the letters for the shadow, relative to the height of the text. */
const shadowRoom = 0.18;

/** Width by height of a text mark with its shadow. */
export async function textAspect(mark: TextWatermark): Promise<number> {
  const { width, height } = await drawText(mark.text, measuringDpi);
  const room = 2 * shadowRoom * height;
  return (width + room) / (height + room);
}

/**
 * Draws a text mark of exactly this width in pixels, with a soft shadow in the opposite lightness, so that it can be
 * read on a bright sky and a dark coat alike.
 */
export async function drawTextMark(mark: TextWatermark, width: number): Promise<Raster> {
  const measured = await drawText(mark.text, measuringDpi);
  const inner = width / (1 + (2 * shadowRoom * measured.height) / measured.width);
  const room = Math.round((width - inner) / 2);
  const letters = await fitWidth(mark.text, measured, width - 2 * room);
  const text = await pad(letters, room);
  const shadow = await blur(text, Math.max(0.4, letters.height * 0.05));
  return colour(text, shadow, mark);
}

/** Draws at the resolution whose width comes nearest, then settles the last pixels by a resize. */
async function fitWidth(text: string, measured: Mask, width: number): Promise<Mask> {
  const drawn = await drawText(text, Math.max(1, Math.round((measuringDpi * width) / measured.width)));
  if (drawn.width === width) return drawn;
  const height = Math.max(1, Math.round((drawn.height * width) / drawn.width));
  return oneChannel(fromMask(drawn).resize(width, height, { fit: 'fill' }));
}

/** Pango reads markup: what a person wrote is text and stays text. */
async function drawText(text: string, dpi: number): Promise<Mask> {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return oneChannel(codecs({ text: { text: escaped, font, dpi, align: 'center' } }));
}

async function pad(mask: Mask, room: number): Promise<Mask> {
  return oneChannel(
    fromMask(mask).extend({ top: room, bottom: room, left: room, right: room, background: '#000' }),
  );
}

async function blur(mask: Mask, sigma: number): Promise<Mask> {
  return oneChannel(fromMask(mask).blur(sigma));
}

function fromMask({ data, width, height }: Mask) {
  return codecs(data, { raw: { width, height, channels: 1 } });
}

async function oneChannel(pipeline: ReturnType<typeof codecs>): Promise<Mask> {
  const { data, info } = await pipeline.extractChannel(0).raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

function colour(text: Mask, shadow: Mask, mark: TextWatermark): Raster {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(mark.color.slice(at, at + 2), 16)) as [
    number,
    number,
    number,
  ];
  const bright = 0.299 * red + 0.587 * green + 0.114 * blue > 127;
  const shade = bright ? 0 : 255;
  const data = Buffer.alloc(text.width * text.height * 4);
  for (let at = 0; at < text.data.length; at++) {
    const letter = (text.data[at] as number) / 255;
    const below = Math.min(1, ((shadow.data[at] as number) / 255) * shadowGain) * shadowShare * (1 - letter);
    const alpha = letter + below;
    if (alpha === 0) continue;
    const mixed = (channel: number) => Math.round((channel * letter + shade * below) / alpha);
    data.set([mixed(red), mixed(green), mixed(blue), Math.round(alpha * mark.opacity * 255)], at * 4);
  }
  return { data, width: text.width, height: text.height, channels: 4 };
}
