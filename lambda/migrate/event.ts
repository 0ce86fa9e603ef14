import { EventMistake } from '../runtime/event-mistake.ts';

/** Fields of events for `operate`. Ignored, a revocation sent here would seem to have succeeded. */
const ofOperate = ['operation', 'tenant', 'keySha256'];

/** Checks an event: empty, or with fields of a deployment's own, which are ignored. @throws EventMistake */
export function checkEvent(event: unknown): void {
  if (typeof (event ?? {}) !== 'object' || Array.isArray(event)) throw new EventMistake('expected object');
  const moved = ofOperate.find((field) => field in Object(event));
  if (moved !== undefined)
    throw new EventMistake(`migrate takes no ${moved}: the function operate manages tenants and keys`);
}
