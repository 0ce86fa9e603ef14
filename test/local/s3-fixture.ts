/* The S3 edge before a real fauxqs, for the tests of its file. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost, type PresignedPostOptions } from '@aws-sdk/s3-presigned-post';
import { afterAll, beforeAll, beforeEach, expect, vi } from 'vitest';
import { ProcessLedger } from '../../local/processes/ledger.ts';
import { type RunningFauxqs, startFauxqs } from '../../local/queues/fauxqs.ts';
import type { CreatedObject } from '../../local/s3/created-event.ts';
import { type RunningEdge, startS3Edge } from '../../local/s3/edge.ts';
import { patience } from '../support/pace.ts';

export const bucket = 'pictures';
export const origin = 'http://127.0.0.1:8787';
export const credentials = { accessKeyId: 'LOCALKEY', secretAccessKey: 'a secret', region: 'us-east-1' };
let home: string;
export let fauxqs: RunningFauxqs;
export let edge: RunningEdge;
export let client: S3Client;
/** What the edge announced since the test began. */
export let created: CreatedObject[] = [];
const trouble: string[] = [];
/** Added to the edge's clock. */
let later = 0;
export function turnClock(ms: number): void {
  later = ms;
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'sluice-edge-'));
  fauxqs = await startFauxqs({
    dataFolder: join(home, 'queues'),
    objectFolder: join(home, 'objects'),
    logFolder: join(home, 'logs'),
    ledger: new ProcessLedger(join(home, 'run'), home),
  });
  await fetch(`${fauxqs.endpoint}/${bucket}`, { method: 'PUT' });
  edge = await startS3Edge({
    upstream: fauxqs.endpoint,
    credentials,
    cors: {
      allowedOrigins: [origin],
      allowedMethods: ['GET', 'HEAD', 'POST'],
      allowedHeaders: ['*'],
      exposeHeaders: ['ETag', 'Location'],
      maxAgeSeconds: 3600,
    },
    spoolFolder: join(home, 'spool'),
    port: 0,
    onCreated: async (object) => void created.push(object),
    onTrouble: (line) => trouble.push(line),
    now: () => Date.now() + later,
  });
  client = connect();
});
afterAll(async () => {
  await edge.close();
  await fauxqs.stop();
  // An upload whose client has gone is cleaned up a moment after the edge has closed.
  await vi.waitFor(() => expect(readdirSync(join(home, 'spool'))).toEqual([]), patience(10_000));
  rmSync(home, { recursive: true, force: true });
  expect(trouble).toEqual([]);
});
beforeEach(() => {
  created = [];
  later = 0;
});

export function connect(options: Partial<ConstructorParameters<typeof S3Client>[0]> = {}): S3Client {
  return new S3Client({
    endpoint: edge.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials,
    maxAttempts: 1,
    ...options,
  });
}

export const newKey = () => `incoming/acme/${randomUUID()}`;
export const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('base64');
export const codeOf = (xml: string) => /<Code>(.*)<\/Code>/.exec(xml)?.[1];
export const messageOf = (xml: string) =>
  /<Message>(.*)<\/Message>/.exec(xml)?.[1]?.replaceAll('&quot;', '"');

export async function presign(key: string, options: Partial<PresignedPostOptions> = {}) {
  return createPresignedPost(client, {
    Bucket: bucket,
    Key: key,
    Fields: { 'Content-Type': 'image/jpeg' },
    Conditions: [['content-length-range', 2, 10]],
    Expires: 60,
    ...options,
  });
}

export function post(
  url: string,
  fields: Record<string, string>,
  bytes: string | Uint8Array<ArrayBuffer> = 'bytes',
  init: RequestInit = {},
) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([bytes]), 'photo.jpg');
  return fetch(url, { method: 'POST', body: form, ...init });
}

export async function refusal(answer: Response): Promise<[number, string | undefined, string | undefined]> {
  const xml = await answer.text();
  return [answer.status, codeOf(xml), messageOf(xml)];
}
