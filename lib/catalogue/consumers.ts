import type { functionEnvironment as analytics } from '../../lambda/analytics/environment.ts';
import type { functionEnvironment as audit } from '../../lambda/audit/environment.ts';
import type { FunctionDefinition } from './definition.ts';
import { encryptMessages, pollQueue, sendTo } from './permissions.ts';

/** The functions that consume the events of images, from queues of their own or from Kafka. */
export const consumers = {
  analytics: {
    description: 'Adds the events of images to the roll-up of use',
    entries: { index: 'lambda/analytics/index.ts' },
    trigger: { kind: 'queue', queue: 'analyticsEvents', batchSize: 10, mappingConcurrency: () => 2 },
    // A batch is one statement: behind a proxy too, an execution has a connection for most of its time.
    database: { role: 'sluice_analytics', connections: 2 },
    environment: ['database', 'refusedEvents'] satisfies (typeof analytics)['names'],
    mayTouch: [pollQueue('analyticsEvents'), sendTo('Refuse', 'refusedEvents'), encryptMessages],
    timeoutSeconds: () => 30,
    memoryMb: () => 256,
    // A batch is one statement of some 20 ms; 2 is the least that a mapping takes.
    maxConcurrency: () => 2,
    nativePackages: [],
    files: [],
  },
  audit: {
    description: 'Appends the events of images to the audit trail of their tenant',
    entries: { index: 'lambda/audit/index.ts' },
    trigger: { kind: 'queue', queue: 'auditEvents', batchSize: 10, mappingConcurrency: () => 2 },
    // A batch is one statement: behind a proxy too, an execution has a connection for most of its time.
    database: { role: 'sluice_audit', connections: 2 },
    environment: ['database', 'refusedEvents'] satisfies (typeof audit)['names'],
    mayTouch: [pollQueue('auditEvents'), sendTo('Refuse', 'refusedEvents'), encryptMessages],
    timeoutSeconds: () => 30,
    memoryMb: () => 256,
    // A batch is one statement of some 20 ms; 2 is the least that a mapping takes.
    maxConcurrency: () => 2,
    nativePackages: [],
    files: [],
  },
} as const satisfies Readonly<Record<string, FunctionDefinition>>;
