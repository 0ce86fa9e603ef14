/** Life of a nudge: the least that SQS allows. The relay's schedule is as frequent. */
export const nudgeSeconds = 60;
