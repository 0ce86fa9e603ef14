/* The local S3 in its own folder, for the tests of a file. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost, type PresignedPostOptions } from '@aws-sdk/s3-presigned-post';
import { afterAll, beforeAll, beforeEach, expect, vi } from 'vitest';
import type { CreatedObject } from '../../local/s3/created-event.ts';
import { type RunningS3, startS3 } from '../../local/s3/server.ts';
import { patience } from '../support/pace.ts';

export const bucket = 'pictures';
export const origin = 'http://127.0.0.1:8787';
export const credentials = { accessKeyId: 'LOCALKEY', secretAccessKey: 'a secret', region: 'us-east-1' };
let home: string;
export const objectFolder = () => join(home, 'objects');
export let s3: RunningS3;
export let client: S3Client;
/** Events since the test began. */
export let created: CreatedObject[] = [];
/** Internal errors of S3; none may remain at the end of a file. */
export const trouble: string[] = [];
/** Added to the clock of S3. */
let later = 0;
export function turnClock(ms: number): void {
  later = ms;
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'sluice-s3-'));
  s3 = await start();
  client = connect();
});

function start(): Promise<RunningS3> {
  return startS3({
    folder: objectFolder(),
    buckets: [bucket, 'elsewhere'],
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
}

/** Restarts S3 on the same folder and another port. */
export async function restart(between: (folder: string) => void = () => undefined): Promise<void> {
  await s3.close();
  between(objectFolder());
  s3 = await start();
  client = connect();
}
afterAll(async () => {
  await s3.close();
  // An abandoned upload is cleaned up shortly after S3 has closed.
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
    endpoint: s3.endpoint,
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
