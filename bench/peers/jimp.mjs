import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createJimp } from '@jimp/core';
import webp from '@jimp/wasm-webp';
import { defaultFormats, defaultPlugins } from 'jimp';
import { serve } from './serve.mjs';

// Its WebP codec asks for its WebAssembly by fetch, which Node has for the network only.
globalThis.fetch = async (url) =>
  new Response(readFileSync(fileURLToPath(url)), { headers: { 'content-type': 'application/wasm' } });

/* JavaScript throughout, but for WebP, which is libwebp in WebAssembly. */
const Jimp = createJimp({ formats: [...defaultFormats, webp], plugins: defaultPlugins });

const options = { webp: { method: 4 }, jpeg: {}, png: {} };

serve(async (path, targets) => {
  const made = [];
  const source = await Jimp.fromBuffer(readFileSync(path));
  for (const { preset, width, height, mark, outputs } of targets) {
    source.resize({ w: width, h: height });
    const frame = source.clone();
    if (mark !== undefined)
      frame.composite(await Jimp.fromBuffer(readFileSync(mark.png)), mark.left, mark.top);
    for (const { format, quality } of outputs) {
      const bytes = await frame.getBuffer(`image/${format}`, { quality, ...options[format] });
      made.push([`${preset}.${format}`, bytes]);
    }
  }
  return made;
});
