import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SQSClient } from '@aws-sdk/client-sqs';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { openDeadLetterQueue } from '../../../lambda/aws/dead-letters.ts';
import { openEventBuses } from '../../../lambda/aws/event-buses.ts';
import { openEventQueues } from '../../../lambda/aws/event-queues.ts';
import { openExportFiles } from '../../../lambda/aws/export-files.ts';
import { openMessageQueue } from '../../../lambda/aws/message-queue.ts';
import { openQueue } from '../../../lambda/aws/queue.ts';
import { openRefusedEvents } from '../../../lambda/aws/refused-events.ts';
import type { StorageClient, StorageRequest } from '../../../lambda/aws/storage-client.ts';
import type { ImageEvent } from '../../../lambda/domain/event.ts';
import type { FunctionName } from '../../../lib/catalogue/catalogue.ts';
import { projectRoot } from '../synthesis.ts';

/** One call for IAM, named as the SDK's command: an action on the resource that it names. */
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
  // The parts of a file are objects to IAM; S3 decrypts them to join them.
  CreateMultipartUploadCommand: { action: 's3:PutObject', kms: ['kms:GenerateDataKey'] },
  UploadPartCommand: { action: 's3:PutObject', kms: ['kms:GenerateDataKey', 'kms:Decrypt'] },
  CompleteMultipartUploadCommand: { action: 's3:PutObject', kms: ['kms:Decrypt'] },
  AbortMultipartUploadCommand: { action: 's3:AbortMultipartUpload', kms: [] },
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
 * permission. `SignatureV4` is what our signer signs with. The others read the environment, a table of regions and responses.
 */
export const signers: Record<string, string> = {
  'signer.postFields': 's3:PutObject',
  'signer.presignedGet': 's3:GetObject',
  Signer: 'rds-db:connect',
  SignatureV4: 's3:GetObject, s3:PutObject and the operations of our client',
  ALGORITHM_IDENTIFIER: 'nothing',
  createScope: 'nothing',
  'signer.endpoint': 'nothing',
  fromEnv: 'nothing',
  partition: 'nothing',
  parseXmlBody: 'nothing',
  parseXmlErrorBody: 'nothing',
  loadRestXmlErrorCode: 'nothing',
};

const incoming = 'incoming/acme/image';
const derived = 'derived/acme/image/';
const exported = 'exports/acme/export.csv.zst';

interface Clients {
  s3: StorageClient;
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
    for (const place of [incoming, derived, exported]) await bucketOf(s3).deleteAt([place]);
  },
  'bucket.deleteVersion': ({ s3 }) => bucketOf(s3).deleteVersion(incoming, 'v'),
  'files.create': ({ s3 }) => filesOf(s3).create(exported, { contentType: 'x', fileName: 'x' }),
  'files.putPart': ({ s3 }) => filesOf(s3).putPart(upload, 1, Buffer.from('x')),
  'files.complete': ({ s3 }) => filesOf(s3).complete(upload, ['x']),
  'files.abort': ({ s3 }) => filesOf(s3).abort(upload),
  'exportFiles.abort': ({ s3 }) => filesOf(s3).abort(upload),
  'deadLetters.sendLetters': ({ sqs }) =>
    openDeadLetterQueue({ queueUrl: 'https://sqs.example/dead-letters', client: sqs }).sendLetters([
      { body: 'x', reason: 'failed', attempts: 1, lastError: 'x' },
    ]),
  'queue.sendJobs': ({ sqs }) => queueOf(sqs).sendJobs([{ tenant: 'acme', imageId: 'image' }]),
  'queue.changeVisibility': ({ sqs }) => queueOf(sqs).changeVisibility('handle', 10),
  'queue.queueDepth': ({ sqs }) => queueOf(sqs).queueDepth(),
  'eventBuses.put': ({ events }) =>
    openEventBuses(events).put([
      { bus: 'default', source: 'sluice', detailType: 'x', detail: '{}', time: new Date(0), resources: [] },
    ]),
  // By our own client of SQS.
  'deliveries.send': ({ sqs }) =>
    openMessageQueue({ queueUrl: 'https://sqs.example/deliveries', client: sqs }).send([{ body: 'x' }]),
  'deliveryResults.send': ({ sqs }) =>
    openMessageQueue({ queueUrl: 'https://sqs.example/deliveryResults', client: sqs }).send([{ body: 'x' }]),
  'queues.send': ({ sqs }) =>
    openEventQueues({ queueUrls: consumerQueues, client: sqs }).send(
      [exampleEvent],
      new AbortController().signal,
    ),
  'refusedEvents.send': ({ sqs }) =>
    openRefusedEvents({
      queueUrl: 'https://sqs.example/refusedEvents',
      consumer: 'audit',
      client: sqs,
    }).send([{ text: 'x', code: 'x' }]),
  'nudges.send': () => [{ command: 'SendMessageCommand', queue: 'https://sqs.example/nudges' }],
  // They send nothing: the client uses the form or the URL.
  'uploadForms.uploadForm': () => [{ command: 'PutObjectCommand', key: incoming }],
  'delivery.variantUrl': () => [
    { command: 'GetObjectCommand', key: `${derived}small.webp` },
    { command: 'GetObjectCommand', key: exported },
  ],
  'delivery.origin': () => [],
  'uploadForms.origin': () => [],
  'nudges.settled': () => [],
};

