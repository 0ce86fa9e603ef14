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

serve(async (path, targets) => {
  const made = [];
  const source = await Jimp.fromBuffer(readFileSync(path));
  for (const { preset, width, height, mark } of targets) {
    source.resize({ w: width, h: height });
    const frame = source.clone();
    if (mark !== undefined)
      frame.composite(await Jimp.fromBuffer(readFileSync(mark.png)), mark.left, mark.top);
    made.push([`${preset}.webp`, await frame.getBuffer('image/webp', { quality: 80, method: 4 })]);
    made.push([`${preset}.jpeg`, await frame.getBuffer('image/jpeg', { quality: 80 })]);
  }
  return made;
});
