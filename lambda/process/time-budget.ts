/* The whole time budget of the process function: how an invocation is shared out, and how long images and messages wait. */

/** Reserved at the end of an invocation: one commit (2 s when it has to reconnect) and the visibility calls. */
export const finishMs = 4_000;
/** Of that, what is left for the queues when results cannot be recorded, and what stays unused. */
export const answerMs = 1_000;
export const goneMs = 300;

/** Between two tries of a commit. */
export const betweenTriesMs = 500;

/** A lease outlives the invocation by this much, so that no two workers ever hold one image. */
export const leaseSlackSeconds = 5;

/** How long an image waits for a preset that is missing: a deploy moves the functions within a minute or two. */
export const presetGraceSeconds = 300;

/** The longest wait of a message for which there was no time. */
export const soonSeconds = 5;
/** Spread behind the end of a lease, so that its holder's own commit comes first. */
export const hiddenJitterSeconds = 10;
