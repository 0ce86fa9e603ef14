import type { EventSent } from '../aws/ready-events.ts';
import { untilAborted } from '../runtime/deadline.ts';
import type { Surroundings } from './dependencies.ts';
import type { Assignment } from './records.ts';
import type { Settled, Verdict } from './verdict.ts';

/**
 * Tells the event bus of the images that are ready, where somebody asked for that, and settles what their messages are
 * told. A message whose event was not taken comes back and finds its image ready, and then it is told again: at least
 * once, and for each image by itself. Never throws.
 *
 * It waits no longer than results may be recorded, so that the time after that is left for the visibility of what comes
 * back.
 */
export async function announceReady(
  verdicts: ReadonlyMap<Assignment, Verdict>,
  { readyEvents, deadline, log }: Surroundings,
): Promise<Map<Assignment, Settled>> {
  const settled = new Map<Assignment, Settled>();
  const ready: Assignment[] = [];
  for (const [assignment, verdict] of verdicts)
    if (verdict !== 'ready') settled.set(assignment, verdict);
    else if (readyEvents === undefined) settled.set(assignment, 'done');
    else ready.push(assignment);
  if (readyEvents === undefined || ready.length === 0) return settled;

  const answers = await untilAborted(readyEvents.send(ready, deadline.record), deadline.record).catch(
    (error: unknown): EventSent[] => ready.map(() => ({ sent: false, reason: String(error) })),
  );
  for (const [place, assignment] of ready.entries()) {
    const { imageId, tenant } = assignment;
    const answer = answers[place];
    if (answer?.sent !== true)
      log.warn('That an image is ready was not sent', { imageId, tenant, error: answer?.reason });
    settled.set(assignment, answer?.sent === true ? 'done' : 'again');
  }
  return settled;
}
