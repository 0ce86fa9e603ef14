import { type ExecutionCounts, type ExecutionSettings, Executions } from './executions.ts';
import { openQueue, type QueueAddress } from './sqs-client.ts';

/* A process that holds some of the executions: clients of Postgres and of the queue. It ends with its parent. */

export type ExecutionsMessage =
  | { start: { queue: QueueAddress; settings: ExecutionSettings } }
  | { most: number };
export type ExecutionsReport = ExecutionCounts;

const reportEveryMs = 50;
/** A report to a parent that has just ended. */
const ignore = () => undefined;
let executions: Executions | undefined;

process.on('message', (message: ExecutionsMessage) => {
  if ('start' in message) {
    const { queue, settings } = message.start;
    const opened = new Executions(openQueue(queue), settings);
    executions = opened;
    setInterval(() => process.send?.(opened.counts satisfies ExecutionsReport, ignore), reportEveryMs);
  } else executions?.scale(message.most);
});
process.once('disconnect', () => process.exit());
