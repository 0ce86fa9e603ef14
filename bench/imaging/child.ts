import type { Settings } from '../../lambda/domain/settings.ts';
import { inspect } from '../../lambda/imaging/inspect.ts';
import { makeVariants } from '../../lambda/imaging/pipeline.ts';
import { Watermarks } from '../../lambda/imaging/watermark.ts';
import { makePlain, planPlain } from './plain.ts';
import type { Run, Setup, Way } from './protocol.ts';

/* One way of making the variants, in a process of its own. First message: the setup; each further one: run once. */
type Work = () => Promise<{ name: string; bytes: Uint8Array }[]>;

async function prepare(way: Way, setup: Setup): Promise<Work> {
  const settings: Settings = setup.settings;
  const bytes = Buffer.from(setup.bytes);
  if (way === 'plain') {
    const { original } = await inspect(bytes, settings.limits);
    const plan = await planPlain(settings, setup.presetNames, original);
    return () => makePlain(bytes, plan);
  }
  const watermarks = new Watermarks(settings.watermarks, setup.root);
  return async () => {
    const { variants } = await makeVariants(bytes, setup.presetNames, settings, watermarks);
    return variants.map(({ preset, format, bytes }) => ({ name: `${preset}.${format}`, bytes }));
  };
}

async function measure(work: Work): Promise<Run> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const variants = await work();
  const { user, system } = process.cpuUsage(cpu);
  return {
    cpuMs: (user + system) / 1000,
    wallMs: performance.now() - start,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
    variants,
  };
}

let work: Work | undefined;
process.on('message', async (message: Setup | 'run') => {
  if (message === 'run' && work !== undefined) process.send?.(await measure(work));
  else if (message !== 'run') {
    work = await prepare(process.argv[2] as Way, message);
    process.send?.('prepared');
  }
});
process.on('disconnect', () => process.exit());
