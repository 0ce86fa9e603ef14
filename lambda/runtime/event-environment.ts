import * as z from 'zod/mini';
import { part } from './environment.ts';

const named = z.optional(z.string().check(z.minLength(1)));

/** Where the relay sends events by EventBridge. */
export const eventBridge = part(
  'eventBridge',
  z.object({
    /** Names or ARNs of the buses that get every event, separated by commas; absent: none. */
    EVENT_BUSES: named,
    /** Name or ARN of a bus that gets ready images in the form of before; absent: none. */
    READY_EVENTS_BUS: named,
    /** The bucket of the images, by which rules tell pipelines apart. */
    EVENT_BUCKET_ARN: z.string().check(z.minLength(1)),
  }),
);
