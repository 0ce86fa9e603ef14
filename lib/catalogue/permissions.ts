/** What functions may touch. Objects are those under `incoming/` (originals) and `derived/` (variants). */
export type Resource =
  | 'bucket'
  | 'originals'
  | 'variants'
  | 'imagesKey'
  | 'jobs'
  | 'deadLetters'
  | 'failedUploadEvents'
  | 'messagesKey';

type ServiceOf<On extends Resource> = On extends 'bucket' | 'originals' | 'variants'
  ? 's3'
  : On extends 'imagesKey' | 'messagesKey'
    ? 'kms'
    : 'sqs';

/** One statement of a function's policy: `sid` says what it is for, actions are written in full. */
export type Permission = {
  [On in Resource]: { sid: string; on: On; actions: readonly `${ServiceOf<On>}:${string}`[] };
}[Resource];

export const sendJobs = { sid: 'SendJobs', on: 'jobs', actions: ['sqs:SendMessage'] } as const;
/** To send, SQS makes a data key of the queue's key, or reads the one that it made within the last five minutes. */
export const sealJobs = {
  sid: 'SealJobs',
  on: 'messagesKey',
  actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
} as const;
/** What the pollers of a mapping do with the function's role. */
export const pollJobs = {
  sid: 'Poll',
  on: 'jobs',
  actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
} as const;
export const useImagesKey = {
  sid: 'Images',
  on: 'imagesKey',
  actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
} as const;
/** S3 tells only those who may list that an object is missing; for all others HEAD returns 403. */
export const findMissing = { sid: 'TellMissing', on: 'bucket', actions: ['s3:ListBucket'] } as const;
export const listVersions = { sid: 'Versions', on: 'bucket', actions: ['s3:ListBucketVersions'] } as const;
