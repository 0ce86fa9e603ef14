import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { openDeadLetterQueue } from '../../../lambda/aws/dead-letters.ts';
import { openQueue } from '../../../lambda/aws/queue.ts';
import { openReadyEvents } from '../../../lambda/aws/ready-events.ts';
import type { FunctionName } from '../../../lib/catalogue/catalogue.ts';
import { projectRoot } from '../synthesis.ts';

/** One command of the SDK for IAM: an action on the resource that its input names. */
export interface Sent {
  command: string;
  /** A key of the bucket; absent for the bucket itself or a queue. */
  key?: string;
  /** The URL of a queue. */
  queue?: string;
}

/** S3 requires other permissions for a version. */
function ofVersion(command: string): string {
  return `${command} of a version`;
}

/**
 * The permissions that each command requires: the action, and those for the key that S3 or SQS uses for the caller. A batch
 * of SQS requires that of one message. S3 returns 404 for a missing object only with the permission to list.
 */
export const commands: Record<string, { action: string; kms: readonly string[]; missing?: string }> = {
  GetObjectCommand: { action: 's3:GetObject', kms: ['kms:Decrypt'], missing: 's3:ListBucket' },
  [ofVersion('GetObjectCommand')]: {
    action: 's3:GetObjectVersion',
    kms: ['kms:Decrypt'],
    missing: 's3:ListBucket',
  },
  HeadObjectCommand: { action: 's3:GetObject', kms: [], missing: 's3:ListBucket' },
  PutObjectCommand: { action: 's3:PutObject', kms: ['kms:GenerateDataKey'] },
  [ofVersion('DeleteObjectCommand')]: { action: 's3:DeleteObjectVersion', kms: [] },
  [ofVersion('DeleteObjectsCommand')]: { action: 's3:DeleteObjectVersion', kms: [] },
  ListObjectVersionsCommand: { action: 's3:ListBucketVersions', kms: [] },
  SendMessageCommand: { action: 'sqs:SendMessage', kms: ['kms:GenerateDataKey', 'kms:Decrypt'] },
  SendMessageBatchCommand: { action: 'sqs:SendMessage', kms: ['kms:GenerateDataKey', 'kms:Decrypt'] },
  ChangeMessageVisibilityCommand: { action: 'sqs:ChangeMessageVisibility', kms: [] },
  GetQueueAttributesCommand: { action: 'sqs:GetQueueAttributes', kms: [] },
  PutEventsCommand: { action: 'events:PutEvents', kms: [] },
  GetSecretValueCommand: { action: 'secretsmanager:GetSecretValue', kms: [] },
};
/**
 * Calls of our signer, and others of the SDK. The first three sign for the role: the holder of a signature has its
 * permission. `SignatureV4` is what our signer signs with. The others read the environment and a table of regions.
 */
export const signers: Record<string, string> = {
  'signer.postFields': 's3:PutObject',
  'signer.presignedGet': 's3:GetObject',
  Signer: 'rds-db:connect',
  SignatureV4: 's3:GetObject and s3:PutObject',
  ALGORITHM_IDENTIFIER: 'nothing',
  createScope: 'nothing',
  'signer.endpoint': 'nothing',
  fromEnv: 'nothing',
  partition: 'nothing',
};

const incoming = 'incoming/acme/image';
const derived = 'derived/acme/image/';

interface Clients {
  s3: S3Client;
  sqs: SQSClient;
  events: EventBridgeClient;
}

/** Every call of our modules to AWS; its requests are found by calling it. */
export const ways: Record<string, (to: Clients) => Promise<unknown> | Sent[]> = {
  'bucket.headOriginal': ({ s3 }) => bucketOf(s3).headOriginal(incoming),
  'bucket.findFirstUpload': ({ s3 }) => bucketOf(s3).findFirstUpload(incoming),
  'bucket.getOriginal': ({ s3 }) => bucketOf(s3).getOriginal({ key: incoming, version: 'v' }, 1000),
  'bucket.putOriginal': ({ s3 }) => bucketOf(s3).putOriginal({ key: incoming, ...content }),
  'bucket.putVariant': ({ s3 }) => bucketOf(s3).putVariant({ key: `${derived}small.webp`, ...content }),
  'bucket.findUploaded': ({ s3 }) => bucketOf(s3).findUploaded([incoming]),
  'bucket.deleteAt': async ({ s3 }) => {
    for (const place of [incoming, derived]) await bucketOf(s3).deleteAt([place]);
  },
  'bucket.deleteVersion': ({ s3 }) => bucketOf(s3).deleteVersion(incoming, 'v'),
  'deadLetters.sendLetters': ({ sqs }) =>
    openDeadLetterQueue({ queueUrl: 'https://sqs.example/dead-letters', client: sqs }).sendLetters([
      { body: 'x', reason: 'failed', attempts: 1, lastError: 'x' },
    ]),
  'queue.sendJobs': ({ sqs }) => queueOf(sqs).sendJobs([{ tenant: 'acme', imageId: 'image' }]),
  'queue.changeVisibility': ({ sqs }) => queueOf(sqs).changeVisibility('handle', 10),
  'queue.queueDepth': ({ sqs }) => queueOf(sqs).queueDepth(),
  'readyEvents.send': ({ events }) =>
    openReadyEvents({ bus: 'default', bucketName: 'images', client: events }).send([
      { tenant: 'acme', imageId: 'image' },
    ]),
  // They send nothing: the client uses the form or the URL.
  'uploadForms.uploadForm': () => [{ command: 'PutObjectCommand', key: incoming }],
  'delivery.variantUrl': () => [{ command: 'GetObjectCommand', key: `${derived}small.webp` }],
  'delivery.origin': () => [],
  'uploadForms.origin': () => [],
};

