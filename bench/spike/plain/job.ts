import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';

/** The body of a message. */
export interface PlainJob {
  imageId: string;
  poison: boolean;
}

/** The decode of an image fails. */
export class BadImage extends Error {
  override readonly name = 'BadImage';
}

/**
 * One image: 13 single statements on the connection that the execution holds. Decode and storage are a wait, the job's time as
 * calibrated in the run of Sluice. The transaction is around the writes only; around the whole job it would be worse.
 * @throws BadImage, or an error of the driver
 */
export async function makeVariants(client: pg.Client, job: PlainJob, seconds: number): Promise<void> {
  const { imageId } = job;
  await client.query('select * from image where id = $1', [imageId]);
  await client.query('select * from preset');
  await client.query("update image set status = 'processing' where id = $1", [imageId]);
  await pause((job.poison ? seconds / 5 : seconds) * 1000);
  if (job.poison) throw new BadImage('Input buffer contains unsupported image format');
  await client.query('begin');
  for (const preset of ['large', 'medium', 'small'])
    for (const format of ['webp', 'jpeg'])
      await client.query('insert into variant (image_id, preset, format, key) values ($1, $2, $3, $4)', [
        imageId,
        preset,
        format,
        `derived/${imageId}/${preset}.${format}`,
      ]);
  await client.query("update image set status = 'ready', ready_at = clock_timestamp() where id = $1", [
    imageId,
  ]);
  await client.query('insert into job_log (image_id) values ($1)', [imageId]);
  await client.query('commit');
}
