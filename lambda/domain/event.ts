import type { ImageStatus } from './image.ts';

/*
 * What happens to an image, as CloudEvents 1.0 (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md, JSON
 * format). The database writes a row of `image_event` in the statement that makes an event true.
 */

export const eventTypes = [
  'image.admitted',
  'image.ready',
  'image.rejected',
  'image.failed',
  'image.superseded',
  'image.deleted',
  'image.expired',
] as const;
export type EventType = (typeof eventTypes)[number];

/** Source of every event. Rules of users match it: it never changes. */
export const eventSource = 'sluice';

/** Version of `data`. A field may be added within a version; consumers refuse a version that they do not know. */
export const eventSchemaVersion = 1;
const schemaPrefix = 'urn:sluice:image-event:';
/** The `dataschema` of this version. */
export const eventSchema = `${schemaPrefix}${eventSchemaVersion}`;

/** One event. Extension attributes (`tenant`, `sequence`) follow the naming rules of CloudEvents. */
export interface ImageEvent {
  specversion: '1.0';
  /** UUIDv7; the same in every repetition of the event. */
  id: string;
  source: typeof eventSource;
  type: EventType;
  /** Id of the image. */
  subject: string;
  /** RFC 3339, by the database's clock. */
  time: string;
  datacontenttype: 'application/json';
  dataschema: string;
  tenant: string;
  /** 1, 2, … within an image, without gaps, as text (CloudEvents' extension `sequence`). */
  sequence: string;
  data: ImageEventData;
}

/** The image as the event left it. */
export interface ImageEventData {
  id: string;
  tenant: string;
  /** Status of the image after the event; `deleted` after a deletion. */
  status: ImageStatus | 'deleted';
  createdAt: string;
  /** Seconds from `createdAt` to the event. */
  ageSeconds: number;
  /** What the client declared. */
  declared: { contentType: string; bytes: number };
  metadata: Record<string, string>;
  /** Present once known. */
  original?: { contentType: string; bytes: number; width: number; height: number };
  /** With `image.ready`. */
  variants?: { preset: string; format: string; width: number; height: number; bytes: number }[];
  /** With `image.rejected` and `image.failed`. */
  error?: { code: string; detail: string };
  /** With `image.superseded`. */
  supersededBy?: string;
}

/** Where the relay sends events. Rows remember these names: never rename one. */
export const sinkNames = ['eventBridge', 'webhooks', 'kafka', 'queues'] as const;
export type SinkName = (typeof sinkNames)[number];
