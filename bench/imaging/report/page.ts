import { aligned } from '../../table.ts';
import type { Effort } from '../measures/effort.ts';
import type { Fidelity } from '../measures/fidelity.ts';
import type { LongRun } from '../measures/jobs.ts';
import type { Step } from '../measures/profile.ts';
import type { Missing } from '../peers/peer.ts';
import type { Photograph } from '../photographs/photographs.ts';
import { type Cost, costTable } from './costs.ts';
import type { Machine } from './machine.ts';
import { type Promised, promiseTable } from './promise.ts';

/** The recorded result. */
export interface Result {
  promises: Promised[];
  rounds: number;
  picture: Pick<Photograph, 'width' | 'height' | 'bytes'>;
  /** In turns, on the first photograph. */
  costs: Cost[];
  /** In turns, on each of the others: by its name. */
  others: { label: string; costs: Cost[] }[];
  peaks: { label: string; peakMb: number }[];
  fidelity: Fidelity[];
  effort: Effort[];
  steps: Step[];
  floorParts: Step[];
  longRun?: LongRun;
  missing: Missing[];
  versions: string[];
  machine: Machine;
}

/** All tables, for a terminal. */
export function resultTables(result: Result): string {
  const { promises, costs, missing } = result;
  const parts = [promiseTable(promises), costTable(costs, 'plain')];
  for (const { name, why } of missing) parts.push(`Not measured: ${name}: ${why}.`);
  return parts.join('\n\n');
}

/** The page beside the script. */
export function resultPage(result: Result): string {
  const { picture, rounds, promises, costs, others, peaks, longRun, missing, machine } = result;
  const { fidelity, effort, steps, floorParts } = result;
  const db = fidelity.map(({ preset, sluiceDb, plainDb }) => [
    preset,
    sluiceDb.toFixed(1),
    plainDb.toFixed(1),
  ]);
  const bytes = effort.map(({ preset, balanced, fast, equalBytes }) => [
    preset,
    ...[balanced, fast].flatMap((of) => [`${of.bytes}`, of.ssim.toFixed(4)]),
    `${((equalBytes / balanced.bytes - 1) * 100).toFixed(1)} %`,
  ]);
  return `# Photographs to the six default variants

A drawn photograph of ${picture.width} × ${picture.height} pixels (${(picture.bytes / 1e6).toFixed(1)} MB) to \`large\` 1600, \`medium\` 800 and \`small\` 320, each as WebP and JPEG of quality 80, a watermark on large and medium. Every way is a process of its own, warm, with one codec thread; CPU is user + system of it and its children. They ran in turns, ${rounds} rounds, every other one backwards. CPU is the mean of the cheaper half of the runs, because neighbours on a machine only ever add to it; wall clock is the median.

${promiseTable(promises)}

## Side by side

${costTable(costs, 'plain')}

The floor only decodes, at the nearest scale, and encodes the very pixels that Sluice encodes. The others' watermark is drawn beforehand; Sluice keeps its own from the warm-up. ffmpeg's JPEG encoder has a scale of its own, and @napi-rs/image and jimp resample in ways of their own: their bytes are not of equal likeness.
${missing.map(({ name, why }) => `\nNot measured: ${name}: ${why}.\n`).join('')}
## Where the CPU of one photograph goes

${stepTable('call', steps)}

The floor, of it:

${stepTable('part', floorParts)}

What lies between them is the resize, what libvips does around a codec, and the codecs themselves: the libwebp that sharp brings is built for size (its SSE4.1 functions are those of \`-Os\`). Built so, at the same version, the floor's own WebP took 17 to 25 % longer, measured apart, and the ratio was 1.334 where it was 1.478 against the floor as it is here. 88 % of the child's samples (perf) are in the codecs and the resize of libvips, 3 % in the kernel, 2 % in V8. Tried without gain: other kernels and sources for the smaller sizes, huge pages, other framing of the pipe, V8's collector in one thread, a larger heap, no memory reducer. What helped: giving pixels back at once and keeping their memory for the next image (2 to 4 % of CPU; 250 page faults a photograph instead of 1,800; a peak of 120 MB instead of 210), and 4 MB of room for V8's young garbage (500 mixed jobs: 197 MB instead of 307). sharp takes the half decode only from a shrink of 3 on, so 4000 → 1600 is decoded in full (25 ms), which is why \`large\` is 55 dB.

## Other photographs

${others.map(({ label, costs }) => `### ${label}\n\n${costTable(costs, 'plain')}`).join('\n\n')}

## Fidelity, in dB before encoding

${aligned([['size', 'Sluice', 'plain sharp'], ...db]).join('\n')}

## WebP effort 4 and 2

${aligned([['size', 'effort 4 bytes', 'SSIM', 'effort 2 bytes', 'SSIM', 'bytes at equal SSIM'], ...bytes]).join('\n')}

## Memory of the sandbox

${aligned([['photograph, ten times', 'peak RSS MB'], ...peaks.map(({ label, peakMb }) => [label, peakMb.toFixed(0)])]).join('\n')}
${longRun === undefined ? '' : `\n${longRun.jobs} mixed jobs (small pictures of eleven kinds, animations and TIFF included, and the photographs but the progressive one) in one child that is never replaced, ${longRun.cpuSeconds.toFixed(0)} s of CPU: peak ${longRun.peakMb.toFixed(0)} MB; median resident size ${longRun.earlyMb.toFixed(0)} MB behind the jobs 151 to 250, ${longRun.lateMb.toFixed(0)} MB behind the last hundred.\n`}
Measured on ${machine.processor}, ${machine.cores} cores, Node ${machine.node}, sharp ${machine.sharp}; ${result.versions.join('; ')}. Again: \`npm run bench -- imaging\`; quicker, and without recording: \`npm run bench -- imaging --quick\`; with a photograph of yours: \`--file <path>\`; the floor with builds of libjpeg-turbo and libwebp of yours: \`--codecs <folder>\` (with \`include/\` and \`lib/*.a\`).
`;
}

function stepTable(head: string, steps: readonly Step[]): string {
  return aligned([[head, 'CPU ms'], ...steps.map(({ step, cpuMs }) => [step, cpuMs.toFixed(1)])]).join('\n');
}
