import type { Claim } from '../postgres/images/claim.ts';
import { claimBatch } from './claim-batch.ts';
import type { BatchContext } from './dependencies.ts';
import type { Assignment } from './records.ts';
import type { Verdict } from './verdict.ts';

/**
 * Claims as many images of a batch as the database can take. Never throws.
 *
 * While the breaker is open, the invocation waits with its batch, without a connection, and claims one image at each
 * probe. It occupies its place in the cap meanwhile, so it receives nothing, and the messages of an outage use up no
 * receives; after a successful probe it works on the rest of the batch. It ends without a claim when there is no time left
 * to wait: the next one has those messages within seconds.
 * @returns the claims, and the verdicts on images that were not admitted.
 */
export async function claimAdmitted(
  assignments: readonly Assignment[],
  context: BatchContext,
): Promise<{ claims: Map<Assignment, Claim | undefined>; waiting: Map<Assignment, Verdict> }> {
  const { pressure, metrics, deadline } = context;
  const { breaker, concurrency } = pressure;
  const claims = new Map<Assignment, Claim | undefined>();
  const remain = (verdict: Verdict) =>
    new Map(assignments.filter((one) => !claims.has(one)).map((one) => [one, verdict]));
  const admit = async (images: readonly Assignment[]): Promise<boolean> => {
    const alone = assignments.length === 1;
    const begun = [...claims.values()].filter((claim) => claim?.outcome === 'claimed' && claim.begun).length;
    const claimed = await claimBatch(images, context, { alone, begun });
    if (breaker.open) return false;
    for (const one of claimed) claims.set(...one);
    return true;
  };

  if (assignments.length === 0) return { claims, waiting: new Map() };
  // The first batch that fails opens it.
  if (!breaker.open) await admit(assignments.slice(0, concurrency.admitted(assignments.length)));
  while (breaker.open) {
    if (!(await untilProbe(context))) return { claims, waiting: remain('held') };
    if (!deadline.mayStart()) {
      if (await responds(context)) return { claims, waiting: remain('soon') };
    } else if (await admit(assignments.slice(0, 1))) {
      // It has waited, and one statement claims all; its lanes begin with half.
      await admit(assignments.slice(1));
      // It failed again with an image in progress.
      if (breaker.open) return { claims, waiting: remain('held') };
    }
  }
  if (concurrency.share < 1) metrics.add('EffectiveConcurrency', {}, Math.round(100 * concurrency.share));
  return { claims, waiting: remain({ spread: concurrency.spreadSeconds() }) };
}

/** Waits until a probe is due. @returns false if the time for work ends before. */
async function untilProbe({ pressure, deadline }: BatchContext): Promise<boolean> {
  const { breaker, now, pause } = pressure;
  await pause(Math.min(breaker.waitMs(now()), deadline.forWork()), deadline.work);
  return !deadline.work.aborted && deadline.forWork() > 0;
}

/** A probe without a claim, when no job may start any more. */
async function responds({ pressure, database, deadline }: BatchContext): Promise<boolean> {
  const { breaker, now } = pressure;
  try {
    await database.run((connection) => connection.query(''), { signal: deadline.work });
    breaker.succeeded();
    return true;
  } catch {
    breaker.failed(now());
    return false;
  }
}
