import { counters } from '../runtime/counters-environment.ts';
import { bucket, database, environmentOf, jobs, metrics, nudges } from '../runtime/environment.ts';
import { deliveryResults } from '../runtime/webhook-environment.ts';

/** The variables that this function reads; its entry in lib/catalogue must list the same parts. */
export const functionEnvironment = environmentOf(
  database,
  bucket,
  jobs,
  nudges,
  counters,
  deliveryResults,
  metrics,
);
