import { openMessageQueue } from '../aws/message-queue.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { openLogger } from '../runtime/logger.ts';
import { readSettings } from '../runtime/settings.ts';
import { openCaller } from './call.ts';
import { functionEnvironment } from './environment.ts';
import { createHandler } from './handler.ts';

const environment = readEnvironment(functionEnvironment);
const { webhooks } = readSettings();

/** SQS batches of Deliveries, with partial batch responses. */
export const handler = createHandler({
  call: openCaller({ allowPrivate: webhooks.allowPrivate }),
  deliveryResults: openMessageQueue({ queueUrl: environment.DELIVERY_RESULTS_QUEUE_URL }),
  log: openLogger('deliver'),
  now: Date.now,
});
