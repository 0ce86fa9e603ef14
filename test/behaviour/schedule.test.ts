import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { derivedPrefix, incomingKey } from '../../lambda/domain/image.ts';
import { smallPhoto } from '../support/pictures.ts';
import { until } from '../support/pipeline.ts';
import { behaviour } from './support/behaviour.ts';
import type { Target } from './support/target.ts';

/** Longer than the sweep waits for an upload or a worker that began in time (5 minutes). */
const longAgo = "now() - interval '10 minutes'";
/** The schedule's interval is a minute. */
const sweptMs = 90_000;

behaviour(
  'the schedule runs the sweep: an unused ticket expires, and the objects and the row of a deleted image are removed',
  {
    on: ['local', 'localstack', 'aws'],
    proves: 'the rule invokes the sweep; DELETE removes original, variants and row',
    timeoutMs: 180_000,
  },
  async (target) => {
    const { client, sql } = target;
    const unused = await client.ticket('image/jpeg', 100);
    const deleted = await client.upload(await smallPhoto(41));
    expect((await client.finished(deleted)).status).toBe('ready');
    // The original, and three presets in two formats.
    expect(await objects(target, deleted)).toHaveLength(7);
    expect((await client.call('DELETE', `/v1/images/${deleted}`)).status).toBe(202);
    expect((await client.call('GET', `/v1/images/${deleted}`)).status).toBe(404);

    // Make the ticket expire now.
    const both = [unused.id, deleted];
    await sql.query(`update image set ticket_expires_at = ${longAgo} where id = any($1)`, [both]);
    await until(async () => (await client.get(unused.id)).status === 'expired', sweptMs);
    await until(async () => {
      const { rowCount } = await sql.query('select 1 from image where id = $1', [deleted]);
      return rowCount === 0;
    }, sweptMs);
    expect(await objects(target, deleted)).toEqual([]);
  },
);

/** Keys of all objects of an image. */
async function objects({ s3, bucket, tenant }: Target, id: string): Promise<string[]> {
  const keys: string[] = [];
  for (const Prefix of [incomingKey({ tenant, imageId: id }), derivedPrefix({ tenant, imageId: id })]) {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }));
    keys.push(...Contents.map(({ Key = '' }) => Key));
  }
  return keys;
}