const content = { bytes: Buffer.from('x'), contentType: 'image/webp', sha256: 'ab'.repeat(32) };
const bucketOf = (client: S3Client) => openBucket({ bucketName: 'images', client });
const queueOf = (client: SQSClient) => openQueue({ queueUrl: 'https://sqs.example/jobs', client });

/** Makes one call and records its commands without sending them. Puts find that their key exists. */
export async function sentBy(way: string): Promise<Sent[]> {
  const sent: Sent[] = [];
  const note = (name: string, input: object) => {
    const { key, version } = objectOf(input);
    const queue = (input as { QueueUrl?: string }).QueueUrl;
    sent.push({
      command: version === undefined ? name : ofVersion(name),
      ...(key === undefined ? {} : { key }),
      ...(queue === undefined ? {} : { queue }),
    });
  };
  const s3 = new S3Client({ region: 'eu-central-1' });
  const sqs = new SQSClient({ region: 'eu-central-1' });
  const events = new EventBridgeClient({ region: 'eu-central-1' });
  s3.middlewareStack.add(
    (_next, { commandName = '' }) =>
      async ({ input }) => {
        note(commandName, input);
        if (commandName === 'PutObjectCommand' && 'IfNoneMatch' in input) throw preconditionFailed;
        const { Prefix, KeyMarker = '' } = input as { Prefix?: string; KeyMarker?: string };
        // A key is listed by its name, several by their prefix.
        const Key = Prefix ?? (derived.startsWith(KeyMarker) ? `${derived}small.webp` : incoming);
        const found = { Versions: [{ Key, VersionId: 'v', Size: 1 }] };
        const head = {
          ContentLength: 1,
          ChecksumSHA256: Buffer.from('ab'.repeat(32), 'hex').toString('base64'),
        };
        const output = { $metadata: {}, ...(commandName === 'ListObjectVersionsCommand' ? found : head) };
        return { output: output as never, response: {} };
      },
    { step: 'initialize' },
  );
  for (const { middlewareStack } of [sqs, events] as { middlewareStack: SQSClient['middlewareStack'] }[])
    middlewareStack.add(
      (_next, { commandName = '' }) =>
        async ({ input }) => {
          note(commandName, input);
          return { output: { $metadata: {} } as never, response: {} };
        },
      { step: 'initialize' },
    );
  const answer = await ways[way]?.({ s3, sqs, events });
  return /^(delivery|uploadForms)\./.test(way) ? (answer as Sent[]) : sent;
}
const preconditionFailed = Object.assign(new Error('taken'), { name: 'PreconditionFailed' });

function objectOf(input: object): { key: string | undefined; version: string | undefined } {
  type Named = { Key?: string; VersionId?: string };
  const { Delete, ...single } = input as Named & { Delete?: { Objects: Named[] } };
  const { Key: key, VersionId: version } = Delete?.Objects[0] ?? single;
  return { key, version };
}

/** The calls that a function's own folder makes, from its text. */
export function waysOf(name: FunctionName): string[] {
  const text = textOf(join('lambda', name));
  const found = [
    ...text.matchAll(/\b(bucket|queue|deadLetters|readyEvents|delivery|uploadForms)\??\.(\w+)\(/g),
  ].map(([, part, method]) => `${part}.${method}`);
  return [...new Set(found)].sort();
}

/** Every command and signer that the functions use. */
export function namedInCode(): { commands: string[]; signers: string[] } {
  const text = textOf('lambda');
  const all = (pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map(([name]) => name))].sort();
  const imported = [
    ...text.matchAll(/import \{([^}]*)\} from '@(?:aws-sdk\/(?!client-)|smithy\/signature-)/g),
    ...text.matchAll(/\{([^}]*)\} = await import\('@aws-sdk\/(?!client-)/g),
  ];
  return {
    commands: all(/\b[A-Z]\w+Command\b/g),
    signers: [
      ...new Set([
        ...imported.flatMap(([, names = '']) => names.split(',').map((one) => one.trim())),
        ...all(/\bsigner\.\w+(?=\()/g),
      ]),
    ].sort(),
  };
}

function textOf(folder: string): string {
  return readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(projectRoot, folder, file), 'utf8'))
    .join('\n');
}
