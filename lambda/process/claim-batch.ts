import { type Claim, claimImages } from '../postgres/images/claim.ts';
import { isPressure } from './database-pressure.ts';
import type { BatchContext } from './dependencies.ts';
import type { Assignment } from './records.ts';
import { longestWait } from './records.ts';
import { leaseSlackSeconds } from './time-budget.ts';
import type { Verdict } from './verdict.ts';

/**
 * Claims images in one statement. Never throws: if the database is unavailable, nothing is claimed or counted, and the
 * claims are undefined.
 * @param alone nothing else is in progress, so a suspect is claimed too.
 * @param begun images of the batch with which the worker has already begun.
 */
export async function claimBatch(
  assignments: readonly Assignment[],
  { database, nudges, settings, deadline, pressure, brownOut, log, metrics, errors }: BatchContext,
  { alone, begun = 0 }: { alone: boolean; begun?: number },
): Promise<Map<Assignment, Claim | undefined>> {
  if (assignments.length === 0) return new Map();
  const terms = {
    leaseSeconds: deadline.remaining() / 1000 + leaseSlackSeconds,
    maxAttempts: settings.process.maxAttempts,
    alone,
    beginning: Math.max(0, pressure.concurrency.lanes(settings.process.jobsInFlight) - begun),
  };
  let claims: Awaited<ReturnType<typeof claimImages>> = [];
  try {
    claims = await pressure.observe('claim', deadline, () =>
      database.run((connection) => claimImages(connection, assignments, terms), { signal: deadline.record }),
    );
  } catch (error) {
    errors.push(error);
    const probe = pressure.breaker.open;
    if (isPressure(error) && pressure.breaker.failed(pressure.now())) metrics.add('BreakerOpen', {});
    if (probe) log.info('The database is still unavailable', { error });
    else log.error('The batch could not be claimed', { error, images: assignments.length });
  }
  if (claims.length > 0) {
    const change = brownOut.observe(Math.max(claims[0]?.oldestSeconds ?? 0, longestWait(assignments)));
    if (change !== undefined) {
      metrics.add('BrownOut', { Change: change });
      log.warn(change === 'entered' ? 'Brown-out: only the cheapest variants' : 'All variants again');
    }
  }
  for (const claim of claims) {
    const { imageId, tenant, outcome } = claim;
    if (outcome !== 'claimed' && outcome !== 'suspect') log.info('Not claimed', { imageId, tenant, outcome });
    if ((outcome === 'failed' || outcome === 'superseded') && claim.ended) {
      metrics.add('ImagesEnded', { Status: outcome });
      nudges.send();
    }
    if (outcome === 'claimed' && claim.overtaken > 0) {
      metrics.add('ImagesEnded', { Status: 'superseded' }, claim.overtaken);
      nudges.send();
    }
  }
  return new Map(assignments.map((assignment, place) => [assignment, claims[place]]));
}

/** Verdict on an image that cannot be worked on. */
export function verdictOf(claim: Exclude<Claim, { outcome: 'claimed' | 'suspect' }> | undefined): Verdict {
  switch (claim?.outcome) {
    case 'ready':
    case 'complete':
    case 'rejected':
    case 'superseded':
    case 'missing':
      return 'done';
    case 'failed': {
      const { attempt, failures, lastError, deadLettered } = claim;
      return deadLettered
        ? 'done'
        : { dead: 'failed', attempt, failures, lastError: lastError ?? 'not known' };
    }
    case 'busy':
      return { hidden: claim.leaseSeconds };
    case undefined:
      return 'again';
  }
}
