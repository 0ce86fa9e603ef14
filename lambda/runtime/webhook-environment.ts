import * as z from 'zod/mini';
import { part } from './environment.ts';

/** The queue of signed requests for `deliver`. */
export const deliveries = part('deliveries', z.object({ DELIVERIES_QUEUE_URL: z.url() }));
/** The queue of `dispatch`: results of deliveries, and messages that some are due. */
export const deliveryResults = part('deliveryResults', z.object({ DELIVERY_RESULTS_QUEUE_URL: z.url() }));
/** More authorities that `deliver` trusts, as a file of certificates (PEM). Node reads it at its start. */
export const moreRoots = part('moreRoots', z.object({ NODE_EXTRA_CA_CERTS: z.optional(z.string()) }));
