import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import { type EventType, eventSchema, eventSource, type ImageEvent } from '../../../lambda/domain/event.ts';

/** An event of an image for tests, complete; what the test is about overrides. */
export function imageEvent(given: {
  type?: EventType;
  image?: string;
  tenant?: string;
  sequence?: number;
  time?: string;
  data?: Partial<ImageEvent['data']>;
}): ImageEvent {
  const { type = 'image.admitted', image = randomUUID(), tenant = 'acme', sequence = 1 } = given;
  const time = given.time ?? new Date().toISOString();
  return {
    specversion: '1.0',
    id: v7(),
    source: eventSource,
    type,
    subject: image,
    time,
    datacontenttype: 'application/json',
    dataschema: eventSchema,
    tenant,
    sequence: String(sequence),
    data: {
      id: image,
      tenant,
      status: type === 'image.admitted' ? 'queued' : statusOf(type),
      createdAt: time,
      ageSeconds: 0,
      declared: { contentType: 'image/jpeg', bytes: 1_000 },
      metadata: {},
      ...given.data,
    },
  };
}

/** The status that an event of this type tells of. */
function statusOf(type: Exclude<ImageEvent['type'], 'image.admitted'>): ImageEvent['data']['status'] {
  return type.slice('image.'.length) as ImageEvent['data']['status'];
}
