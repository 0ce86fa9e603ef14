import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { config as shipped } from '../../../sluice.config.ts';

/** The configuration of the suite, the same on every target: what is shipped, with shorter patience. SLUICE_CONFIG. */
export const config: SluiceConfig = {
  ...shipped,
  process: {
    // The least that AWS allows for a cap, and batches that a few images fill.
    maxConcurrency: 2,
    batchSize: 5,
    // The lease and the visibility (6 × timeout) follow from it.
    timeoutSeconds: 5,
    // One failure, a pause of up to 5 s, another one, and it is over.
    maxAttempts: 2,
    // The least that is allowed: after so many receives a message is in the dead-letter queue.
    maxReceiveCount: 10,
  },
  // A deployment beside the one of a person on the same LocalStack.
  // Without the role that API Gateway logs with: it is the account's, and outlives each stack on purpose.
  deploy: { name: 'SluiceSuite', gatewayLogRole: false, readyEvents: true },
};
