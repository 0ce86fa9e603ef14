import { createHash } from 'node:crypto';
import { codecs } from '../../../../lambda/imaging/codecs.ts';
import { asVariant } from './avif-ways.ts';
import { cutOut, texture } from './cut-out.ts';
import { threadsOf } from './threads.ts';

/*
 * Encodes an opaque and a transparent raster in a process of its own, and writes the checksums and the names of the
 * threads that it had meanwhile, as JSON. Arguments: width, height, and how many threads to use instead of one.
 */
const [width, height, threads] = process.argv.slice(2).map(Number) as [number, number, number?];
if (threads !== undefined) codecs.concurrency(threads);
const names = new Set<string>();
const watch = setInterval(() => {
  for (const name of threadsOf(process.pid)) names.add(name);
}, 1);
const sums: string[] = [];
for (const raster of [texture(width, height), cutOut(width, height)])
  sums.push(
    createHash('sha256')
      .update(await asVariant(raster))
      .digest('hex'),
  );
clearInterval(watch);
process.stdout.write(JSON.stringify({ sums, threads: [...names] }));
