import type { Queue } from '../aws/queue.ts';
import type { Log } from '../runtime/logger.ts';
import { uploadsOf } from './uploaded.ts';

/** Some jobs were not sent. Lambda retries the asynchronous event; a job that is sent twice does no harm (I2). */
export class JobsUnsent extends Error {
  override readonly name = 'JobsUnsent';
}

/**
 * Turns an S3 event into messages on ImageJobs, grouped by tenant.
 * @throws JobsUnsent if SQS did not accept all of them, or the signal aborted.
 */
export async function enqueue(
  event: unknown,
  { queue, log, signal }: { queue: Pick<Queue, 'sendJobs'>; log: Log; signal?: AbortSignal },
): Promise<void> {
  const { uploaded, ignored } = uploadsOf(event);
  for (const { reason, ...seen } of ignored) log.warn(`Ignored ${reason}`, seen);
  if (uploaded.length === 0) return;
  const unsent = await queue.sendJobs(uploaded, signal);
  for (const job of unsent) log.warn('A job was not sent', { ...job });
  if (unsent.length > 0)
    throw new JobsUnsent(`${unsent.length} of ${uploaded.length} jobs were not sent: ${unsent[0]?.reason}`);
  log.info('Jobs were sent', { jobs: uploaded.length });
}
