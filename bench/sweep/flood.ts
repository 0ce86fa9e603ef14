import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import type pg from 'pg';
import { derivedPrefix, incomingKey } from '../../lambda/domain/image.ts';

/** The amount of work for the sweep. */
export interface Flood {
  tickets: number;
  keys: number;
  /** Deleted images, each with an original and six variants. */
  deleted: number;
}

/** A flood of one tenant, with ids in the order of time. Every twentieth ticket was used, and its image is ready. */
export async function makeFlood(client: pg.Client, s3: S3Client, flood: Flood): Promise<void> {
  await client.query("insert into tenant (id) values ('flood')");
  await client.query(
    `insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, ticket_expires_at)
     select uuidv7(interval '-1 hour'), 'flood', 'awaiting_upload', 'image/jpeg', 1, '{small}', now() - interval '45 minutes'
     from generate_series(1, $1::int)`,
    [flood.tickets],
  );
  await client.query(
    `insert into idempotency_key (tenant_id, key, request_sha256, locked_until, expires_at)
     select 'flood', 'order-' || n, decode(repeat('ab', 32), 'hex'), now(), now() - interval '1 minute'
     from generate_series(1, $1::int) n`,
    [flood.keys],
  );
  const { rows: deleted } = await client.query<{ id: string }>(
    `insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, ticket_expires_at, deleted_at)
     select uuidv7(interval '-2 hours'), 'flood', 'ready', 'image/jpeg', 1, '{small}', now() - interval '1 hour', now()
     from generate_series(1, $1::int) returning id`,
    [flood.deleted],
  );
  const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket: 'pictures', Key, Body: 'something' }));
  await pLimit(32).map(deleted, async ({ id }) => {
    await put(incomingKey({ tenant: 'flood', imageId: id }));
    for (let n = 0; n < 6; n += 1)
      await put(`${derivedPrefix({ tenant: 'flood', imageId: id })}small.${n}.webp`);
  });
  await client.query('vacuum (analyze)');
}
