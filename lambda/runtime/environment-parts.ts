import type * as z from 'zod/mini';
import { counters } from './counters-environment.ts';
import {
  bucket,
  database,
  deadLetters,
  eventQueues,
  jobs,
  metrics,
  nudges,
  refusedEvents,
} from './environment.ts';
import { eventBridge } from './event-environment.ts';
import { blockedLoaders } from './image-environment.ts';
import { kafka } from './kafka-environment.ts';
import { roles } from './role-environment.ts';
import { deliveries, deliveryResults, moreRoots } from './webhook-environment.ts';

/** All parts. Functions import only their own, to keep the others out of the bundle. */
export const environmentParts = {
  database,
  bucket,
  jobs,
  nudges,
  metrics,
  deadLetters,
  refusedEvents,
  eventQueues,
  kafka,
  eventBridge,
  blockedLoaders,
  roles,
  deliveries,
  deliveryResults,
  moreRoots,
  counters,
};

export type EnvironmentPart = keyof typeof environmentParts;
/** Variables of a part as text. */
export type VariablesOf<Part extends EnvironmentPart> = z.input<(typeof environmentParts)[Part]['schema']>;
