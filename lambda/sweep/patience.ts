import type { Dependencies } from './dependencies.ts';

const emptyQueueSeconds = 120;
const busyQueueSeconds = 3_600;

/**
 * How old an enqueued image must be for its message to count as lost, in seconds. While anything is on the queue
 * its message may be there too, waiting behind a flood or hidden for a back-off of up to 15 minutes; on an empty
 * queue it cannot be. SQS counts approximately, hence the two minutes.
 */
export async function patienceSeconds({ queue }: Dependencies, signal: AbortSignal): Promise<number> {
  return (await queue.queueDepth(signal)) === 0 ? emptyQueueSeconds : busyQueueSeconds;
}