const content = { bytes: Buffer.from('x'), contentType: 'image/webp', sha256: 'ab'.repeat(32) };
const exampleEvent: ImageEvent = {
  specversion: '1.0',
  id: '0199e6a8-0000-7000-8000-000000000000',
  source: 'sluice',
  type: 'image.deleted',
  subject: 'image',
  time: '2026-01-01T00:00:00Z',
  datacontenttype: 'application/json',
  dataschema: 'urn:sluice:image-event:1',
  tenant: 'acme',
  sequence: '1',
  data: {
    id: 'image',
    tenant: 'acme',
    status: 'deleted',
    createdAt: '2026-01-01T00:00:00Z',
    ageSeconds: 0,
    declared: { contentType: 'image/png', bytes: 1 },
    metadata: {},
  },
};
const upload = { key: exported, uploadId: 'u' };
const consumerQueues = ['analyticsEvents', 'auditEvents'].map((name) => `https://sqs.example/${name}`);
const filesOf = (client: StorageClient) => openExportFiles({ bucketName: 'images', client });
const bucketOf = (client: StorageClient) => openBucket({ bucketName: 'images', client });
const queueOf = (client: SQSClient) => openQueue({ queueUrl: 'https://sqs.example/jobs', client });

/** Makes one call and records its commands without sending them. Puts find that their key exists, files that they are complete. */
export async function sentBy(way: string): Promise<Sent[]> {
  const sent: Sent[] = [];
  const note = (name: string, input: object) => {
    const queue = (input as { QueueUrl?: string }).QueueUrl;
    sent.push({ command: name, ...(queue === undefined ? {} : { queue }) });
  };
  const s3 = recordingStorage((request) => sent.push(sentAs(request)));
  const sqs = new SQSClient({ region: 'eu-central-1' });
  const events = new EventBridgeClient({ region: 'eu-central-1' });
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
  return /^(delivery|uploadForms|nudges)\./.test(way) ? (answer as Sent[]) : sent;
}
const preconditionFailed = Object.assign(new Error('taken'), { name: 'PreconditionFailed' });
const noSuchUpload = Object.assign(new Error('joined before'), { name: 'NoSuchUpload' });

function sentAs({ operation, key, query = {}, body }: StorageRequest): Sent {
  const deleted = String(body?.bytes ?? '').match(/<Key>(.*?)<\/Key><VersionId>/)?.[1];
  const ofOneVersion = query.versionId !== undefined || operation === 'DeleteObjects';
  const named = operation === 'DeleteObjects' ? deleted : key;
  return {
    command: ofOneVersion ? ofVersion(`${operation}Command`) : `${operation}Command`,
    ...(named === undefined ? {} : { key: named }),
  };
}

const uploadOf = ({ uploadId }: typeof upload) =>
  `<InitiateMultipartUploadResult><UploadId>${uploadId}</UploadId></InitiateMultipartUploadResult>`;

/** A client of S3 that sends nothing. */
function recordingStorage(note: (request: StorageRequest) => void): StorageClient {
  const checksum = Buffer.from('ab'.repeat(32), 'hex').toString('base64');
  const headers = { 'content-length': '1', 'x-amz-checksum-sha256': checksum, etag: '"x"' };
  return {
    async send(request) {
      note(request);
      const { operation, query = {} } = request;
      if (operation === 'PutObject' && request.headers?.['if-none-match'] === '*') throw preconditionFailed;
      if (operation === 'CompleteMultipartUpload') throw noSuchUpload;
      if (operation === 'CreateMultipartUpload') return { headers, body: Buffer.from(uploadOf(upload)) };
      // A key is listed by its name, several by their prefix.
      const start = query['key-marker'] ?? '';
      const there = [`${derived}small.webp`, exported, incoming];
      const key = query.prefix ?? there.find((one) => one.startsWith(start)) ?? incoming;
      const version = `<Version><Key>${key}</Key><VersionId>v</VersionId><Size>1</Size></Version>`;
      const list =
        operation === 'ListObjectVersions' ? `<ListVersionsResult>${version}</ListVersionsResult>` : '';
      return { headers, body: Buffer.from(list) };
    },
    async open(request) {
      note(request);
      return { headers, body: Readable.from([Buffer.from('x')]) as IncomingMessage };
    },
    destroy: () => undefined,
  };
}

/** The calls that a function's own folder makes, from its text, and those of a consumer's frame. */
export function waysOf(name: FunctionName): string[] {
  const own = textOf(join('lambda', name));
  const text = own.includes('consumerHandler(') ? own + textOf('lambda/runtime/consume') : own;
  const found = [
    ...text.matchAll(
      /\b(bucket|files|exportFiles|queue|queues|refusedEvents|deliveries|deliveryResults|nudges|deadLetters|eventBuses|delivery|uploadForms)\??\.(\w+)\(/g,
    ),
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
    commands: [
      ...all(/\b[A-Z]\w+Command\b/g),
      ...all(/\boperation: '[A-Z]\w+'/g).map((one) => `${one.slice("operation: '".length, -1)}Command`),
    ].sort(),
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
