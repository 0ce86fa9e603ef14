import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { temporaryFolder } from './test-host.ts';

const Bucket = 'pictures';
const writers = 8;
const rounds = 3;

async function start(home: string): Promise<{ child: ChildProcess; client: S3Client }> {
  const child = fork(join(import.meta.dirname, 's3-process.ts'), [home]);
  const [{ endpoint }] = (await once(child, 'message')) as [{ endpoint: string }];
  const credentials = { accessKeyId: 'LOCALKEY', secretAccessKey: 'a secret' };
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials,
    maxAttempts: 1,
  });
  return { child, client };
}

test('acknowledged objects survive a kill -9 complete, and no partial ones remain', async () => {
  const home = temporaryFolder();
  const acknowledged = new Map<string, { key: string; body: string }>();
  const removing = new Set<string>();
  const removed = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    const { child, client } = await start(home);
    let acks = 0;
    const work = Array.from({ length: writers }, async (_, writer) => {
      for (let turn = 0; ; turn++) {
        const key = `incoming/acme/${writer}`;
        // Some are in files of their own, some in packs.
        const body = `${round} ${writer} ${turn} `.repeat(turn % 7 === 1 ? 200_000 : 10);
        const { VersionId = '' } = await client.send(new PutObjectCommand({ Bucket, Key: key, Body: body }));
        acknowledged.set(VersionId, { key, body });
        if (turn % 3 === 2) {
          removing.add(VersionId);
          await client.send(new DeleteObjectCommand({ Bucket, Key: key, VersionId }));
          removed.add(VersionId);
        }
        // During other requests, at a different point each time.
        if (++acks === 20 + 7 * round) child.kill('SIGKILL');
      }
    });
    await Promise.allSettled([...work, once(child, 'exit')]);
    client.destroy();
  }

  const { child, client } = await start(home);
  const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
  const listed = new Set(Versions.map(({ VersionId }) => VersionId));
  expect(removed.size).toBeGreaterThan(0);
  for (const id of removed) expect(listed.has(id)).toBe(false);
  for (const [VersionId, { key, body }] of acknowledged) {
    // Deleted, or being deleted.
    if (!listed.has(VersionId)) continue;
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: key, VersionId }));
    expect((await Body?.transformToString()) === body).toBe(true);
  }
  const lost = [...acknowledged.keys()].filter((id) => !listed.has(id) && !removing.has(id));
  expect(lost).toEqual([]);
  client.destroy();
  child.kill('SIGKILL');
  await once(child, 'exit');

  const index = new DatabaseSync(join(home, 'objects', 'index.db'));
  expect(index.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
  const bodies = index.prepare("select body from version where body <> ''").all();
  index.close();
  const names = bodies.map(({ body }) => String(body));
  const files = names.filter((name) => !name.startsWith('pack-'));
  const packs = names.filter((name) => name.startsWith('pack-')).map((name) => name.split('-')[1]);
  expect([files.length > 0, packs.length > 0]).toEqual([true, true]);
  const entries = readdirSync(join(home, 'objects', 'bodies'), { recursive: true, withFileTypes: true });
  const found = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  expect(found.sort()).toEqual([...files, ...new Set(packs)].sort());
  expect(readdirSync(join(home, 'spool'))).toEqual([]);
});
