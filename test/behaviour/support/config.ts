import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { config as shipped } from '../../../sluice.config.ts';

/** The configuration of the suite, the same on every target: the default with shorter waits. SLUICE_CONFIG. */
export const config: SluiceConfig = {
  ...shipped,
  process: {
    // The smallest cap that AWS allows, and batches that a few images fill.
    maxConcurrency: 2,
    batchSize: 5,
    // It determines the lease and the visibility timeout (6 ×).
    timeoutSeconds: 5,
    // Two failures, with a pause of up to 5 s between them.
    maxAttempts: 2,
    // The smallest allowed number of receives before the dead-letter queue.
    maxReceiveCount: 52,
  },
  // A name of its own, next to a user's deployment on the same LocalStack, and without the role of API Gateway's logs,
  // which belongs to the account and outlives each stack on purpose.
  deploy: { name: 'SluiceSuite', gatewayLogRole: false, readyEvents: true },
};
