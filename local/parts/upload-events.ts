import { availableParallelism } from 'node:os';
import { onlyOne } from '../../lib/catalogue/select.ts';
import { EventQueue } from '../lambda/event-queue.ts';
import { functionHost } from './function-host.ts';
import { home, log } from './home.ts';
import type { Part } from './part.ts';

/** The queue of S3's events for the function that takes uploads (asynchronous invocations). */
export const uploadEvents: Part<EventQueue> = {
  name: 'upload events',
  start: ({ use }) =>
    new EventQueue({
      folder: use(home).events,
      invoke: (event) => use(functionHost).invoke(onlyOne('s3-upload'), event),
      concurrency: availableParallelism(),
      onTrouble: (line) => use(log)(`${onlyOne('s3-upload')}: ${line}`),
    }),
  stop: (running) => running.stop(),
};

export const earlierUploadEvents: Part<void> = {
  name: 'upload events of an earlier run',
  start({ options, use }) {
    const resumed = use(uploadEvents).resume();
    if (resumed > 0) options.onProgress(`Delivering ${resumed} upload events of an earlier run`);
  },
};
