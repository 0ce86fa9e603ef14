import { lostAfterSeconds } from '../domain/patience.ts';
import type { Dependencies } from './dependencies.ts';

/** Age in seconds from which the message of an enqueued image counts as lost. */
export async function patienceSeconds({ queue }: Dependencies, signal: AbortSignal): Promise<number> {
  return (await queue.queueDepth(signal)) === 0 ? lostAfterSeconds.emptyQueue : lostAfterSeconds.busyQueue;
}
