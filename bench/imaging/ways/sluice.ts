import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../../../lambda/domain/settings.ts';
import { renderImage } from '../../../lambda/imaging/pipeline.ts';
import type { RenderRequest } from '../../../lambda/imaging/render-request.ts';
import type { EncodedImage } from '../../../lambda/imaging/rendered-image.ts';
import { openSandboxLane } from '../../../lambda/imaging/sandbox/lane.ts';
import { Watermarks } from '../../../lambda/imaging/watermark/watermark.ts';
import { cpuMsOf, peakRssMbOf, rssMbOf } from './proc.ts';
import { ownSpent, readTask, serve } from './serve.ts';

/*
 * Sluice as deployed, a worker and its sandbox, or the same work in this process alone. Arguments: the task, the folder of
 * the function `process`, the names of the presets, `lane` or `in-process`.
 */
const { photographs } = readTask();
const [root = '', names = '', mode] = process.argv.slice(3);
const settings = JSON.parse(readFileSync(join(root, 'settings.json'), 'utf8')) as Settings;
const watermarks = new Watermarks(settings.watermarks, root);
const lane =
  mode === 'lane'
    ? openSandboxLane({
        entry: join(root, 'sandbox.mjs'),
        root,
        settings,
        // The benchmark measures a warm child.
        recycleAfter: Number.POSITIVE_INFINITY,
      })
    : undefined;

function decode(order: RenderRequest): Promise<EncodedImage> {
  return lane === undefined
    ? renderImage(order, settings, watermarks)
    : lane.decode(order, { timeoutMs: 120_000 });
}

serve(
  async (photograph) => {
    const bytes = readFileSync(photographs[photograph]?.path ?? '');
    const order = { bytes, presetNames: names.split(','), tenant: 'bench', year: 2026 };
    const { variants } = await decode(order);
    // The other sets of presets make the same sizes under other names.
    return variants.map(({ preset, format, bytes }) => ({
      name: `${preset.replace(/^.*-/, '')}.${format}`,
      bytes,
    }));
  },
  () => {
    const own = ownSpent();
    if (lane?.pid === undefined) return own;
    return {
      cpuMs: own.cpuMs + cpuMsOf(lane.pid),
      peakRssMb: peakRssMbOf(lane.pid),
      rssMb: rssMbOf(lane.pid),
    };
  },
);
