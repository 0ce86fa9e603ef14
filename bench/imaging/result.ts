import sharp from 'sharp';
import { aligned, median, round } from '../table.ts';
import type { Run, Way } from './protocol.ts';

interface Cost {
  cpuMs: number;
  wallMs: number;
  peakRssMb: number;
  bytes: number;
}

/** What is recorded; times are medians. */
export interface Result {
  picture: { width: number; height: number; bytes: number; generated: boolean };
  rounds: number;
  ways: Record<Way, Cost>;
  /** CPU of the cascade by that of the plain way. */
  cpuRatio: number;
  /** Likeness of the two ways' pictures, in dB: a saving that is seen is no saving. */
  psnr: Record<string, number>;
  promise: number;
  machine: { processor: string; node: string; sharp: string };
}

/** The medians of all runs, their ratio, and how alike the pictures of both ways are. */
export async function summarise(
  runs: Record<Way, Run[]>,
): Promise<Pick<Result, 'ways' | 'cpuRatio' | 'psnr'>> {
  const costs = { cascade: costOf(runs.cascade), plain: costOf(runs.plain) };
  const psnr: Record<string, number> = {};
  for (const { name, bytes } of runs.plain[0]?.variants ?? []) {
    const other = runs.cascade[0]?.variants.find((variant) => variant.name === name);
    if (other === undefined) throw new Error(`the cascade made no ${name}`);
    psnr[name] = round(await likeness(bytes, other.bytes), 1);
  }
  return { ways: costs, cpuRatio: round(costs.cascade.cpuMs / costs.plain.cpuMs, 3), psnr };
}

function costOf(runs: Run[]): Cost {
  const bytes = runs[0]?.variants.reduce((sum, variant) => sum + variant.bytes.length, 0) ?? 0;
  return {
    cpuMs: median(runs.map(({ cpuMs }) => cpuMs)),
    wallMs: median(runs.map(({ wallMs }) => wallMs)),
    peakRssMb: Math.round(Math.max(...runs.map(({ peakRssMb }) => peakRssMb))),
    bytes,
  };
}

async function likeness(a: Uint8Array, b: Uint8Array): Promise<number> {
  const [one, other] = await Promise.all([a, b].map((bytes) => sharp(bytes).raw().toBuffer()));
  if (one === undefined || one.length !== other?.length) throw new Error('the two ways differ in size');
  let squares = 0;
  for (let at = 0; at < one.length; at++) squares += ((one[at] as number) - (other[at] as number)) ** 2;
  return 10 * Math.log10((255 * 255 * one.length) / squares);
}

/** The result as a table for a terminal and for Markdown alike. */
export function resultTable({ ways, cpuRatio, promise, psnr }: Result): string {
  const row = (name: string, { cpuMs, wallMs, peakRssMb, bytes }: Cost) =>
    [name, cpuMs, wallMs, peakRssMb, Math.round(bytes / 1024)].map(String);
  const verdict = cpuRatio <= promise ? 'holds' : 'DOES NOT HOLD';
  return [
    ...aligned([
      ['way', 'CPU ms', 'wall ms', 'peak RSS MB', 'variants kB'],
      row('cascade', ways.cascade),
      row('plain: six pipelines from the original', ways.plain),
    ]),
    '',
    `CPU of the cascade: ${cpuRatio} of the plain way; promised is at most ${promise}: ${verdict}.`,
    `Likeness of both ways' pictures: ${Object.entries(psnr)
      .map(([name, decibel]) => `${name} ${decibel} dB`)
      .join(', ')}.`,
  ].join('\n');
}

/** The page beside the script. */
export function resultPage(result: Result): string {
  const { picture, rounds, machine } = result;
  return `# One 12-megapixel JPEG to six variants

A generated photograph of ${picture.width} × ${picture.height} pixels (${(picture.bytes / 1e6).toFixed(1)} MB) to \`large\` 1600, \`medium\` 800 and \`small\` 320, each as WebP and JPEG of quality 80, a text watermark on large and medium. Both ways ran in turns, ${rounds} rounds, each warm in a process of its own with one codec thread; medians, CPU is user + system of the whole process. The watermark is drawn beforehand for the plain way; the cascade keeps it from the warm-up.

${resultTable(result)}

Measured on ${machine.processor}, Node ${machine.node}, sharp ${machine.sharp}. Again: \`npm run bench -- imaging\`; quicker, and without recording: \`npm run bench -- imaging --quick\`; with a photograph of yours: \`--file <path>\`.
`;
}
