import type { CpuByPart, CpuPart } from '../result.ts';

/** CPU seconds of the runner's parts (see `RunningPipeline.cpu`) and of `client`. */
export type CpuSeconds = Record<string, number>;

const partOf: Record<string, CpuPart> = {
  decoders: 'decoder',
  runner: 'runner',
  fauxqs: 'fauxqs',
  postgres: 'postgres',
  client: 'client',
};

/** Milliseconds an image, to a tenth. What is no other part is a function. */
export function byPart(before: CpuSeconds, after: CpuSeconds, images: number): CpuByPart['msPerImage'] {
  const sums = { functions: 0, decoder: 0, runner: 0, fauxqs: 0, postgres: 0, client: 0 };
  for (const [name, seconds] of Object.entries(after))
    sums[partOf[name] ?? 'functions'] += ((seconds - (before[name] ?? 0)) * 1000) / images;
  for (const [part, ms] of Object.entries(sums)) sums[part as CpuPart] = Math.round(ms * 10) / 10;
  return sums;
}
