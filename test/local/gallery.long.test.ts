import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, openClient } from '../support/client.ts';
import { beginsLikeAvif, type Indexed, indexedFiles } from '../support/gallery-index.ts';
import { patience } from '../support/pace.ts';
import { hasGallery, smallPhoto } from '../support/pictures.ts';
import { drained, type Overrides, startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { withPlainFormats } from '../support/plain-formats.ts';

/* All files next to the checkout, valid and broken, odd and dangerous, by presigned POST through the built functions. */
const files = indexedFiles();

/** A pipeline for the tests of one `describe`. */
function usePipeline(overrides: Overrides) {
  const used = {} as { pipeline: TestPipeline; client: Client };
  beforeAll(async () => {
    used.pipeline = await startTestPipeline(overrides);
    used.client = openClient(used.pipeline.url, used.pipeline.apiKey);
  });
  afterAll(() => used.pipeline?.stop());
  return used;
}

/** The result of a file in the terms of the index, with its size if known. */
async function endOf(client: Client, { bytes }: Pick<Indexed, 'bytes'>) {
  // S3 itself refuses an empty file, because the ticket requires at least 1 byte.
  if (bytes.length === 0) {
    const { status, text } = await client.post(await client.ticket('image/jpeg', 1), bytes);
    return { is: status === 400 && text.includes('EntityTooSmall') ? 'EMPTY_FILE' : `S3 ${status}` };
  }
  const { status, error, original, variants } = await client.finished(await client.upload(bytes), 280_000);
  if (status !== 'ready') return { is: error?.code.toUpperCase() ?? status, status, detail: error?.detail };
  return { is: 'OK', width: original.width, height: original.height, variants: variants.length };
}

describe.skipIf(!hasGallery)('all files of the gallery (skipped without ../shared/images)', () => {
  const presets = {
    small: { width: 320, height: 320 },
    animated: { width: 160, formats: ['original' as const] },
  };
  // The side limit of the index.
  const limits = { maxSide: 16_384 };
  const used = usePipeline({
    presets: withPlainFormats(presets),
    limits,
    inputs: { tiff: true, avif: true },
  });

  it(
    'odd files end as the index says on their first receive, healthy images between them become ready, and queues end empty',
    async () => {
      const { client, pipeline } = used;
      const healthy = await smallPhoto(1);
      const wrong: object[] = [];
      await Promise.all(
        files.map(async (indexed, index) => {
          const { file, expected, width, height } = indexed;
          const end = await endOf(client, indexed);
          const right =
            end.is === expected &&
            (expected !== 'OK' || (end.width === width && end.height === height && end.variants === 3));
          if (!right) wrong.push({ file, expected, width, height, ...end });
          if (index % 10 !== 0) return;
          const between = await endOf(client, { bytes: healthy });
          if (between.is !== 'OK') wrong.push({ file: `healthy after ${file}`, ...between });
        }),
      );
      expect(wrong).toEqual([]);
      expect(files.length).toBe(333);

      const { rows } = await pipeline.sql.query<{ attempts: number }>(
        'select max(attempt)::int as attempts from image',
      );
      expect(rows).toEqual([{ attempts: 1 }]);
      await drained(pipeline);
      expect(await pipeline.queueDepth()).toBe(0);
      expect(await pipeline.dlqDepth()).toBe(0);
    },
    patience(300_000),
  );
});

describe.skipIf(!hasGallery)('the AVIF files of the gallery, by default', () => {
  const used = usePipeline({});

  it(
    'unsupported files are rejected with their type, and the API does not accept such types',
    async () => {
      const { client } = used;
      const avifs = files.filter(beginsLikeAvif);
      expect(avifs.length).toBeGreaterThan(10);
      for (const end of await Promise.all(avifs.map((indexed) => endOf(client, indexed))))
        expect(end).toEqual({
          is: 'UNSUPPORTED_TYPE',
          status: 'rejected',
          detail: 'The file is AVIF. Accepted are JPEG, PNG, WebP, GIF, TIFF.',
        });

      const body = JSON.stringify({ contentType: 'image/avif', bytes: 1000 });
      const headers = { 'content-type': 'application/json' };
      const ticket = await client.call('POST', '/v1/images', { body, headers });
      expect(ticket.status).toBe(415);
      expect(await ticket.json()).toMatchObject({
        code: 'unsupported_type',
        detail: expect.stringMatching(
          /Use one of image\/jpeg, image\/png, image\/webp, image\/gif, image\/tiff\.$/,
        ),
      });
      const presets = await client.call('GET', '/v1/presets');
      expect(((await presets.json()) as { acceptedContentTypes: string[] }).acceptedContentTypes).toEqual([
        'image/jpeg',
        'image/png',
        'image/webp',
        'image/gif',
        'image/tiff',
      ]);
    },
    patience(120_000),
  );
});
