import { openQueue } from '../aws/queue.ts';
import { openInvocation } from '../runtime/deadline.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { lambdaHandler } from '../runtime/handler.ts';
import { openLogger } from '../runtime/logger.ts';
import { enqueue } from './enqueue.ts';
import { functionEnvironment } from './environment.ts';

const environment = readEnvironment(functionEnvironment);
const log = openLogger('enqueue');
const queue = openQueue({ queueUrl: environment.JOBS_QUEUE_URL });

/** Reserved to log unsent jobs, in milliseconds. */
const answerMs = 1_000;

export const handler = lambdaHandler(log, async (event: unknown, remaining) => {
  const { signal, close } = openInvocation(remaining, answerMs);
  await enqueue(event, { queue, log, signal }).finally(close);
});
