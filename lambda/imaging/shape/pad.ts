import type { Gravity } from '../../domain/gravity.ts';
import { offsetOf } from '../offset.ts';
import type { Raster, Size } from '../raster.ts';
import { opaque, rgbOf } from '../rgb.ts';

/**
 * Places a raster on a larger canvas, by its gravity, over the background. Transparency within the image remains: formats
 * with alpha show the page through it, JPEG the background.
 */
export function pad(raster: Raster, canvas: Size, gravity: Gravity, background: string): Raster {
  if (raster.width === canvas.width && raster.height === canvas.height) return raster;
  const channels = opaque(background) ? raster.channels : 4;
  const [red, green, blue] = rgbOf(background);
  const around = opaque(background) ? [red, green, blue, 255] : [0, 0, 0, 0];
  const data = Buffer.alloc(canvas.width * canvas.height * channels, Buffer.from(around.slice(0, channels)));
  const { left, top } = offsetOf(canvas, raster, gravity);
  for (let row = 0; row < raster.height; row++) {
    const from = raster.data.subarray(
      row * raster.width * raster.channels,
      (row + 1) * raster.width * raster.channels,
    );
    const to = ((top + row) * canvas.width + left) * channels;
    if (channels === raster.channels) from.copy(data, to);
    else widen(from, data, to);
  }
  return { data, ...canvas, channels };
}

function widen(row: Buffer, data: Buffer, to: number): void {
  for (let from = 0, at = to; from < row.length; from += 3, at += 4) {
    row.copy(data, at, from, from + 3);
    data[at + 3] = 255;
  }
}
