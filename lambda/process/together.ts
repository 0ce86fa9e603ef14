import type { Held } from './claim-batch.ts';
import type { Surroundings } from './dependencies.ts';
import { notStarted, runJob } from './job.ts';
import { openRecorder } from './recorder.ts';
import type { Assignment } from './records.ts';
import type { Verdict } from './verdict.ts';

/**
 * Works on the images that this worker holds, a few at a time in lanes, and answers with their verdicts. Each image is
 * recorded as soon as it is done, and the database knows that work on the next one begins before it does: when a worker
 * dies, only those that it was working on are suspected.
 */
export async function workTogether(
  held: readonly Held[],
  surroundings: Surroundings,
): Promise<Map<Assignment, Verdict>> {
  const { deadline } = surroundings;
  const recorder = openRecorder(surroundings);
  const verdicts = new Map<Assignment, Verdict>();
  const waiting = held.filter(({ image }) => !image.begun);
  const nextInTime = () => (deadline.mayStart() ? waiting.shift() : undefined);

  async function lane(first: Held): Promise<void> {
    let current: Held | undefined = first;
    while (current !== undefined) {
      const ended = await runJob(current, surroundings);
      let next = nextInTime();
      const { verdict, begun } = await recorder.record({ ended, begins: next?.image });
      verdicts.set(current.assignment, verdict);
      if (next !== undefined && !begun) next = await another(next);
      current = next;
    }
  }

  /** Where the next image is not ours any more, the one after it. */
  async function another(lost: Held): Promise<Held | undefined> {
    verdicts.set(lost.assignment, 'again');
    for (let next = nextInTime(); next !== undefined; next = nextInTime()) {
      const { begun } = await recorder.record({ begins: next.image });
      if (begun) return next;
      verdicts.set(next.assignment, 'again');
    }
    return undefined;
  }

  await Promise.all(held.filter(({ image }) => image.begun).map(lane));
  const late = waiting.map(async ({ image, assignment }) => {
    const { verdict } = await recorder.record({ ended: notStarted(image, surroundings) });
    verdicts.set(assignment, verdict);
  });
  await Promise.all(late);
  return verdicts;
}
