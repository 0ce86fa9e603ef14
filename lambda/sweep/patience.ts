import { lostAfterSeconds } from '../domain/patience.ts';
import type { Dependencies } from './dependencies.ts';

/** How old an enqueued image must be now for its message to count as lost, in seconds. */
export async function patienceSeconds({ queue }: Dependencies, signal: AbortSignal): Promise<number> {
  return (await queue.queueDepth(signal)) === 0 ? lostAfterSeconds.emptyQueue : lostAfterSeconds.busyQueue;
}
