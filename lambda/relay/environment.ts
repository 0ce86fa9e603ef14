import {
  database,
  environmentOf,
  eventQueues,
  metrics,
  nudges,
  refusedEvents,
} from '../runtime/environment.ts';
import { eventBridge } from '../runtime/event-environment.ts';
import { kafka } from '../runtime/kafka-environment.ts';
import { deliveryResults } from '../runtime/webhook-environment.ts';

/** The variables that this function reads; its entry in lib/catalogue must list the same parts. */
export const functionEnvironment = environmentOf(
  database,
  nudges,
  eventQueues,
  refusedEvents,
  metrics,
  deliveryResults,
  eventBridge,
  kafka,
);
