/*
 * How long the sweep waits before it sees to what was left, and how long a letter lies. What a person is told of an image
 * (lambda/migrate/next-step.ts) rests on the same numbers.
 */

/** Seconds after the end of a ticket: an upload that began before it may still be on its way, S3 checks at its start. */
export const ticketGraceSeconds = 300;

/** Seconds after the end of a lease: a worker may be at its last commit. */
export const leaseGraceSeconds = 60;

/**
 * How old an enqueued image must be for its message to count as lost, in seconds. While anything is on the queue
 * its message may be there too, waiting behind a flood or hidden for a back-off of up to 15 minutes; on an empty
 * queue it cannot be. SQS counts approximately, hence the two minutes.
 */
export const lostAfterSeconds = { emptyQueue: 120, busyQueue: 3_600 } as const;

/** Days that the dead-letter queue keeps a letter. SQS keeps none for longer. */
export const deadLetterDays = 14;
