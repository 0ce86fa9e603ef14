import { eventSchema, eventSource, type ImageEvent } from '../../domain/event.ts';

/** A row of `image_event`, as `eventColumns` select it. */
export type EventRow = Pick<ImageEvent, 'id' | 'type' | 'subject' | 'tenant' | 'data'> & {
  sequence: number;
  time: Date;
};

export const eventColumns = `id, type, image_id as subject, tenant_id as tenant, sequence, time, data`;

export function eventOf({ id, type, subject, tenant, sequence, time, data }: EventRow): ImageEvent {
  return {
    specversion: '1.0',
    id,
    source: eventSource,
    type,
    subject,
    time: time.toISOString(),
    datacontenttype: 'application/json',
    dataschema: eventSchema,
    tenant,
    sequence: String(sequence),
    data,
  };
}
