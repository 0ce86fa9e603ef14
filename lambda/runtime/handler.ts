import middy, { type MiddyfiedHandler } from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Log } from './logger.ts';

/** Milliseconds that are left of the invocation, by Lambda's own clock. */
export type RemainingTime = () => number;

/**
 * The Middy stack that all functions share: each log line carries the request id, and an error that escapes
 * is logged once and thrown on, so that Lambda counts it.
 *
 * Middy's early timeout is off: it ends the whole invocation and would report finished
 * messages of a batch as failed. Callers that need a deadline receive the remaining time.
 */
export function lambdaHandler<Event, Result>(
  log: Log,
  work: (event: Event, remaining: RemainingTime, context: Context) => Promise<Result>,
): MiddyfiedHandler<Event, Result> {
  return middy<Event, Result>(
    (event: Event, context: Context) => work(event, () => context.getRemainingTimeInMillis(), context),
    { timeoutEarlyInMillis: 0 },
  ).use({
    before: ({ context }) => log.remember({ requestId: context.awsRequestId }),
    after: () => log.forget(),
    onError: ({ error }) => {
      log.error('The invocation failed', { error });
      log.forget();
    },
  });
}
