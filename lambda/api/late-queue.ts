import type { Queue } from '../aws/queue.ts';

/** Loads the client of SQS, 27 kB of code, with the first direct upload: few environments have any. */
export function lateQueue(queueUrl: string): Pick<Queue, 'sendJobs'> {
  let opened: Promise<Queue> | undefined;
  return {
    async sendJobs(jobs, signal) {
      opened ??= import('../aws/queue.ts').then(({ openQueue }) => openQueue({ queueUrl }));
      return (await opened).sendJobs(jobs, signal);
    },
  };
}
