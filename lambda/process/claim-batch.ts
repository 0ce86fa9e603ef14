import { type Claim, type ClaimedImage, claimImages } from '../postgres/images/claim.ts';
import type { Surroundings } from './dependencies.ts';
import type { Assignment } from './records.ts';
import { leaseSlackSeconds } from './time-budget.ts';
import type { Verdict } from './verdict.ts';

/** An image that this worker holds, and the messages that asked for it. */
export interface Held {
  image: ClaimedImage;
  assignment: Assignment;
  /** Nothing else is in work: what goes wrong now is this image's doing. */
  alone: boolean;
}

/** An image that may be claimed alone only. A deadly one may have killed a worker. */
export interface Suspect {
  assignment: Assignment;
  deadly: boolean;
}

export interface ClaimedBatch {
  held: Held[];
  suspects: Suspect[];
  /** Of what cannot be worked on. */
  verdicts: Map<Assignment, Verdict>;
}

/**
 * Claims images in one statement. Never throws: where the database is away nothing is claimed or counted, and every
 * message backs off.
 * @param alone nothing else is in work, so a suspect is claimed too.
 */
export async function claimBatch(
  assignments: readonly Assignment[],
  { database, settings, deadline, log }: Surroundings,
  { alone }: { alone: boolean },
): Promise<ClaimedBatch> {
  const batch: ClaimedBatch = { held: [], suspects: [], verdicts: new Map() };
  if (assignments.length === 0) return batch;
  const terms = {
    leaseSeconds: deadline.remaining() / 1000 + leaseSlackSeconds,
    maxAttempts: settings.process.maxAttempts,
    alone,
    beginning: settings.process.jobsInFlight,
  };
  let claims: Claim[];
  try {
    claims = await database.run((connection) => claimImages(connection, assignments, terms), {
      signal: deadline.record,
    });
  } catch (error) {
    log.error('The batch could not be claimed', { error, images: assignments.length });
    for (const assignment of assignments) batch.verdicts.set(assignment, 'again');
    return batch;
  }
  for (const [place, assignment] of assignments.entries()) {
    const claim = claims[place];
    if (claim?.outcome === 'claimed') batch.held.push({ image: claim, assignment, alone });
    else if (claim?.outcome === 'suspect') batch.suspects.push({ assignment, deadly: claim.deadly });
    else {
      const { imageId, tenant } = assignment;
      log.info('Not claimed', { imageId, tenant, outcome: claim?.outcome });
      batch.verdicts.set(assignment, verdictOf(claim));
    }
  }
  return batch;
}

function verdictOf(claim: Exclude<Claim, { outcome: 'claimed' | 'suspect' }> | undefined): Verdict {
  switch (claim?.outcome) {
    case 'ready':
      // Whoever found it so before may have come to tell nobody.
      return 'ready';
    case 'rejected':
    case 'missing':
      return 'done';
    case 'failed': {
      const { attempt, failures, lastError, deadLettered } = claim;
      if (deadLettered) return 'done';
      return { dead: { reason: 'failed', attempt, failures, lastError: lastError ?? 'not known' } };
    }
    case 'busy':
      return { hidden: claim.leaseSeconds };
    case undefined:
      return 'again';
  }
}
