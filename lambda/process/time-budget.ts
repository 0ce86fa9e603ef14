/* The time budget of the process function: the shares of an invocation, and how long images and messages wait. */

/** Reserved at the end of an invocation: one commit (2 s when it has to reconnect) and the visibility calls. */
export const finishMs = 4_000;
/** Of that, reserved for the queues if results cannot be recorded, and never used. */
export const answerMs = 1_000;
export const goneMs = 300;

/** Between two tries of a commit. */
export const betweenTriesMs = 500;

/** A lease outlives the invocation by this much, so that two workers never hold one image. */
export const leaseSlackSeconds = 5;

/** Wait for a missing preset: a deploy updates the functions within a minute or two. */
export const presetGraceSeconds = 300;

/** Longest wait of a message for which no time was left. */
export const soonSeconds = 5;
/** Spread after the end of a lease, so that its holder's own commit comes first. */
export const hiddenJitterSeconds = 10;
