import { createHash } from 'node:crypto';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';
import type { RunningPipeline } from '../../../local/pipeline.ts';
import { SqsQueue } from '../../../local/queues/sqs.ts';
import { type Change, changesAfter, variantsAgain } from './audit.ts';

/** Images whose variants are read from the bucket. */
const sample = 100;

export interface Verified {
  /** All changes of images. Those that the sampler read lack what was committed long after it was written. */
  changes: Change[];
  /** Images whose recorded variants were compared with the bucket, and those that differed. */
  verified: number;
  differing: number;
  variantsAgain: number;
  /** Images in the dead-letter queue that no worker had claimed. */
  untriedDead: number;
  dead: number;
}

/** Compares the database with the bucket and with the dead-letter queue, which is emptied. */
export async function verify(pipeline: RunningPipeline, tenants: readonly string[]): Promise<Verified> {
  const client = new pg.Client(pipeline.database);
  await client.connect();
  try {
    const changes = await changesAfter(client, 0);
    const dead = await deadLetters(pipeline);
    const { rows: untried } = await client.query<{ count: number }>(
      'select count(*)::int as count from image where id = any ($1) and attempt = 0',
      [dead],
    );
    return {
      changes,
      ...(await compareVariants(client, pipeline, tenants)),
      variantsAgain: await variantsAgain(client),
      untriedDead: untried[0]?.count ?? 0,
      dead: dead.length,
    };
  } finally {
    await client.end();
  }
}

async function compareVariants(
  client: pg.Client,
  { s3, bucket }: RunningPipeline,
  tenants: readonly string[],
) {
  const { rows } = await client.query<{ image: string; variants: { key: string; sha256: string }[] }>(
    `select image.id as image, coalesce(json_agg(json_build_object('key', key, 'sha256', sha256))
       filter (where key is not null), '[]') as variants
     from (select id from image where status = 'ready' and tenant_id = any ($1) order by md5(id::text) limit ${sample}) image
     left join variant on image_id = image.id group by image.id`,
    [tenants],
  );
  const { accessKeyId, secretAccessKey, endpoint, region } = s3;
  const storage = new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
  });
  let differing = 0;
  for (const { variants } of rows) {
    const same = await Promise.all(
      variants.map(async ({ key, sha256 }) => {
        const object = await storage
          .send(new GetObjectCommand({ Bucket: bucket, Key: key }))
          .catch(() => undefined);
        const bytes = await object?.Body?.transformToByteArray();
        return bytes !== undefined && createHash('sha256').update(bytes).digest('hex') === sha256;
      }),
    );
    // An image that is ready has variants.
    if (same.length === 0 || same.includes(false)) differing += 1;
  }
  storage.destroy();
  return { verified: rows.length, differing };
}

/** The images of all messages in the dead-letter queue. @throws Error if some could not be received or name no image */
async function deadLetters({ sqs, queue: depths }: RunningPipeline): Promise<string[]> {
  const { dead } = await depths();
  let received = 0;
  const queue = new SqsQueue(sqs.endpoint, sqs.dlqUrl);
  const images = new Set<string>();
  for (;;) {
    const messages = await queue.receive(10, 0);
    if (messages.length === 0) {
      if (received < dead) throw new Error(`${received} of ${dead} dead letters were received.`);
      return [...images];
    }
    received += messages.length;
    for (const { Body } of messages) {
      const { imageId } = JSON.parse(Body) as { imageId?: string };
      if (imageId === undefined) throw new Error(`A dead letter names no image: ${Body}`);
      images.add(imageId);
    }
    await queue.delete(messages);
  }
}
