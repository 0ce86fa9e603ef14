import { type Claim, type ClaimedImage, claimImages } from '../postgres/claim.ts';
import type { Surroundings } from './dependencies.ts';
import { type Assignment, receiveCount } from './records.ts';
import type { Verdict } from './verdict.ts';

/** A lease outlives the invocation by this much, so that no two workers ever hold one image. */
const leaseSlackSeconds = 5;
/** Kept back from the claim for the answer, in milliseconds. */
const answerMs = 1_500;

/** An image that this worker holds, and the messages that asked for it. */
export interface Held {
  image: ClaimedImage;
  assignment: Assignment;
}

/**
 * Claims the images of a batch in one statement. What cannot be worked on has its verdict at once.
 * Never throws: where the database is away nothing is claimed or counted, and every message backs off.
 */
export async function claimBatch(
  assignments: readonly Assignment[],
  { database, settings, deadline, log }: Surroundings,
): Promise<{ held: Held[]; verdicts: Map<Assignment, Verdict> }> {
  const verdicts = new Map<Assignment, Verdict>();
  if (assignments.length === 0) return { held: [], verdicts };
  const wanted = assignments.map(({ imageId, tenant, records }) => ({
    imageId,
    tenant,
    redriven: records.some((record) => receiveCount(record) === 1),
  }));
  const terms = {
    leaseSeconds: deadline.remaining() / 1000 + leaseSlackSeconds,
    maxAttempts: settings.process.maxAttempts,
  };
  let claims: Claim[];
  try {
    claims = await database.run((connection) => claimImages(connection, wanted, terms), {
      signal: AbortSignal.timeout(Math.max(0, deadline.remaining() - answerMs)),
    });
  } catch (error) {
    log.error('The batch could not be claimed', { error, images: assignments.length });
    for (const assignment of assignments) verdicts.set(assignment, 'again');
    return { held: [], verdicts };
  }
  const held: Held[] = [];
  for (const [place, assignment] of assignments.entries()) {
    const claim = claims[place];
    if (claim?.outcome === 'claimed') {
      held.push({ image: claim, assignment });
      continue;
    }
    const { imageId, tenant } = assignment;
    log.info('Not claimed', { imageId, tenant, outcome: claim?.outcome });
    verdicts.set(assignment, verdictOf(claim));
  }
  return { held, verdicts };
}

function verdictOf(claim: Exclude<Claim, { outcome: 'claimed' }> | undefined): Verdict {
  switch (claim?.outcome) {
    case 'finished':
    case 'missing':
      return 'done';
    case 'failed':
      return 'dead';
    case 'busy':
      return { held: claim.leaseSeconds };
    case undefined:
      return 'again';
  }
}
