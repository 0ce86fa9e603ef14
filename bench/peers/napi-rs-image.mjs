import { readFileSync } from 'node:fs';
import { ResizeFilterType, ResizeFit, Transformer } from '@napi-rs/image';
import { serve } from './serve.mjs';

/* Rust's image crates: the decode is at full size; the smaller sizes come from the pixels of the larger ones. */
serve(async (path, targets) => {
  const made = [];
  let pixels;
  let size;
  for (const { preset, width, height, mark, outputs } of targets) {
    const from =
      pixels === undefined
        ? new Transformer(readFileSync(path))
        : Transformer.fromRgbaPixels(pixels, size.width, size.height);
    from.fastResize({ width, height, filter: ResizeFilterType.Lanczos3, fit: ResizeFit.Fill });
    const frame = await from.rawPixels();
    pixels = frame.length === width * height * 4 ? frame : withAlpha(frame);
    size = { width, height };
    for (const { format, quality } of outputs) {
      const out = Transformer.fromRgbaPixels(pixels, width, height);
      if (mark !== undefined) out.overlay(readFileSync(mark.png), mark.left, mark.top);
      made.push([`${preset}.${format}`, await out[format](format === 'png' ? {} : quality)]);
    }
  }
  return made;
});

function withAlpha(rgb) {
  const rgba = Buffer.alloc((rgb.length / 3) * 4, 255);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    rgba[to] = rgb[from];
    rgba[to + 1] = rgb[from + 1];
    rgba[to + 2] = rgb[from + 2];
  }
  return rgba;
}
