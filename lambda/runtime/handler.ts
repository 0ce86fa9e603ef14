import middy, { type MiddyfiedHandler } from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Log } from './logger.ts';

/** Milliseconds left of the invocation, by Lambda's clock. */
export type RemainingTime = () => number;

/**
 * The Middy stack of all functions: log lines carry the request id; an escaped error is logged and rethrown, so that
 * Lambda counts it. Middy's early timeout is off, because it would report finished messages of a batch as failed.
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
