import { scoreRange } from '../../../lambda/domain/quality.ts';
import { aligned } from '../../table.ts';
import type { Pairs } from '../measures/pairs.ts';
import type { Step } from '../measures/profile.ts';
import { costTable } from './costs.ts';
import { promiseTable } from './promise.ts';
import type { Result } from './result.ts';
import { bytesTable, cameraTable, pairTable, scoreTable } from './variants.ts';

/** All tables, for a terminal. */
export function resultTables(result: Result): string {
  const { promises, costs, variants, pairs, missing } = result;
  const parts = [promiseTable(promises), costTable(costs, 'plain')];
  if (variants.length > 0) parts.push(`Scores:\n${scoreTable(variants)}`);
  if (pairs !== undefined) parts.push(pairTable(pairs));
  for (const { name, why } of missing) parts.push(`Not measured: ${name}: ${why}.`);
  return parts.join('\n\n');
}

/** The page beside the script. */
export function resultPage(result: Result): string {
  const { picture, rounds, promises, costs, others, peaks, longRun, missing, machine } = result;
  const { fidelity, steps, floorParts, variants, pairs, cameras } = result;
  const db = fidelity.map(({ preset, sluiceDb, plainDb }) => [
    preset,
    sluiceDb.toFixed(1),
    plainDb.toFixed(1),
  ]);
  return `# Photographs to the six default variants

A drawn photograph of ${picture.width} × ${picture.height} pixels (${(picture.bytes / 1e6).toFixed(1)} MB) to \`large\` 1600, \`medium\` 800 and \`small\` 320, each as AVIF and JPEG of score 70, as out of the box, a watermark on large and medium. Every way is a process of its own, warm, with one codec thread; CPU is user + system of it and its children. They ran in turns, ${rounds} rounds, every other one backwards. CPU is the mean of the cheaper half of the runs, because neighbours on a machine only ever add to it; wall clock is the median.

${promiseTable(promises)}

## Side by side

${costTable(costs, 'plain')}

At equal score: the qualities were searched beforehand, by bisection, so that each file has the score (SSIMULACRA2) of Sluice's file of the same size, its JPEG that of the JPEG, the other one that of the AVIF, as near as a whole number of quality comes (ffmpeg’s JPEG has only 31 steps). What stands beside the former defaults is Sluice with the least \`quality\` of each size, as a score to the half, at which the AVIF is not below their WebP; the JPEG has that score too, while theirs lay above the WebP beside it. ffmpeg, and plain sharp and Pillow where no equal score is named, use a quality of 80. The floor only decodes, at the nearest scale, and encodes the very pixels that Sluice encodes, watermark included. The others' watermark is drawn beforehand; Sluice keeps its own from the warm-up. AVIF is libaom at its fastest in every way: effort 0 of sharp, speed 9 of libavif, \`cpu-used\` 8 of ffmpeg, whose fastest that is; its colour is 4:2:0 in every way, Sluice’s too, which keeps 4:4:4 for graphics. sharp and Pillow tune libaom for perceived quality, ffmpeg and the floor of an old libavif do not. Bytes at quality 80 are not of equal likeness: their scores are below.
${missing.map(({ name, why }) => `\nNot measured: ${name}: ${why}.\n`).join('')}
## Scores and bytes

${
  variants.length === 0
    ? 'Not measured: there was no judge.'
    : `SSIMULACRA2 of each file against the very pixels that were encoded: every way made them once more as PNG, watermark included. So a score is of the encoder alone, and not of the resize, which differs; the fidelity below is of that. 100 is lossless, 90 is hard to tell from it, 70 is good. In brackets the quality that was found, for Sluice the score that it was asked for. The columns beside JPEG are of the format that the second one names.

${scoreTable(variants)}

In kB:

${bytesTable(variants)}`
}

## Photographs of cameras

${
  pairs === undefined
    ? 'Not measured: there were no photographs of cameras, or no judge.'
    : `${pairs.photographs} photographs of cameras, the default job each; medians over the photographs, and the difference between the two files of a size. Over all sizes the difference is ${pairs.median.toFixed(1)} in the median, and no more than ${pairs.p90.toFixed(1)} for nine in ten.${alone(pairs)} These photographs are among those that the numbers were fitted to, so this is the least to expect: [calibration.md](../codecs/calibration.md) has the difference where a photograph was left out of the fit.

${pairTable(pairs)}

CPU at equal score, each photograph with qualities of its own: the defaults with no AVIF of a score below that of the WebP before, against the defaults before, and the scores that were asked for each size; and the defaults against six plain pipelines that make WebP and JPEG. What an encoder costs depends on the texture, and a drawn photograph has another one. Where even the highest score of ${scoreRange.most} is not enough, the file is made of that, and falls short by so many points.

${cameraTable(cameras)}`
}

## Where the CPU of one photograph goes

${stepTable('call', steps)}

The floor, of it:

${stepTable('part', floorParts)}

What lies between them is the resize, what libvips does around a codec, and the codecs themselves, of which the floor has other versions. When the defaults were WebP and JPEG, 88 % of the child's samples (perf) were in the codecs and the resize of libvips, 3 % in the kernel, 2 % in V8. Tried without gain: other kernels and sources for the smaller sizes, huge pages, other framing of the pipe, V8's collector in one thread, a larger heap, no memory reducer. What helped: giving pixels back at once and keeping their memory for the next image (2 to 4 % of CPU; 250 page faults a photograph instead of 1,800; a peak of 120 MB instead of 210), and 4 MB of room for V8's young garbage (500 mixed jobs: 197 MB instead of 307). sharp takes the half decode only from a shrink of 3 on, so 4000 → 1600 is decoded in full (25 ms), which is why \`large\` is 55 dB.

## Other photographs

${others.map(({ label, costs }) => `### ${label}\n\n${costTable(costs, 'plain')}`).join('\n\n')}

## Fidelity, in dB before encoding

${aligned([['size', 'Sluice', 'plain sharp'], ...db]).join('\n')}

## Memory of the sandbox

${aligned([['photograph, ten times', 'peak RSS MB'], ...peaks.map(({ label, peakMb }) => [label, peakMb.toFixed(0)])]).join('\n')}
${longRun === undefined ? '' : `\n${longRun.jobs} mixed jobs (small pictures of eleven kinds, animations and TIFF included, and the photographs but the progressive one) in one child that is never replaced, ${longRun.cpuSeconds.toFixed(0)} s of CPU: peak ${longRun.peakMb.toFixed(0)} MB; median resident size ${longRun.earlyMb.toFixed(0)} MB behind the jobs 151 to 250, ${longRun.lateMb.toFixed(0)} MB behind the last hundred.\n`}
Measured on ${machine.processor}, ${machine.cores} cores, Node ${machine.node}, sharp ${machine.sharp}; ${result.versions.join('; ')}. Again: \`npm run bench -- imaging\`; quicker, and without recording: \`npm run bench -- imaging --quick\`; with a photograph of yours: \`--file <path>\`; the floor with builds of libjpeg-turbo, libwebp, libavif and libaom of yours: \`--codecs <folder>\` (with \`include/\` and \`lib/*.a\`).
`;
}

function alone({ alone: count }: Pairs): string {
  return count === 0 ? '' : ` ${count} more have the JPEG alone, which was smaller at the same score.`;
}

function stepTable(head: string, steps: readonly Step[]): string {
  return aligned([[head, 'CPU ms'], ...steps.map(({ step, cpuMs }) => [step, cpuMs.toFixed(1)])]).join('\n');
}
