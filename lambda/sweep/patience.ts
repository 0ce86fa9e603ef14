import { lostAfterSeconds } from '../domain/patience.ts';
import type { Dependencies } from './dependencies.ts';
import type { Duty } from './turns.ts';

/** Opens a duty with the age in seconds from which a message counts as lost, read from the queue once per run. */
export function withPatience({ queue }: Dependencies, open: (lostAfter: number) => Duty): Duty {
  let duty: Duty | undefined;
  return async (time) => {
    if (duty === undefined) {
      const isEmpty = (await queue.queueDepth(time.work)) === 0;
      duty = open(isEmpty ? lostAfterSeconds.emptyQueue : lostAfterSeconds.busyQueue);
    }
    return duty(time);
  };
}
