import type { EventType } from './event.ts';
import { endStatuses, type ImageStatus, imageStatuses } from './image.ts';

/* A test runs each statement from every status and compares it with this table. Functions do not load it (3.5 kB). */

/** Status of an image; `deleted` after deletion by a client; `none` without a row. */
export type ImageState = ImageStatus | 'deleted' | 'none';

interface Change {
  from: readonly ImageState[];
  /** `same`: only other columns change. */
  to: ImageState | 'same';
  when: string;
  /** Raises `attempt`, which fences off workers that claimed the image before. */
  raisesAttempt?: true;
  /** Change of the counted failures; absent: unchanged. */
  failures?: 'raised' | 'cleared';
  /** Leaves a final status: by an operator, or by an upload that S3 accepted while its ticket was valid. */
  reopens?: 'operator' | 'late upload';
  /** The event that triggers write in the same statement (migration 000019). */
  event?: EventType;
}

/** The only statements that write `image` (test/unit/postgres/transitions.test.ts), by function. */
const statements = {
  api: {
    insertTicket: [
      {
        from: ['none'],
        to: 'awaiting_upload',
        when: 'a ticket is issued, or a direct upload begins',
        event: 'image.admitted',
      },
    ],
    insertTickets: [
      {
        from: ['none'],
        to: 'awaiting_upload',
        when: 'tickets of one request are issued',
        event: 'image.admitted',
      },
    ],
    markUploaded: [
      {
        from: ['awaiting_upload'],
        to: 'queued',
        when: 'a client reads the image and the bucket has the original',
      },
      {
        from: ['queued'],
        to: 'superseded',
        when: 'a client reads a newer image of its name, and the bucket has the original of that one',
        event: 'image.superseded',
      },
    ],
    finishDirectUpload: [
      { from: ['awaiting_upload'], to: 'queued', when: 'the request body is stored' },
      {
        from: ['expired'],
        to: 'queued',
        when: 'the body of a repeated request is stored after the ticket expired',
        reopens: 'late upload',
      },
      {
        from: ['queued'],
        to: 'superseded',
        when: 'the request body of a newer image of its name is stored',
        event: 'image.superseded',
      },
    ],
    abandonDirectUpload: [
      {
        from: ['awaiting_upload', 'expired'],
        to: 'deleted',
        when: 'the request body cannot be stored',
        event: 'image.deleted',
      },
    ],
    editImage: [
      {
        from: imageStatuses,
        to: 'same',
        when: 'a client edits its metadata, or while it waits (`awaiting_upload`, `queued`) its name',
      },
      {
        from: ['queued'],
        to: 'superseded',
        when: 'a client gives its name to a newer image, whose file has arrived',
        event: 'image.superseded',
      },
    ],
    markDeleted: [
      {
        from: imageStatuses,
        to: 'deleted',
        when: 'a client deletes the image',
        raisesAttempt: true,
        event: 'image.deleted',
      },
    ],
  },
  process: {
    claimImages: [
      {
        from: ['awaiting_upload', 'queued'],
        to: 'processing',
        when: 'a worker takes its message',
        raisesAttempt: true,
      },
      {
        from: ['expired'],
        to: 'processing',
        when: 'an upload that began before the ticket expired arrives late',
        raisesAttempt: true,
        reopens: 'late upload',
      },
      {
        from: ['processing'],
        to: 'same',
        when: 'the lease has expired: its worker died',
        raisesAttempt: true,
      },
      {
        from: ['processing'],
        to: 'same',
        when: 'the lease has expired: its worker died with this image alone',
        raisesAttempt: true,
        failures: 'raised',
      },
      {
        from: ['processing'],
        to: 'failed',
        when: 'its worker died with this image alone, for the last time that `process.maxAttempts` allows',
        raisesAttempt: true,
        failures: 'raised',
        event: 'image.failed',
      },
      {
        from: ['failed'],
        to: 'processing',
        when: 'an operator redrives its message, and the attempt is still the one that failed',
        raisesAttempt: true,
        failures: 'cleared',
        reopens: 'operator',
      },
      {
        from: ['ready'],
        to: 'same',
        when: 'a worker makes the variants that follow, or too many attempts have failed and none follows any more',
        raisesAttempt: true,
      },
      {
        from: ['awaiting_upload', 'queued', 'processing'],
        to: 'superseded',
        when: 'a worker takes its message, or its worker died, after a newer image of its name arrived',
        raisesAttempt: true,
        event: 'image.superseded',
      },
      {
        from: ['expired'],
        to: 'superseded',
        when: 'an upload that began before the ticket expired arrives late, after a newer image of its name',
        raisesAttempt: true,
        reopens: 'late upload',
        event: 'image.superseded',
      },
      {
        from: ['failed'],
        to: 'superseded',
        when: 'an operator redrives its message after a newer image of its name arrived',
        raisesAttempt: true,
        reopens: 'operator',
        event: 'image.superseded',
      },
      {
        from: ['queued'],
        to: 'superseded',
        when: 'a worker takes the message of a newer image of its name',
        event: 'image.superseded',
      },
    ],
    commitResults: [
      {
        from: ['processing', 'ready'],
        to: 'same',
        when: 'work on an image that waited in its batch begins, or variants that followed are stored or given up',
      },
      { from: ['processing'], to: 'ready', when: 'the variants are stored', event: 'image.ready' },
      { from: ['processing'], to: 'rejected', when: 'the image is at fault', event: 'image.rejected' },
      {
        from: ['processing'],
        to: 'superseded',
        when: 'the bucket has the original of a newer image of its name, of which no message has come yet',
        event: 'image.superseded',
      },
      { from: ['processing'], to: 'queued', when: 'an outage, or no time left: it is retried' },
      {
        from: ['processing'],
        to: 'queued',
        when: 'a failure that counts: it is retried',
        failures: 'raised',
      },
      {
        from: ['processing'],
        to: 'failed',
        when: 'a failure that counts, for the last time that `process.maxAttempts` allows, or a permanent one',
        failures: 'raised',
        event: 'image.failed',
      },
    ],
    markDeadLettered: [
      { from: ['failed'], to: 'same', when: 'the dead-letter queue accepted a message about this attempt' },
    ],
  },
  sweep: {
    markEnqueued: [
      {
        from: ['awaiting_upload'],
        to: 'queued',
        when: 'the ticket has expired and the bucket has the original; a message was sent or is on the queue',
      },
      {
        from: ['queued', 'processing'],
        to: 'same',
        when: 'its message was lost or its worker died; a message was sent',
      },
    ],
    markExpired: [
      {
        from: ['awaiting_upload'],
        to: 'expired',
        when: 'the ticket has expired and the bucket has no original',
        event: 'image.expired',
      },
    ],
    markCompletionSent: [
      { from: ['ready'], to: 'same', when: 'a message was sent to make the variants that follow' },
    ],
    markCleared: [
      {
        from: ['superseded'],
        to: 'same',
        when: 'its objects are deleted from the bucket, and its row stays',
      },
    ],
    removeDeleted: [{ from: ['deleted'], to: 'none', when: 'its objects are deleted from the bucket' }],
    removeEnded: [
      {
        from: [...endStatuses, 'deleted'],
        to: 'none',
        when: '`retention` has passed and its objects are deleted from the bucket',
      },
    ],
  },
} as const satisfies Record<string, Record<string, readonly Change[]>>;

type Owner = keyof typeof statements;
export type Writer = { [Name in Owner]: keyof (typeof statements)[Name] }[Owner];

/** A change of one row by one statement. */
export interface Transition extends Change {
  statement: Writer;
  owner: Owner;
}

/** All writes to `image`. A test holds each statement to exactly these changes, from every state. */
export const transitions: readonly Transition[] = Object.entries(statements).flatMap(([owner, writers]) =>
  Object.entries(writers).flatMap(([statement, changes]) =>
    changes.map((change: Change) => ({ ...change, statement, owner }) as Transition),
  ),
);
