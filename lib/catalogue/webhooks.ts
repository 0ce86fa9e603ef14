import type { functionEnvironment as deliver } from '../../lambda/deliver/environment.ts';
import type { functionEnvironment as dispatch } from '../../lambda/dispatch/environment.ts';
import type { FunctionDefinition, SizedBy } from './definition.ts';
import { encryptMessages, pollQueue, sendTo } from './permissions.ts';

/** The functions that send events to the endpoints of tenants: one decides, with the database, the other one calls. */
export const webhooks = {
  dispatch: {
    description: 'Decides and signs what webhooks get',
    entries: { index: 'lambda/dispatch/index.ts' },
    trigger: {
      kind: 'queue',
      queue: 'deliveryResults',
      batchSize: 10,
      mappingConcurrency: () => 2,
      everySeconds: 60,
    },
    database: { role: 'sluice_dispatch', connections: 2 },
    environment: [
      'database',
      'deliveries',
      'deliveryResults',
      'metrics',
    ] satisfies (typeof dispatch)['names'],
    mayTouch: [
      pollQueue('deliveryResults'),
      sendTo('Deliveries', 'deliveries'),
      // Later, to itself.
      sendTo('DueLater', 'deliveryResults'),
      encryptMessages,
    ],
    // A message that is not recorded returns after six times this.
    timeoutSeconds: () => 20,
    memoryMb: () => 256,
    // As many as it has connections.
    maxConcurrency: () => 2,
    nativePackages: [],
    files: [],
  },
  deliver: {
    description: 'Calls the endpoints of webhooks',
    entries: { index: 'lambda/deliver/index.ts' },
    trigger: {
      kind: 'queue',
      queue: 'deliveries',
      batchSize: 10,
      mappingConcurrency: (config: SizedBy) => config.webhooks.maxConcurrency,
    },
    network: 'internet',
    environment: ['deliveryResults', 'moreRoots'] satisfies (typeof deliver)['names'],
    mayTouch: [pollQueue('deliveries'), sendTo('Results', 'deliveryResults'), encryptMessages],
    // A call takes 10 s at most. A message returns after six times this, when it is stale.
    timeoutSeconds: () => 25,
    memoryMb: () => 256,
    // The mapping's limit is the cap: nothing else invokes it.
    maxConcurrency: () => undefined,
    nativePackages: [],
    files: [],
  },
} as const satisfies Readonly<Record<string, FunctionDefinition>>;
