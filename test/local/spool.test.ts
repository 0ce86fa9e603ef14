import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Spool } from '../../local/s3/spool.ts';
import { temporaryFolder } from './test-host.ts';

const part = (size: number, value: number) => Buffer.alloc(size, value);
const digest = (parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest('hex');

async function read(spool: Spool): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of spool.read()) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

test.each([
  ['small, in memory', [part(10, 1), part(20, 2)], 0],
  ['large, in a file', [part(900_000, 1), part(900_000, 2), part(7, 3), part(0, 4), part(900_000, 5)], 1],
])('a body that is %s is returned unchanged', async (_what, parts, files) => {
  const folder = temporaryFolder();
  const spool = new Spool(folder);
  for (const one of parts) await spool.write(one);
  expect(spool.bytes).toBe(Buffer.concat(parts).length);
  expect((await read(spool)).equals(Buffer.concat(parts))).toBe(true);
  expect(spool.digests.sha256Hex).toBe(digest(parts));
  expect(readdirSync(folder)).toHaveLength(files);
  await spool.discard();
  expect(readdirSync(folder)).toEqual([]);
});

test('a full or missing disk fails the write and nothing else', async () => {
  const spool = new Spool(join(temporaryFolder(), 'none'));
  await spool.write(part(10, 1));
  await expect(spool.write(part(2_000_000, 1))).rejects.toMatchObject({ code: 'ENOENT' });
  await spool.discard();
});
