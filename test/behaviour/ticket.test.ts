import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { incomingKey } from '../../lambda/domain/image.ts';
import { smallPhoto } from '../support/pictures.ts';
import { until } from '../support/pipeline.ts';
import { behaviour } from './support/behaviour.ts';

behaviour(
  'a ticket is one upload: the first file is processed and kept, whatever is posted later',
  {
    on: ['local', 'localstack', 'aws'],
    proves: 'the bucket keeps versions; the first is the image, and the others are recorded for the sweep',
  },
  async ({ client, sql, log, s3, bucket, tenant }) => {
    const [first, second, third] = await Promise.all([
      smallPhoto(51, 400, 300),
      smallPhoto(52, 500, 300),
      smallPhoto(53, 600, 300),
    ]);
    const largest = Math.max(first.length, second.length, third.length);
    const ticket = await client.ticket('image/jpeg', largest);
    for (const photo of [first, second])
      expect(await client.post(ticket, photo)).toMatchObject({ status: 204 });
    const image = await client.finished(ticket.id);
    expect(image).toMatchObject({ status: 'ready', original: { width: 400, bytes: first.length } });

    const { rows } = await sql.query<{ original: string }>(
      'select original_version as original from image where id = $1',
      [ticket.id],
    );
    const firstVersion = rows[0]?.original;
    const uploads = async () => {
      const prefix = incomingKey({ tenant, imageId: ticket.id });
      const { Versions = [] } = await s3.send(
        new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix }),
      );
      return Versions.map(({ VersionId }) => VersionId);
    };
    const noted = async (): Promise<unknown[]> => {
      const { rows } = await sql.query('select version_id from extra_upload where image_id = $1', [
        ticket.id,
      ]);
      return rows.map(({ version_id }) => version_id);
    };
    expect(await client.post(ticket, third)).toMatchObject({ status: 204 });
    // The sweep deletes the record of a version after removing it, so that it may be missing by now.
    await until(async () => {
      const [later, known] = [(await uploads()).filter((version) => version !== firstVersion), await noted()];
      return later.every((version) => known.includes(version));
    });
    expect(await uploads()).toContain(firstVersion);
    const after = await client.get(ticket.id);
    expect(after).toMatchObject({ updatedAt: image.updatedAt, original: image.original });
    expect(after.variants.map(({ sha256 }) => sha256)).toEqual(image.variants.map(({ sha256 }) => sha256));
    const processed = (await log('process')).filter(
      ({ message, imageId }) => message === 'Processed' && imageId === ticket.id,
    );
    expect(processed).toHaveLength(1);
  },
);

behaviour(
  'several tickets of one request are images of their own, and one request follows them all',
  {
    on: ['local', 'localstack', 'aws'],
    proves:
      'POST /v1/tickets is validated by the gateway and one statement; `ids` and `wait` pass the gateway',
  },
  async ({ client }) => {
    const photos = await Promise.all([54, 55].map((seed) => smallPhoto(seed, 400, 300)));
    const json = { 'content-type': 'application/json' };
    const wanted = photos.map(({ length }) => ({ contentType: 'image/jpeg', bytes: length }));
    const tickets = [...wanted, { contentType: 'image/jpeg' }];
    const response = await client.callPatiently('POST', '/v1/tickets', {
      body: JSON.stringify({ tickets }),
      headers: json,
    });
    expect(response.status).toBe(200);
    const [first, second, invalid] = (await response.json()).tickets;
    expect(invalid).toMatchObject({ problem: { code: 'invalid_request', errors: [{ path: 'bytes' }] } });
    for (const [index, ticket] of [first, second].entries())
      expect(await client.post(ticket, photos[index] as Buffer)).toMatchObject({ status: 204 });
    const ids = [second.id, first.id];
    const together = async () => {
      const path = `/v1/images?include=variants&ids=${ids.join(',')}`;
      return (await client.callPatiently('GET', path)).json();
    };
    await until(async () => {
      const { images } = await together();
      return images.every(({ status }: { status: string }) => status === 'ready');
    });
    const { images, missing } = await together();
    expect(images.map(({ id }: { id: string }) => id)).toEqual(ids);
    expect(missing).toEqual([]);
    // A final image is not waited for.
    const held = await client.callPatiently('GET', `/v1/images/${first.id}?wait=20`);
    expect(await held.json()).toMatchObject({
      id: first.id,
      status: 'ready',
      updatedAt: images[1].updatedAt,
    });
  },
);
