import type pg from 'pg';
import type { Connection } from '../../lambda/postgres/connection/connection.ts';
import { type Claim, claimImages } from '../../lambda/postgres/images/claim.ts';
import { commitResults, type JobResult } from '../../lambda/postgres/images/commit.ts';

/** An image to work on. */
export interface Target {
  imageId: string;
  tenant: string;
}

export const maxAttempts = 5;
const formats = ['webp', 'jpeg'] as const;
export const sides = { large: 1600, medium: 800, small: 320 };

/** The six variants of an image, as the presets out of the box make them. */
export function variantsOf({ imageId, tenant }: Target) {
  return Object.entries(sides).flatMap(([preset, width]) =>
    formats.map((format) => ({
      preset,
      format,
      contentType: `image/${format}` as const,
      width,
      height: (width * 3) / 4,
      frames: 1,
      bytes: 90 * width,
      sha256: 'ab'.repeat(32),
      key: `derived/${tenant}/${imageId}/${width}.${format}`,
    })),
  );
}

export const original = { contentType: 'image/jpeg', bytes: 2_481_077, width: 4000, height: 3000, frames: 1 };
export const placeholder = { color: '#336699', hash: { type: 'thumbhash' as const, value: 'x'.repeat(28) } };

/** One statement that claims a batch. */
export function claim(connection: Connection, batch: readonly Target[]): Promise<Claim[]> {
  return claimImages(connection, batch, { leaseSeconds: 65, maxAttempts, alone: false, beginning: 3 });
}

/** One statement that records the results of a batch. */
export async function commit(
  connection: Connection,
  batch: readonly Target[],
  claims: readonly Claim[],
): Promise<void> {
  const results = batch.map((target, place): JobResult => {
    const claimed = claims[place];
    if (claimed?.outcome !== 'claimed') throw new Error(`not claimed: ${claimed?.outcome}`);
    const { imageId, attempt } = claimed;
    const uploads = { version: 'v1', later: [] };
    return {
      imageId,
      attempt,
      outcome: 'ready',
      uploads,
      original,
      placeholder,
      variants: variantsOf(target),
    };
  });
  const commits = await commitResults(connection, results, { maxAttempts });
  if (commits.some(({ state }) => state !== 'written')) throw new Error('a result was not written');
}

/** The same work as everybody writes it first: thirteen single statements a job on an open connection. */
export async function thirteenStatements(client: pg.Client, target: Target): Promise<void> {
  const { imageId } = target;
  await client.query('begin');
  await client.query('select * from image where id = $1 for update', [imageId]);
  await client.query(
    "update image set status = 'processing', attempt = attempt + 1, lease_expires_at = now() + interval '65 s', lease_stage = 'beside', updated_at = now() where id = $1",
    [imageId],
  );
  await client.query('commit');
  await client.query('begin');
  for (const one of variantsOf(target))
    await client.query(
      'insert into variant (image_id, preset, format, content_type, width, height, frames, bytes, sha256, key) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
      [imageId, ...Object.values(one)],
    );
  await client.query(
    "update image set status = 'ready', lease_expires_at = null, lease_stage = null, content_type = $2, bytes = $3, width = $4, height = $5, frames = $6, original_version = 'v1', placeholder = $7, updated_at = now() where id = $1",
    [imageId, ...Object.values(original), placeholder],
  );
  await client.query('commit');
}
