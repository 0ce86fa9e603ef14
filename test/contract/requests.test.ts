import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, createApi } from '../../lambda/api/api.ts';
import { openBucket } from '../../lambda/aws/bucket.ts';
import { silentNudges } from '../../lambda/aws/nudges.ts';
import { openPresignedDelivery } from '../../lambda/aws/presigned-delivery.ts';
import { openQueue } from '../../lambda/aws/queue.ts';
import { openUploadForms } from '../../lambda/aws/upload-forms.ts';
import { type ImageStatus, imageStatuses } from '../../lambda/domain/image.ts';
import { openAdmission } from '../../lambda/policy/admission/admission.ts';
import type { Database } from '../../lambda/postgres/connection/connection.ts';
import { findImage, listImages } from '../../lambda/postgres/images/reading.ts';
import { silentMetrics } from '../../lambda/runtime/metrics.ts';
import type { TestDatabase } from '../support/database.ts';
import { openDatabase, quotasOf, settings } from '../unit/api/test-api.ts';
import { type Cloud, startCloud } from '../unit/aws/cloud.ts';
import { agedDatabase } from './aged-database.ts';
import { recordings } from './recordings.ts';

const folder = join(import.meta.dirname, 'rows');
const image = '018f7a3e-5b2c-7c41-9d0e-3f2a1b4c5d6e';
/** In the order in which they are sent: what deletes comes last. */
const answers: Record<string, { status: number; says?: object; replayed?: boolean }> = {
  'request.health.v1.json': { status: 200 },
  'request.presets.v1.json': { status: 200 },
  'request.status.v1.json': { status: 200, says: { id: image, status: 'queued' } },
  'request.list.v1.json': { status: 200, says: { images: [{ id: image }] } },
  'request.next-page.v1.json': {
    status: 200,
    says: { images: [{ id: image }, {}], nextCursor: expect.any(String) },
  },
  'request.ticket.v1.json': { status: 201, says: { status: 'awaiting_upload' } },
  'request.ticket-in-full.v1.json': { status: 201, says: { id: image }, replayed: true },
  'request.direct.v1.json': { status: 202, says: { status: 'queued' } },
  'request.direct-with-metadata.v1.json': { status: 202, says: { status: 'queued' } },
  'request.list-under-a-name.v1.json': {
    status: 200,
    says: {
      images: expect.arrayContaining([expect.objectContaining({ metadata: { album: 'Süd' }, variants: [] })]),
    },
  },
  'request.edit.v1.json': {
    status: 200,
    says: { id: image, status: 'queued', metadata: { album: 'Winter' }, replaces: 'avatar/42' },
  },
  'request.preflight.v1.json': { status: 204 },
  'request.delete.v1.json': { status: 202 },
};

describe.each(readdirSync(folder))('rows of %s', (file) => {
  let cloud: Cloud;
  let rows: TestDatabase;
  let database: Database;
  let api: Api;
  beforeAll(async () => {
    [cloud, rows] = await Promise.all([
      startCloud(),
      agedDatabase(file.slice(0, 6), readFileSync(join(folder, file), 'utf8')),
    ]);
    const { bucketName, queueUrl } = cloud;
    database = openDatabase(rows);
    const silent = () => undefined;
    api = createApi({
      settings,
      database,
      bucket: openBucket({ bucketName }),
      queue: openQueue({ queueUrl }),
      deliveryResults: { send: async () => new Map() },
      nudges: silentNudges,
      delivery: openPresignedDelivery({ bucketName }),
      uploadForms: openUploadForms({ bucketName }),
      admission: openAdmission(settings.admission, () => performance.now()),
      quotas: quotasOf(database),
      log: { debug: silent, info: silent, warn: silent, error: silent, remember() {}, forget() {} },
      metrics: silentMetrics,
      pause: async () => undefined,
      consoleRoot: folder,
    });
  });
  afterAll(async () => {
    await database.close();
    await Promise.all([cloud.stop(), rows.drop()]);
  });

  it('every recorded image is read, whatever its status', async () => {
    const found = await database.run((connection) => listImages(connection, 'acme', { limit: 100 }));
    // Superseded images came with migration 13.
    const then = imageStatuses.filter((status) => status !== 'superseded' || file >= '000013');
    expect(new Set(found.map(({ status }) => status))).toEqual(new Set<ImageStatus>(then));
    const ready = found.find(({ status }) => status === 'ready');
    const whole = await database.run((connection) =>
      findImage(connection, { tenant: 'acme', imageId: ready?.id ?? '' }),
    );
    expect(whole?.variants).toMatchObject([{ preset: 'small', format: 'webp', bytes: 9312 }]);
    // Frames and placeholders came with migration 3; what is older has none, and its variants do not move.
    const later = file >= '000003';
    expect(whole?.variants[0]?.frames).toBe(later ? 12 : 1);
    expect([whole?.frames, whole?.placeholder?.color]).toEqual(later ? [12, '#336699'] : [null, undefined]);
  });

  it('every recorded request gets its recorded response', async () => {
    const recorded = new Map(recordings('request').map(({ name, message }) => [name, message]));
    expect([...recorded.keys()].sort(), 'each has its answer here').toEqual(Object.keys(answers).sort());
    for (const [name, { status, says, replayed }] of Object.entries(answers)) {
      const answer = await api(recorded.get(name) as APIGatewayProxyEvent);
      // Since migration 4 a kept answer is made anew: that of a ticket says 200 once its file has come.
      const anew = name === 'request.ticket-in-full.v1.json' && file >= '000004';
      expect(answer.statusCode, `${name}: ${answer.body}`).toBe(anew ? 200 : status);
      if (says !== undefined) expect(JSON.parse(answer.body), name).toMatchObject(says);
      expect(answer.headers?.['Idempotency-Replayed'] === 'true', name).toBe(replayed ?? false);
    }
  });
});
