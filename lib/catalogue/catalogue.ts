import type { functionEnvironment as api } from '../../lambda/api/environment.ts';
import type { functionEnvironment as enqueue } from '../../lambda/enqueue/environment.ts';
import type { functionEnvironment as exporting } from '../../lambda/export/environment.ts';
import type { functionEnvironment as exportjob } from '../../lambda/exportjob/environment.ts';
import type { functionEnvironment as migrate } from '../../lambda/migrate/environment.ts';
import type { functionEnvironment as operate } from '../../lambda/operate/environment.ts';
import type { functionEnvironment as process } from '../../lambda/process/environment.ts';
import type { functionEnvironment as relay } from '../../lambda/relay/environment.ts';
import type { functionEnvironment as sweep } from '../../lambda/sweep/environment.ts';
import { consumers } from './consumers.ts';
import type { FunctionDefinition } from './definition.ts';
import {
  encryptJobs,
  encryptMessages,
  listVersions,
  pollJobs,
  pollQueue,
  readObjects,
  sendJobs,
  sendTo,
} from './permissions.ts';
import { webhooks } from './webhooks.ts';

/*
 * All functions. The build, the stacks with their policies, the connection budget and its roles, the local runner and
 * docs/functions.md are derived from this list: a new function is an entry here and a folder in lambda/.
 *
 * `satisfies (typeof …)['names']` compares the parts of an environment with those that the function reads: a forgotten one
 * does not compile. No CDK here: the local runner reads the list too and must start in a second.
 */
