/** The longest Retry-After, in seconds: nothing is known about an hour from now. A longer wait is capped, and `detail` says so. */
export const longestRetryAfterSeconds = 3_600;
