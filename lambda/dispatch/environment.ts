import { database, environmentOf, metrics } from '../runtime/environment.ts';
import { deliveries, deliveryResults } from '../runtime/webhook-environment.ts';

/** The variables that this function reads; its entry in lib/catalogue must list the same parts. */
export const functionEnvironment = environmentOf(database, deliveries, deliveryResults, metrics);
