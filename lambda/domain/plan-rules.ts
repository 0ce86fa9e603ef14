import type { Plan, Quota } from './plan.ts';
import type { Bounds } from './quota-store.ts';
import { type Resource, resources } from './resources.ts';
import type { Limits } from './settings.ts';

/** The most that one request can need of a resource. */
export function largestNeed(resource: Resource, limits: Limits): number {
  if (resource === 'bytes') return limits.maxBytes;
  if (resource === 'megapixels')
    return Math.max(limits.maxPixelsJpeg, limits.maxPixels, limits.maxFramePixels) / 1e6;
  return 1;
}

/** Without a given burst the bucket holds this many seconds of the rate. */
const burstSeconds = 10;

/** The bounds of a quota; its burst is at least what one request can need. */
export function boundsOf(resource: Resource, quota: Quota, limits: Limits): Bounds {
  const { perDay, perMonth, perMinute } = quota;
  const perSecond = quota.perSecond ?? (perMinute === undefined ? undefined : perMinute / 60);
  if (perSecond === undefined) return { perDay, perMonth };
  const burst = quota.burst ?? Math.max(burstSeconds * perSecond, largestNeed(resource, limits));
  return { rate: { perSecond, burst }, perDay, perMonth };
}

/** Megapixels that an image of a declared type can have at most; reserved until it ends. */
export function reservedMegapixels(contentType: string, limits: Limits): number {
  const { maxPixels, maxPixelsJpeg, maxFramePixels } = limits;
  return (contentType === 'image/jpeg' ? maxPixelsJpeg : Math.max(maxPixels, maxFramePixels)) / 1e6;
}

/** A mistake of a plan, with the path inside it. */
export interface PlanMistake {
  path: string;
  message: string;
}

/** Combinations of valid numbers that cannot work. */
export function planMistakes({ quotas }: Plan, limits: Limits): PlanMistake[] {
  return resources.flatMap((resource) => {
    const quota = quotas[resource];
    if (quota === undefined) return [];
    const at = (name: string, message: string) => ({ path: `quotas.${resource}${name}`, message });
    const { burst, perSecond, perMinute, perDay, perMonth } = quota;
    const need = largestNeed(resource, limits);
    const mistakes: PlanMistake[] = [];
    if ([burst, perSecond, perMinute, perDay, perMonth].every((bound) => bound === undefined))
      mistakes.push(at('', 'Set at least one bound, or leave the resource out.'));
    if (perSecond !== undefined && perMinute !== undefined)
      mistakes.push(at('.perMinute', 'Set perSecond or perMinute, not both.'));
    if (burst !== undefined && perSecond === undefined && perMinute === undefined)
      mistakes.push(
        at('.burst', 'A burst needs perSecond or perMinute: without a rate it is never refilled.'),
      );
    for (const [name, bound] of Object.entries({ burst, perDay, perMonth }))
      if (bound !== undefined && bound < need)
        mistakes.push(at(`.${name}`, `One request can need ${need} ${resource}: ${bound} < ${need}.`));
    if (perDay !== undefined && perMonth !== undefined && perDay > perMonth)
      mistakes.push(
        at(
          '.perDay',
          `A day could never use its quota: ${perDay} > ${perMonth} (quotas.${resource}.perMonth).`,
        ),
      );
    return mistakes;
  });
}
