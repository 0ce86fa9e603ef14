import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import type { Settings } from '../../../lambda/domain/settings.ts';
import { renderImage } from '../../../lambda/imaging/pipeline.ts';
import { Watermarks } from '../../../lambda/imaging/watermark/watermark.ts';
import { readTask, serve } from './serve.ts';

/*
 * A profile: Sluice's work in this process, with the CPU of every call into sharp. Its third argument names the presets,
 * its fourth the file for the profile, which is complete once the process has responded.
 */
const { photographs } = readTask();
const [root = '', names = '', out = ''] = process.argv.slice(3);
const settings = JSON.parse(readFileSync(join(root, 'settings.json'), 'utf8')) as Settings;
const watermarks = new Watermarks(settings.watermarks, root);

/** The purpose of a call, from the pipeline's options; sharp does not export their type. */
interface SharpOptions {
  input: { rawWidth?: number; rawHeight?: number };
  formatOut: string;
  width: number;
  height: number;
}

/** libvips's names of what is written, where they are not the format's. */
const outputs: Record<string, string> = { raw: 'pixels', heif: 'avif' };

let steps: { step: string; cpuMs: number }[] = [];
const spent = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

for (const call of ['metadata', 'toBuffer'] as const) {
  const original = sharp.prototype[call] as (...args: unknown[]) => Promise<unknown>;
  const timed = async function (this: Sharp, ...args: unknown[]): Promise<unknown> {
    const before = spent();
    const answer = await original.apply(this, args);
    steps.push({
      step: stepOf(call, (this as unknown as { options: SharpOptions }).options),
      cpuMs: spent() - before,
    });
    return answer;
  };
  Object.defineProperty(sharp.prototype, call, { value: timed });
}

function stepOf(call: string, { input, formatOut, width, height }: SharpOptions): string {
  const from = input.rawWidth === undefined ? 'the file' : `${input.rawWidth} × ${input.rawHeight} pixels`;
  if (call === 'metadata') return `header of ${from}`;
  const resized = width > 0 || height > 0 ? ` resized to ${width} × ${height}` : '';
  return `${from}${resized} → ${outputs[formatOut] ?? formatOut}`;
}

serve(async (photograph) => {
  steps = [];
  const before = spent();
  const bytes = readFileSync(photographs[photograph]?.path ?? '');
  const order = { bytes, presetNames: names.split(','), tenant: 'bench', year: 2026 };
  const { variants } = await renderImage(order, settings, watermarks);
  const rest = spent() - before - steps.reduce((all, { cpuMs }) => all + cpuMs, 0);
  writeFileSync(
    out,
    JSON.stringify([
      ...steps,
      { step: 'all else: blending, hashes, the look of the pixels, JavaScript', cpuMs: rest },
    ]),
  );
  return variants.map(({ preset, format, bytes }) => ({ name: `${preset}.${format}`, bytes }));
});
