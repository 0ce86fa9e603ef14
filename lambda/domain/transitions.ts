import { endStatuses, type ImageStatus, imageStatuses } from './image.ts';

/* A test runs each statement from every status and compares it with this table. Functions do not load it (3.5 kB). */

/** The only statements that write `image`, by function (test/unit/postgres/transitions.test.ts). */
export const writers = {
  insertTicket: 'api',
  markUploaded: 'api',
  finishDirectUpload: 'api',
  abandonDirectUpload: 'api',
  markDeleted: 'api',
  claimImages: 'process',
  commitResults: 'process',
  markDeadLettered: 'process',
  markEnqueued: 'sweep',
  markExpired: 'sweep',
  removeDeleted: 'sweep',
  removeEnded: 'sweep',
} as const;
export type Writer = keyof typeof writers;

/** Status of an image; `deleted` after deletion by a client; `none` without a row. */
export type ImageState = ImageStatus | 'deleted' | 'none';

/** A change of one row by one statement. */
export interface Transition {
  statement: Writer;
  from: readonly ImageState[];
  /** Equals `from` if only other columns change. */
  to: ImageState | 'same';
  when: string;
  /** Raises `attempt`, which fences off workers that claimed the image before. */
  raisesAttempt?: true;
  /** Change of the counted failures; absent: unchanged. */
  failures?: 'raised' | 'cleared';
  /** Leaves a final status: by an operator, or by an upload that S3 accepted while its ticket was valid. */
  reopens?: 'operator' | 'late upload';
  /** Reserved: the event that this statement will write with the row. */
  event?: 'image.ready' | 'image.rejected' | 'image.failed' | 'image.expired';
}

/** All writes to `image`. A test holds each statement to exactly these changes, from every state. */
export const transitions: readonly Transition[] = [
  {
    statement: 'insertTicket',
    from: ['none'],
    to: 'awaiting_upload',
    when: 'a ticket is issued, or a direct upload begins',
  },
  {
    statement: 'markUploaded',
    from: ['awaiting_upload'],
    to: 'queued',
    when: 'a client reads the image and the bucket has the original',
  },
  {
    statement: 'finishDirectUpload',
    from: ['awaiting_upload'],
    to: 'queued',
    when: 'the request body is stored',
  },
  {
    statement: 'finishDirectUpload',
    from: ['expired'],
    to: 'queued',
    when: 'the body of a repeated request is stored after the ticket expired',
    reopens: 'late upload',
  },
  {
    statement: 'abandonDirectUpload',
    from: ['awaiting_upload', 'expired'],
    to: 'deleted',
    when: 'the request body cannot be stored',
  },
  {
    statement: 'markEnqueued',
    from: ['awaiting_upload'],
    to: 'queued',
    when: 'the bucket has the original of a ticket that is over; a message was sent or is on the queue',
  },
  {
    statement: 'markEnqueued',
    from: ['queued', 'processing'],
    to: 'same',
    when: 'its message was lost or its worker died; a message was sent',
  },
  {
    statement: 'markExpired',
    from: ['awaiting_upload'],
    to: 'expired',
    when: 'the ticket is over and the bucket has no original',
    event: 'image.expired',
  },
  {
    statement: 'claimImages',
    from: ['awaiting_upload', 'queued'],
    to: 'processing',
    when: 'a worker takes its message',
    raisesAttempt: true,
  },
  {
    statement: 'claimImages',
    from: ['expired'],
    to: 'processing',
    when: 'an upload that began before the ticket was over arrives late',
    raisesAttempt: true,
    reopens: 'late upload',
  },
  {
    statement: 'claimImages',
    from: ['processing'],
    to: 'same',
    when: 'the lease is over: its worker died',
    raisesAttempt: true,
  },
  {
    statement: 'claimImages',
    from: ['processing'],
    to: 'same',
    when: 'the lease is over: its worker died with this image alone',
    raisesAttempt: true,
    failures: 'raised',
  },
  {
    statement: 'claimImages',
    from: ['processing'],
    to: 'failed',
    when: 'its worker died with this image alone, for the last time that `process.maxAttempts` allows',
    raisesAttempt: true,
    failures: 'raised',
    event: 'image.failed',
  },
  {
    statement: 'claimImages',
    from: ['failed'],
    to: 'processing',
    when: 'an operator redrives its letter, whose attempt is still the one that failed',
    raisesAttempt: true,
    failures: 'cleared',
    reopens: 'operator',
  },
  {
    statement: 'commitResults',
    from: ['processing'],
    to: 'same',
    when: 'work on an image that waited its turn begins',
  },
  {
    statement: 'commitResults',
    from: ['processing'],
    to: 'ready',
    when: 'the variants are stored',
    event: 'image.ready',
  },
  {
    statement: 'commitResults',
    from: ['processing'],
    to: 'rejected',
    when: 'the image itself is at fault',
    event: 'image.rejected',
  },
  {
    statement: 'commitResults',
    from: ['processing'],
    to: 'queued',
    when: 'an outage, or no time left: to be tried again',
  },
  {
    statement: 'commitResults',
    from: ['processing'],
    to: 'queued',
    when: 'a failure that counts: to be tried again',
    failures: 'raised',
  },
  {
    statement: 'commitResults',
    from: ['processing'],
    to: 'failed',
    when: 'a failure that counts, for the last time that `process.maxAttempts` allows, or one that cannot be helped',
    failures: 'raised',
    event: 'image.failed',
  },
  {
    statement: 'markDeadLettered',
    from: ['failed'],
    to: 'same',
    when: 'the dead-letter queue took a letter about this attempt',
  },
  {
    statement: 'markDeleted',
    from: imageStatuses,
    to: 'deleted',
    when: 'a client deletes the image',
    raisesAttempt: true,
  },
  {
    statement: 'removeDeleted',
    from: ['deleted'],
    to: 'none',
    when: 'its objects are gone from the bucket',
  },
  {
    statement: 'removeEnded',
    from: [...endStatuses, 'deleted'],
    to: 'none',
    when: '`retention` is over and its objects are gone from the bucket',
  },
];
