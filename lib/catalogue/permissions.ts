import type { InnerQueue } from './inner-queues.ts';

/** What functions may touch. Objects are those under `incoming/` (originals), `derived/` (variants) and `exports/`. */
export type Resource =
  | 'bucket'
  | 'originals'
  | 'variants'
  | 'exports'
  | 'imagesKey'
  | 'jobs'
  | 'deadLetters'
  | 'failedUploadEvents'
  | InnerQueue
  | 'messagesKey'
  | 'counters';

type ServiceOf<On extends Resource> = On extends 'bucket' | 'originals' | 'variants' | 'exports'
  ? 's3'
  : On extends 'imagesKey' | 'messagesKey'
    ? 'kms'
    : On extends 'counters'
      ? 'elasticache'
      : 'sqs';

/** One statement of a function's policy: `sid` is its purpose, actions have no wildcards. */
export type Permission = {
  [On in Resource]: { sid: string; on: On; actions: readonly `${ServiceOf<On>}:${string}`[] };
}[Resource];

export const sendJobs = { sid: 'SendJobs', on: 'jobs', actions: ['sqs:SendMessage'] } as const;
/** SQS encrypts with a data key, which it makes or decrypts (within five minutes) on behalf of the sender. */
export const encryptJobs = {
  sid: 'EncryptJobs',
  on: 'messagesKey',
  actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
} as const;
/** The pollers of a mapping use the function's role. */
export const pollJobs = {
  sid: 'Poll',
  on: 'jobs',
  actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
} as const;
const useImagesKey = {
  sid: 'Images',
  on: 'imagesKey',
  actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
} as const;
/** Without this permission S3 returns 403 for a missing object instead of 404. */
const distinguishMissing = { sid: 'DistinguishMissing', on: 'bucket', actions: ['s3:ListBucket'] } as const;
/** What reading objects requires besides the objects themselves. */
export const readObjects = [useImagesKey, distinguishMissing] as const;
export const listVersions = { sid: 'Versions', on: 'bucket', actions: ['s3:ListBucketVersions'] } as const;

/** What the pollers and the senders of a queue between functions need. */
export const pollQueue = <On extends InnerQueue>(on: On) =>
  ({
    sid: 'Poll',
    on,
    actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
  }) as const;
export const sendTo = <On extends InnerQueue>(sid: string, on: On) =>
  ({ sid, on, actions: ['sqs:SendMessage'] }) as const;
/** As `encryptJobs`, for functions that know no jobs. */
export const encryptMessages = { ...encryptJobs, sid: 'EncryptMessages' } as const;
