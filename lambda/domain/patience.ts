/* Waits of the sweep and of the dead-letter queue. lambda/operate/next-step.ts explains them to operators. */

/** Seconds after the end of a ticket: S3 checks it when an upload begins, so one may still be in progress. */
export const ticketGraceSeconds = 300;

/** Seconds after the end of a lease: the worker may be at its last commit. */
export const leaseGraceSeconds = 60;

/**
 * Age in seconds from which a message counts as lost. On a busy queue it may wait behind a flood or in a back-off of up
 * to 15 minutes; on an empty queue it cannot. SQS counts approximately, hence the two minutes.
 */
export const lostAfterSeconds = { emptyQueue: 120, busyQueue: 3_600 } as const;

/** Longest pause after the first and after any transient failure; the pauses double in between. */
export const backOff = { baseSeconds: 5, capSeconds: 900 } as const;

/**
 * Pauses of a message whose worker waited in vain for the database: up to `spreadSeconds`, so that it is received within
 * 10 s of the recovery, for its first `promptReceives`, which last 30 minutes at a timeout of 60 s; then those of `backOff`.
 */
export const held = { spreadSeconds: 5, promptReceives: 40 } as const;

/** Retention of the dead-letter queue in days: the maximum of SQS. */
export const deadLetterDays = 14;
