import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { smallPhoto } from '../support/pictures.ts';
import { until } from '../support/pipeline.ts';
import { behaviour } from './support/behaviour.ts';

/** A sweep a minute may postpone it once. */
const brownOutMs = 60_000;

behaviour(
  'a newer upload of the same name supersedes an older one, whichever file arrives first',
  {
    on: ['local', 'localstack', 'aws'],
    proves: '`replaces` in a ticket → the message of an older image is acknowledged without a decode',
  },
  async ({ client }) => {
    const photo = await smallPhoto(61);
    const name = { replaces: `avatar/${randomUUID()}` };
    const older = await client.ticket('image/jpeg', photo.length, name);
    const newer = await client.ticket('image/jpeg', photo.length, name);
    expect(await client.post(newer, photo)).toMatchObject({ status: 204 });
    expect(await client.finished(newer.id)).toMatchObject({ status: 'ready' });
    expect((await client.get(older.id)).status).toBe('awaiting_upload');
    expect(await client.post(older, photo)).toMatchObject({ status: 204 });
    expect(await client.finished(older.id)).toMatchObject({
      status: 'superseded',
      supersededBy: newer.id,
      variants: [],
    });
    expect(await client.get(newer.id)).toMatchObject({ status: 'ready' });
  },
);

behaviour(
  'while older work waits too long, an image is ready with the cheapest format of each preset, and says which follow',
  {
    on: ['local'],
    proves: 'the claim returns the age of the oldest waiting image, and the sandbox makes only JPEG',
  },
  async ({ client, sql, tenant }) => {
    const waits = randomUUID();
    await sql.query(
      `insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, ticket_expires_at)
       values ($1, $2, 'queued', 'image/jpeg', 1, '{small}', now() + interval '1 hour')`,
      [waits, tenant],
    );
    const photo = await smallPhoto(62);
    let image = await client.finished(await client.direct(photo));
    // A sweep in between sends its message again, and it waits from then on.
    await until(async () => {
      await sql.query("update image set enqueued_at = now() - interval '460 seconds' where id = $1", [waits]);
      image = await client.finished(await client.direct(photo));
      return image.variants.length === 3;
    }, brownOutMs);
    await sql.query('delete from image where id = $1', [waits]);
    expect(image.status).toBe('ready');
    expect(image.variants.map(({ format }) => format)).toEqual(['jpeg', 'jpeg', 'jpeg']);
    expect((image as { pending?: unknown }).pending).toEqual(
      ['large', 'medium', 'small'].map((preset) => ({ preset, format: 'modern' })),
    );
    const after = await client.finished(await client.direct(await smallPhoto(63)));
    expect(after.variants).toHaveLength(6);
  },
);
