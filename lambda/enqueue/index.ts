import { openQueue } from '../aws/queue.ts';
import { environments, readEnvironment } from '../runtime/environment.ts';
import { lambdaHandler } from '../runtime/handler.ts';
import { openLogger } from '../runtime/logger.ts';
import { enqueue } from './enqueue.ts';

const environment = readEnvironment(environments.enqueue);
const log = openLogger('enqueue');
const queue = openQueue({ queueUrl: environment.JOBS_QUEUE_URL });

export const handler = lambdaHandler(log, (event: unknown) => enqueue(event, { queue, log }));
