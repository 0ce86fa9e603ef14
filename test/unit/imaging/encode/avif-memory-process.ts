import { readFileSync, writeFileSync } from 'node:fs';
import type { Raster } from '../../../../lambda/imaging/raster.ts';
import { ways } from './avif-ways.ts';

/*
 * Encodes noise of two megapixels once in a process of its own, and writes the most bytes a pixel that it took beside the
 * raster. Arguments: way, channels, quality and effort.
 */
const [name = '', ...numbers] = process.argv.slice(2);
const [channels, quality, effort] = numbers.map(Number) as [3 | 4, number, number];
const encode = ways.find(([way]) => way === name)?.[1];
if (encode === undefined) throw new Error(`there is no way "${name}"`);

/** Bytes on the left, and nothing but 0 and 255 on the right: each is the worst for some effort. */
function noise(width: number, height: number): Raster {
  const data = Buffer.allocUnsafeSlow(width * height * channels);
  let state = 1;
  for (let at = 0; at < data.length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const isLeft = Math.floor(at / channels) % width < width / 2;
    data[at] = isLeft ? state >>> 24 : (state >>> 31) * 255;
  }
  return { data, width, height, channels };
}

const resident = (field: 'VmRSS' | 'VmHWM') =>
  Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync('/proc/self/status', 'latin1'))?.[1]) *
  1024;

// Loads the codec's code.
await encode(noise(64, 64));
const raster = noise(1632, 1224);
const before = resident('VmRSS');
// Sets the peak to the present size (proc_pid_clear_refs(5)).
writeFileSync('/proc/self/clear_refs', '5');
await encode(raster, { quality: { avif: quality }, effort: { avif: effort } });
process.stdout.write(String((resident('VmHWM') - before) / (raster.width * raster.height)));
