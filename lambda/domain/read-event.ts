import { type EventType, eventSchema, eventSource, eventTypes, type ImageEvent } from './event.ts';
import { isImageId, isTenantId } from './image.ts';

/**
 * Why a consumer cannot take a record, whatever is tried:
 * - `not_an_event`: not JSON, or not a CloudEvent of Sluice;
 * - `schema_unknown`: of a version or type that this deployment does not know: process it after an upgrade;
 * - `too_old`: whether it was applied before is no longer known;
 * - `not_storable`: the database refuses its content.
 */
export type RefusalCode = 'not_an_event' | 'schema_unknown' | 'too_old' | 'not_storable';

/** One record cannot be processed. It goes to the queue of refused events; the others of its batch are not affected. */
export class EventRefused extends Error {
  override readonly name = 'EventRefused';
  readonly code: RefusalCode;
  constructor(code: RefusalCode, message: string, options?: ErrorOptions) {
    super(`${code}: ${message}`, options);
    this.code = code;
  }
}

/** Reads an event that was serialised as JSON. @throws EventRefused `not_an_event`, `schema_unknown` */
export function readImageEvent(text: string): ImageEvent {
  const event = jsonObject(text);
  if (event?.specversion !== '1.0' || event.source !== eventSource)
    throw new EventRefused('not_an_event', `the record is no CloudEvent 1.0 of ${eventSource}`);
  if (event.dataschema !== eventSchema)
    throw new EventRefused('schema_unknown', `the event has the schema ${quoted(event.dataschema)}`);
  if (!eventTypes.includes(event.type as EventType))
    throw new EventRefused('schema_unknown', `the event has the type ${quoted(event.type)}`);
  const { id, subject, tenant, time, sequence, data } = event;
  const wrong =
    typeof id !== 'string' || !isImageId(id)
      ? 'id'
      : typeof subject !== 'string' || !isImageId(subject)
        ? 'subject'
        : typeof tenant !== 'string' || !isTenantId(tenant)
          ? 'tenant'
          : typeof time !== 'string' || Number.isNaN(Date.parse(time))
            ? 'time'
            : typeof sequence !== 'string' || !/^[1-9]\d{0,17}$/.test(sequence)
              ? 'sequence'
              : !isEventData(data)
                ? 'data'
                : undefined;
  if (wrong !== undefined) throw new EventRefused('not_an_event', `the event has no valid ${wrong}`);
  return event as unknown as ImageEvent;
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const quoted = (value: unknown): string => JSON.stringify(value)?.slice(0, 100) ?? 'none';

/** What consumers calculate with. */
function isEventData(data: unknown): boolean {
  if (!isObject(data) || !isObject(data.declared)) return false;
  const { ageSeconds, declared, original, variants = [], error } = data;
  return (
    isAmount(ageSeconds) &&
    isAmount(declared.bytes) &&
    (original === undefined || isPicture(original)) &&
    Array.isArray(variants) &&
    variants.every((one) => isPicture(one) && typeof one.preset === 'string') &&
    (error === undefined || (isObject(error) && typeof error.code === 'string'))
  );
}

const isAmount = (value: unknown): boolean => Number.isFinite(value) && (value as number) >= 0;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const isPicture = (value: unknown): value is Record<string, unknown> =>
  isObject(value) && isAmount(value.bytes) && isAmount(value.width) && isAmount(value.height);