export const catalogue = {
  api: {
    description: 'Serves the REST API',
    entries: { index: 'lambda/api/index.ts' },
    trigger: { kind: 'rest-api' },
    database: { role: 'sluice_api', connections: 'persistent' },
    environment: [
      'database',
      'bucket',
      'jobs',
      'nudges',
      'counters',
      'deliveryResults',
      'metrics',
    ] satisfies (typeof api)['names'],
    mayTouch: [
      // Presigned URLs and POSTs grant these rights to their holders.
      { sid: 'Originals', on: 'originals', actions: ['s3:GetObject', 's3:PutObject'] },
      { sid: 'Variants', on: 'variants', actions: ['s3:GetObject'] },
      { sid: 'Exports', on: 'exports', actions: ['s3:GetObject'] },
      ...readObjects,
      sendJobs,
      sendTo('Nudges', 'nudges'),
      // Tests and replays of webhooks are due at once.
      sendTo('DueDeliveries', 'deliveryResults'),
      encryptJobs,
      // A login by IAM. Absent while quotas are counted in Postgres.
      { sid: 'Counters', on: 'counters', actions: ['elasticache:Connect'] },
    ],
    timeoutSeconds: (config) => config.api.timeoutSeconds,
    memoryMb: (config) => config.api.memoryMb,
    maxConcurrency: (config) => config.api.maxConcurrency,
    nativePackages: [],
    files: ['console'],
  },
  export: {
    description: 'Streams images as CSV',
    entries: { index: 'lambda/export/index.ts' },
    trigger: { kind: 'rest-stream' },
    // One for each stream, closed before its end.
    database: { role: 'sluice_export', connections: 2 },
    environment: ['database'] satisfies (typeof exporting)['names'],
    mayTouch: [],
    // The longest response of API Gateway. Longer exports are jobs.
    timeoutSeconds: () => 900,
    // 0.58 of a vCPU: zstd of 2 MB/s, the gateway's pace, needs 0.02.
    memoryMb: () => 1024,
    // Each stream holds a connection for as long as its reader takes.
    maxConcurrency: () => 2,
    nativePackages: [],
    files: [],
  },
  exportjob: {
    description: 'Writes images as CSV to files',
    entries: { index: 'lambda/exportjob/index.ts' },
    trigger: { kind: 'schedule', everySeconds: 60 },
    database: { role: 'sluice_exportjob', connections: 1 },
    environment: ['database', 'bucket'] satisfies (typeof exportjob)['names'],
    mayTouch: [
      // The parts of a file are objects to IAM. A retried completion looks for the file.
      { sid: 'Exports', on: 'exports', actions: ['s3:PutObject', 's3:GetObject', 's3:AbortMultipartUpload'] },
      ...readObjects,
    ],
    // A job that takes longer continues in the next invocation.
    timeoutSeconds: () => 900,
    memoryMb: () => 1769,
    // Jobs take turns on one connection.
    maxConcurrency: () => 1,
    nativePackages: [],
    files: [],
  },
  enqueue: {
    description: 'Queues a job for each upload',
    entries: { index: 'lambda/enqueue/index.ts' },
    trigger: { kind: 's3-upload' },
    environment: ['jobs'] satisfies (typeof enqueue)['names'],
    mayTouch: [
      sendJobs,
      encryptJobs,
      { sid: 'Failures', on: 'failedUploadEvents', actions: ['sqs:SendMessage'] },
    ],
    timeoutSeconds: () => 30,
    memoryMb: () => 256,
    // 50,000 uploads a minute take 25 executions (833 a second, 30 ms each). None is reserved by default: it would count
    // against the account's limit, and Lambda keeps throttled events for six hours in any case.
    maxConcurrency: (config) => config.enqueue.maxConcurrency,
    nativePackages: [],
    files: [],
  },
  process: {
    description: 'Renders images into variants',
    entries: { index: 'lambda/process/index.ts', sandbox: 'lambda/imaging/sandbox/child.ts' },
    trigger: { kind: 'sqs-jobs' },
    database: { role: 'sluice_process', connections: 'per-execution' },
    environment: [
      'database',
      'bucket',
      'jobs',
      'deadLetters',
      'nudges',
      'blockedLoaders',
      'metrics',
    ] satisfies (typeof process)['names'],
    mayTouch: [
      pollJobs,
      { sid: 'Postpone', on: 'jobs', actions: ['sqs:ChangeMessageVisibility'] },
      { sid: 'DeadLetters', on: 'deadLetters', actions: ['sqs:SendMessage'] },
      sendTo('Nudges', 'nudges'),
      // Decrypts received messages, encrypts sent ones.
      encryptJobs,
      // By version id: the first upload is the image.
      { sid: 'Originals', on: 'originals', actions: ['s3:GetObjectVersion'] },
      { sid: 'Variants', on: 'variants', actions: ['s3:GetObject', 's3:PutObject'] },
      ...readObjects,
      listVersions,
    ],
    timeoutSeconds: (config) => config.process.timeoutSeconds,
    memoryMb: (config) => config.process.memoryMb,
    maxConcurrency: (config) => config.process.maxConcurrency,
    // koffi makes the system calls that confine the sandbox.
    nativePackages: ['sharp', 'koffi'],
    files: ['font', 'watermarks'],
  },
  sweep: {
    description: 'Recovers stalled images and deletes expired ones',
    entries: { index: 'lambda/sweep/index.ts' },
    trigger: { kind: 'schedule', everySeconds: 60 },
    database: { role: 'sluice_sweep', connections: 2 },
    environment: ['database', 'bucket', 'jobs', 'metrics'] satisfies (typeof sweep)['names'],
    mayTouch: [
      // Listing and deleting versions need no key.
      { sid: 'Originals', on: 'originals', actions: ['s3:DeleteObjectVersion'] },
      { sid: 'Variants', on: 'variants', actions: ['s3:DeleteObjectVersion'] },
      { sid: 'Exports', on: 'exports', actions: ['s3:DeleteObjectVersion', 's3:AbortMultipartUpload'] },
      listVersions,
      sendJobs,
      encryptJobs,
      { sid: 'Depth', on: 'jobs', actions: ['sqs:GetQueueAttributes'] },
    ],
    timeoutSeconds: () => 300,
    // One full vCPU, for signing requests to S3.
    memoryMb: () => 1769,
    // Two sweeps would repeat each other's work.
    maxConcurrency: () => 1,
    nativePackages: [],
    files: [],
  },
  relay: {
    description: 'Sends the events of images to their sinks',
    entries: { index: 'lambda/relay/index.ts' },
    trigger: {
      kind: 'queue',
      queue: 'nudges',
      batchSize: 10,
      mappingConcurrency: () => 2,
      everySeconds: 60,
    },
    // One execution is at work; the other one is turned away by its lease.
    database: { role: 'sluice_relay', connections: 2 },
    environment: [
      'database',
      'nudges',
      'eventQueues',
      'refusedEvents',
      'metrics',
      'deliveryResults',
      'eventBridge',
      'kafka',
    ] satisfies (typeof relay)['names'],
    // Their constructs permit it to send to event buses and to Kafka.
    mayTouch: [
      pollQueue('nudges'),
      // Later, to itself: at the end of a pause.
      sendTo('NudgeLater', 'nudges'),
      sendTo('ToAnalytics', 'analyticsEvents'),
      sendTo('ToAudit', 'auditEvents'),
      sendTo('Refuse', 'refusedEvents'),
      sendTo('DueDeliveries', 'deliveryResults'),
      encryptMessages,
    ],
    timeoutSeconds: () => 120,
    memoryMb: () => 256,
    // As many as it has connections. The schedule is throttled only while two nudges are heeded.
    maxConcurrency: () => 2,
    nativePackages: [],
    files: [],
  },
  ...webhooks,
  ...consumers,
  migrate: {
    description: 'Migrates the database',
    entries: { index: 'lambda/migrate/index.ts' },
    trigger: { kind: 'deploy' },
    database: { role: 'owner', connections: 1 },
    environment: ['database', 'roles'] satisfies (typeof migrate)['names'],
    mayTouch: [],
    // For an index of a large table. The trigger in a deploy waits for up to 15 minutes.
    timeoutSeconds: () => 840,
    memoryMb: () => 256,
    maxConcurrency: () => 1,
    nativePackages: [],
    files: ['migrations'],
  },
  operate: {
    description: 'Manages tenants and API keys, and shows the state of images',
    entries: { index: 'lambda/operate/index.ts' },
    trigger: { kind: 'invoke' },
    database: { role: 'sluice_operate', connections: 1 },
    environment: ['database'] satisfies (typeof operate)['names'],
    mayTouch: [],
    // A connect takes at most 5 s, and a statement that waits for a lock 10 s. Clients such as the AWS CLI wait for 60 s.
    timeoutSeconds: () => 30,
    memoryMb: () => 256,
    // People invoke it: its one connection is enough.
    maxConcurrency: () => 1,
    nativePackages: [],
    files: [],
  },
} as const satisfies Readonly<Record<string, FunctionDefinition>>;

export type FunctionName = keyof typeof catalogue;
/** Functions that open connections. */
export type ConnectedFunction = {
  [Name in FunctionName]: (typeof catalogue)[Name] extends { database: unknown } ? Name : never;
}[FunctionName];
/** At least these functions. Code that derives from the catalogue accepts additional ones. */
export type Catalogue = Readonly<Record<FunctionName, FunctionDefinition>>;
