import type { Dependencies } from './dependencies.ts';

/**
 * Starts the next run after so many seconds. Nudges that come earlier find the lease taken and are spent; without this one the
 * schedule would be the next, up to a minute later. It may get lost: then it is the schedule.
 */
export async function wakeAfter(
  seconds: number,
  { nudges, log }: Pick<Dependencies, 'nudges' | 'log'>,
): Promise<void> {
  const unsent = await nudges.send([{ body: '{}', delaySeconds: seconds }]);
  if (unsent.size > 0) log.warn('The next relay was not nudged', { seconds, reason: unsent.get(0) });
}
