import { availableParallelism } from 'node:os';
import { EventQueue } from '../lambda/event-queue.ts';
import { functionHost } from './function-host.ts';
import { home, log } from './home.ts';
import type { Part } from './part.ts';

/** The queue of S3's events for `enqueue` (asynchronous invocations). */
export const uploadEvents: Part<EventQueue> = {
  name: 'upload events',
  start: ({ use }) =>
    new EventQueue({
      folder: use(home).events,
      invoke: (event) => use(functionHost).invoke('enqueue', event),
      concurrency: availableParallelism(),
      onTrouble: (line) => use(log)(`enqueue: ${line}`),
    }),
  stop: (running) => running.stop(),
};

/** Delivers the events that an earlier run accepted. */
export const earlierUploadEvents: Part<void> = {
  name: 'upload events of an earlier run',
  start({ options, use }) {
    const resumed = use(uploadEvents).resume();
    if (resumed > 0) options.onProgress(`Delivering ${resumed} upload events of an earlier run`);
  },
};
