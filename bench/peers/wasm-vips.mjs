import { readFileSync } from 'node:fs';
import Vips from 'wasm-vips';
import { serve } from './serve.mjs';

/* libvips in WebAssembly: one decode that shrinks while it loads, then a cascade. */
const vips = await Vips({ dynamicLibraries: [] });
vips.concurrency(1);
vips.Cache.max(0);

const savers = {
  webp: (frame, Q) => frame.webpsaveBuffer({ Q, effort: 4, keep: 'none' }),
  jpeg: (frame, Q) => frame.jpegsaveBuffer({ Q, optimize_coding: true, keep: 'none' }),
  png: (frame) => frame.pngsaveBuffer({ compression: 1, keep: 'none' }),
};

serve(async (path, targets) => {
  const made = [];
  let source = vips.Image.thumbnailBuffer(readFileSync(path), targets[0].width, {
    height: targets[0].height,
    size: 'down',
  });
  source = keep(source, source.copyMemory());
  for (const { preset, width, height, mark, outputs } of targets) {
    if (source.width !== width) {
      const smaller = source.thumbnailImage(width, { height, size: 'force' });
      source = keep(source, keep(smaller, smaller.copyMemory()));
    }
    const frame = mark === undefined ? source.copy() : marked(source, mark);
    for (const { format, quality } of outputs)
      made.push([`${preset}.${format}`, savers[format](frame, quality)]);
    frame.delete();
  }
  source.delete();
  return made;
});

function marked(source, { rgba, width, height, left, top }) {
  const over = vips.Image.newFromMemory(readFileSync(rgba), width, height, 4, 'uchar');
  const tagged = keep(over, over.copy({ interpretation: 'srgb' }));
  const composite = keep(tagged, source.composite2(tagged, 'over', { x: left, y: top }));
  const opaque = keep(composite, composite.extractBand(0, { n: 3 }));
  return keep(opaque, opaque.cast('uchar'));
}

/** WebAssembly's heap has no collector: what went into an image is deleted once the image holds it. */
function keep(old, next) {
  old.delete();
  return next;
}
