import type { Claim, ClaimedImage } from '../postgres/images/claim.ts';
import { verdictOf } from './claim-batch.ts';
import type { BatchContext } from './dependencies.ts';
import { notStarted, runJob } from './job.ts';
import { openRecorder } from './recorder.ts';
import type { Assignment } from './records.ts';
import type { Verdict } from './verdict.ts';

/**
 * Works on the claimed images, a few at a time in lanes. Each is recorded as soon as it is done, and the database
 * records that the next one begins before it does: when a worker dies, only the images in progress are suspected.
 * @returns the verdicts on all but the suspects.
 */
export async function workInLanes(
  claims: ReadonlyMap<Assignment, Claim | undefined>,
  context: BatchContext,
): Promise<Map<Assignment, Verdict>> {
  const record = openRecorder(context);
  const verdicts = new Map<Assignment, Verdict>();
  const beginning: [Assignment, ClaimedImage][] = [];
  const waiting: [Assignment, ClaimedImage][] = [];
  for (const [assignment, claim] of claims)
    if (claim?.outcome === 'claimed') (claim.begun ? beginning : waiting).push([assignment, claim]);
    else if (claim?.outcome !== 'suspect') verdicts.set(assignment, verdictOf(claim));

  async function lane(first: [Assignment, ClaimedImage]): Promise<void> {
    let current: typeof first | undefined = first;
    while (current !== undefined) {
      const [assignment, image]: typeof first = current;
      const ended = await runJob(image, context);
      current = nextInTime();
      const { verdict, begun } = await record({ ended, begins: current?.[1] });
      verdicts.set(assignment, verdict);
      if (current !== undefined && !begun) current = await nextAfter(current);
    }
  }

  function nextInTime() {
    return context.deadline.mayStart() ? waiting.shift() : undefined;
  }

  /** The next image that still belongs to this worker. */
  async function nextAfter([lost]: [Assignment, ClaimedImage]) {
    verdicts.set(lost, 'again');
    for (let next = nextInTime(); next !== undefined; next = nextInTime()) {
      if ((await record({ begins: next[1] })).begun) return next;
      verdicts.set(next[0], 'again');
    }
    return undefined;
  }

  await Promise.all(beginning.map(lane));
  const late = waiting.map(async ([assignment, image]) => {
    verdicts.set(assignment, (await record({ ended: notStarted(image, context) })).verdict);
  });
  await Promise.all(late);
  return verdicts;
}
