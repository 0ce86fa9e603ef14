import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { encode } from '../encode.ts';
import { readPpm } from '../judges/ppm.ts';
import { settingOf } from '../settings.ts';

/*
 * Encodes one picture once in a process of its own and writes what that took of memory and threads, as JSON.
 * Arguments: setting, level, PPM file.
 */
const [name = '', level = '', path = ''] = process.argv.slice(2);
const { encoder } = settingOf(name);
const raster = readPpm(path);
// Loads sharp's code, so that only the encoder's own memory is above.
await sharp(raster.data, { raw: { width: raster.width, height: raster.height, channels: 3 } }).stats();

const status = (field: string) =>
  Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync('/proc/self/status', 'latin1'))?.[1]);
const beforeMb = status('VmHWM') / 1024;
const idle = status('Threads');
let threads = idle;
const watch = setInterval(() => {
  threads = Math.max(threads, status('Threads'));
}, 1);
await encode(raster, encoder, Number(level));
clearInterval(watch);
process.stdout.write(JSON.stringify({ peakMb: status('VmHWM') / 1024, beforeMb, threads: threads - idle }));
