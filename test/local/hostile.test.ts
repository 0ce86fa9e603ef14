import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rejectionCodes } from '../../lambda/domain/failure.ts';
import { type Client, openClient } from '../support/client.ts';
import { galleryFiles, hasGallery, smallPhoto } from '../support/pictures.ts';
import { drained, startTestPipeline, type TestPipeline } from '../support/pipeline.ts';

/* Broken, mislabelled, oversized and dangerous files, among healthy ones, through presigned POST. */
const hostile = galleryFiles('hostile');

describe.skipIf(!hasGallery)('hostile files', () => {
  let pipeline: TestPipeline;
  let client: Client;
  beforeAll(async () => {
    pipeline = await startTestPipeline();
    client = openClient(pipeline.url, pipeline.apiKey);
  });
  afterAll(() => pipeline?.stop());

  it('all end rejected with a code on their first receive; healthy images between them come out; queues end empty', async () => {
    const healthy = await smallPhoto(1);
    const outcomes = await Promise.all(
      hostile.map(async ({ name, bytes }, index) => {
        // S3 itself refuses an empty file where the ticket admits 1 byte and more.
        if (bytes.length === 0) {
          const ticket = await client.ticket('image/jpeg', 1);
          const { status, text } = await client.post(ticket, bytes);
          return {
            name,
            status: status === 400 && text.includes('EntityTooSmall') ? 'rejected' : `S3 ${status}`,
            code: 'empty_file',
          };
        }
        const id = await client.upload(bytes);
        const image = await client.finished(id, 200_000);
        if (index % 10 === 0) {
          const between = await client.finished(await client.upload(healthy), 200_000);
          if (between.status !== 'ready')
            return { name: `healthy after ${name}`, status: between.status, code: between.error?.code };
        }
        return { name, status: image.status, code: image.error?.code };
      }),
    );
    const wrong = outcomes.filter(
      ({ status, code }) => status !== 'rejected' || !rejectionCodes.some((known) => known === code),
    );
    expect(wrong).toEqual([]);
    expect(outcomes.length).toBe(hostile.length);

    const { rows } = await pipeline.sql.query<{ attempts: number }>(
      'select max(attempt)::int as attempts from image',
    );
    expect(rows).toEqual([{ attempts: 1 }]);
    await drained(pipeline);
    expect(await pipeline.queueDepth()).toBe(0);
    expect(await pipeline.dlqDepth()).toBe(0);
  }, 240_000);
});
