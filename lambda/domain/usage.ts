import type { ImageEvent } from './event.ts';
import { creationMs } from './image.ts';
import { EventRefused } from './read-event.ts';

/**
 * Days for which ids of counted events are kept. Older events are refused. Kafka's topics keep seven days by default, queues
 * of failed events fourteen.
 */
export const countedDays = 35;
/** The sweep forgets ids later than events are refused, so that no clock makes an event count twice. */
export const forgottenDays = countedDays + 2;

/** What an event adds to one row of the roll-up. */
export interface UsagePart {
  event: string;
  tenant: string;
  /** Beginning of the hour (UTC), RFC 3339. */
  hour: string;
  type: string;
  preset: string;
  code: string;
  images: number;
  variants: number;
  bytes: number;
  megapixels: number;
  seconds: number;
}

/**
 * The parts of an event: one for the image, with the bytes of its original (declared ones until it is known), and one for
 * each variant.
 * @throws EventRefused `too_old`
 */
export function usageParts(event: ImageEvent, now: number): UsagePart[] {
  const ageDays = (now - creationMs(event.id)) / 86_400_000;
  if (ageDays > countedDays)
    throw new EventRefused(
      'too_old',
      `the event is ${Math.floor(ageDays)} days old, of at most ${countedDays}`,
    );
  const { data, id, tenant, type } = event;
  const at = new Date(event.time);
  at.setUTCMinutes(0, 0, 0);
  const common = { event: id, tenant, hour: at.toISOString(), type };
  const { original, variants = [], error } = data;
  return [
    {
      ...common,
      preset: '',
      code: error?.code ?? '',
      images: 1,
      variants: 0,
      bytes: original?.bytes ?? data.declared.bytes,
      megapixels: megapixels(original),
      seconds: data.ageSeconds,
    },
    ...variants.map((variant) => ({
      ...common,
      preset: variant.preset,
      code: '',
      images: 0,
      variants: 1,
      bytes: variant.bytes,
      megapixels: megapixels(variant),
      seconds: 0,
    })),
  ];
}

function megapixels(size: { width: number; height: number } | undefined): number {
  return size === undefined ? 0 : (size.width * size.height) / 1e6;
}
