import type { functionEnvironment as api } from '../../lambda/api/environment.ts';
import type { functionEnvironment as enqueue } from '../../lambda/enqueue/environment.ts';
import type { functionEnvironment as migrate } from '../../lambda/migrate/environment.ts';
import type { functionEnvironment as operate } from '../../lambda/operate/environment.ts';
import type { functionEnvironment as process } from '../../lambda/process/environment.ts';
import type { functionEnvironment as sweep } from '../../lambda/sweep/environment.ts';
import type { FunctionDefinition } from './definition.ts';
import { findMissing, listVersions, pollJobs, sealJobs, sendJobs, useImagesKey } from './permissions.ts';

/*
 * All functions. The build, the stacks with their policies, the connection budget and its roles, the local runner and
 * docs/functions.md are derived from this list: a new function is an entry here and a folder in lambda/.
 *
 * `satisfies (typeof …)['names']` compares the parts of an environment with those that the function reads: a forgotten one
 * does not compile. No CDK here: the local runner reads the list too and must start in a second.
 */
export const catalogue = {
  api: {
    description: 'Answers the REST API',
    entries: { index: 'lambda/api/index.ts' },
    trigger: { kind: 'rest-api' },
    database: { role: 'sluice_api', connections: 'persistent' },
    environment: ['database', 'bucket', 'jobs'] satisfies (typeof api)['names'],
    mayTouch: [
      // Its presigned POSTs and GETs carry these rights to whoever holds them.
      { sid: 'Originals', on: 'originals', actions: ['s3:GetObject', 's3:PutObject'] },
      { sid: 'Variants', on: 'variants', actions: ['s3:GetObject'] },
      useImagesKey,
      findMissing,
      sendJobs,
      sealJobs,
    ],
    timeoutSeconds: (config) => config.api.timeoutSeconds,
    memoryMb: (config) => config.api.memoryMb,
    maxConcurrency: (config) => config.api.maxConcurrency,
    nativePackages: [],
    files: ['console'],
  },
  enqueue: {
    description: 'Turns upload events into jobs',
    entries: { index: 'lambda/enqueue/index.ts' },
    trigger: { kind: 's3-upload' },
    environment: ['jobs'] satisfies (typeof enqueue)['names'],
    mayTouch: [
      sendJobs,
      sealJobs,
      { sid: 'Failures', on: 'failedUploadEvents', actions: ['sqs:SendMessage'] },
    ],
    timeoutSeconds: () => 30,
    memoryMb: () => 256,
    // 50,000 uploads a minute are 833 a second of about 30 ms each: 25 at once. With a cap or without, Lambda keeps events
    // that cannot start for six hours. So none is reserved by default: the account would have to have it.
    maxConcurrency: (config) => config.enqueue.maxConcurrency,
    nativePackages: [],
    files: [],
  },
  process: {
    description: 'Makes variants',
    entries: { index: 'lambda/process/index.ts', sandbox: 'lambda/imaging/sandbox/child.ts' },
    trigger: { kind: 'sqs-jobs' },
    database: { role: 'sluice_process', connections: 'per-execution' },
    environment: [
      'database',
      'bucket',
      'jobs',
      'deadLetters',
      'readyEvents',
      'blockedLoaders',
    ] satisfies (typeof process)['names'],
    mayTouch: [
      pollJobs,
      { sid: 'Postpone', on: 'jobs', actions: ['sqs:ChangeMessageVisibility'] },
      { sid: 'DeadLetters', on: 'deadLetters', actions: ['sqs:SendMessage'] },
      // It opens the messages that it receives and seals those that it sends.
      sealJobs,
      // A version of an original, by its id: the first upload.
      { sid: 'Originals', on: 'originals', actions: ['s3:GetObjectVersion'] },
      { sid: 'Variants', on: 'variants', actions: ['s3:GetObject', 's3:PutObject'] },
      useImagesKey,
      findMissing,
      listVersions,
    ],
    timeoutSeconds: (config) => config.process.timeoutSeconds,
    memoryMb: (config) => config.process.memoryMb,
    maxConcurrency: (config) => config.process.maxConcurrency,
    // The codecs, and the system calls that confine their process.
    nativePackages: ['sharp', 'koffi'],
    files: ['font', 'watermarks'],
  },
  sweep: {
    description: 'Puts right what was left',
    entries: { index: 'lambda/sweep/index.ts' },
    trigger: { kind: 'schedule', everySeconds: 60 },
    database: { role: 'sluice_sweep', connections: 2 },
    environment: ['database', 'bucket', 'jobs'] satisfies (typeof sweep)['names'],
    mayTouch: [
      // It lists objects and deletes all versions of them; neither needs their key.
      { sid: 'Originals', on: 'originals', actions: ['s3:DeleteObjectVersion'] },
      { sid: 'Variants', on: 'variants', actions: ['s3:DeleteObjectVersion'] },
      listVersions,
      sendJobs,
      sealJobs,
      { sid: 'Depth', on: 'jobs', actions: ['sqs:GetQueueAttributes'] },
    ],
    timeoutSeconds: () => 300,
    // One processor: it waits for S3 and signs its requests.
    memoryMb: () => 1769,
    // Two sweeps would only do each other's work.
    maxConcurrency: () => 1,
    nativePackages: [],
    files: [],
  },
  migrate: {
    description: 'Migrates the database',
    entries: { index: 'lambda/migrate/index.ts' },
    trigger: { kind: 'deploy' },
    database: { role: 'owner', connections: 1 },
    environment: ['database', 'roles'] satisfies (typeof migrate)['names'],
    mayTouch: [],
    // An index of a large table. The trigger that invokes it in a deploy waits for 15 minutes itself.
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
/** At least our functions: what derives from the catalogue takes a longer one too. */
export type Catalogue = Readonly<Record<FunctionName, FunctionDefinition>>;
