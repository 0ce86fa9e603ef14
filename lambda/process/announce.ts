import type { EventSent } from '../aws/ready-events.ts';
import { untilAborted } from '../runtime/deadline.ts';
import type { BatchContext } from './dependencies.ts';
import type { Assignment } from './records.ts';
import type { Verdict } from './verdict.ts';

/**
 * Sends events about ready images, if a bus is configured. The message of an event that was not accepted returns, finds
 * its image ready and sends the event again: at least once, and each image by itself. Never throws. Waits only until
 * results must be recorded, which leaves time to set the visibility of those messages.
 * @returns the verdicts, with `again` for images whose event was not sent.
 */
export async function announceReady(
  verdicts: ReadonlyMap<Assignment, Verdict>,
  { readyEvents, deadline, log }: BatchContext,
): Promise<ReadonlyMap<Assignment, Verdict>> {
  const ready = [...verdicts].flatMap(([assignment, verdict]) => (verdict === 'ready' ? [assignment] : []));
  if (readyEvents === undefined || ready.length === 0) return verdicts;
  const answers = await untilAborted(readyEvents.send(ready, deadline.record), deadline.record).catch(
    (error: unknown): EventSent[] => ready.map(() => ({ sent: false, reason: String(error) })),
  );
  const announced = new Map(verdicts);
  for (const [place, assignment] of ready.entries()) {
    const answer = answers[place];
    if (answer?.sent === true) continue;
    const { imageId, tenant } = assignment;
    log.warn('That an image is ready was not sent', { imageId, tenant, error: answer?.reason });
    announced.set(assignment, 'again');
  }
  return announced;
}
