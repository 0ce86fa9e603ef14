import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { mistake, useFixture } from './fixture.ts';

const fixture = useFixture();

describe('the inspection of images', () => {
  it('an image is shown with its row, its variants and the next step', async () => {
    await fixture.tenant('acme');
    const failed = await fixture.image('acme', {
      status: 'failed',
      attempt: 7,
      failures: 5,
      last_error: 'the decoder died',
      error_code: 'internal',
      error_detail: 'The fault is ours.',
      dead_lettered_attempt: 7,
      original_version: 'v1',
      content_type: 'image/jpeg',
      bytes: 1_200,
      width: 40,
      height: 30,
    });
    await fixture.sql.query(
      `insert into variant (image_id, preset, format, content_type, width, height, bytes, sha256, key)
       values ($1, 'small', 'webp', 'image/webp', 20, 15, 99, repeat('a', 64), 'derived/one')`,
      [failed],
    );
    await fixture.sql.query(`insert into extra_upload (image_id, version_id) values ($1, 'v2')`, [failed]);
    expect(await fixture.invoke({ operation: 'showImage', image: failed })).toEqual({
      image: expect.objectContaining({
        id: failed,
        tenant: 'acme',
        status: 'failed',
        attempt: 7,
        failures: 5,
        lastError: 'the decoder died',
        errorCode: 'internal',
        deadLettered: true,
        originalVersion: 'v1',
        extraUploads: 1,
        declared: { contentType: 'image/png', bytes: 1_234, sha256: null },
        found: { contentType: 'image/jpeg', bytes: 1_200, width: 40, height: 30 },
        variants: [{ preset: 'small', format: 'webp', width: 20, height: 15, bytes: 99, key: 'derived/one' }],
        ageSeconds: expect.closeTo(0, -2),
        ticketSeconds: expect.closeTo(600, -2),
        leaseSeconds: null,
      }),
      next: expect.stringContaining('after 5 of 5 counted failures. Its message is in the dead-letter queue'),
    });
    const deleted = await fixture.image('acme', { status: 'queued', deleted_at: new Date() });
    expect(await fixture.invoke({ operation: 'showImage', image: deleted })).toMatchObject({
      image: { found: null, variants: [] },
      next: expect.stringContaining('It was deleted'),
    });
  });

  it('an image without a row is reported as unknown, with possible reasons', async () => {
    const invoked = fixture.invoke({ operation: 'showImage', image: randomUUID() });
    await expect(invoked).rejects.toMatchObject(mistake('image_unknown'));
    await expect(invoked).rejects.toThrow('or was deleted');
  });

  it('the images of a tenant are listed: unfinished ones oldest first, failed and rejected ones newest first', async () => {
    await fixture.tenant('acme');
    await fixture.tenant('bold');
    const ids = [1, 2, 3, 4].map((n) => `019a2b3c-4d5e-7f60-8123-00000000000${n}`);
    const [first, second, third, fourth] = ids;
    await fixture.image('acme', {
      id: second,
      status: 'processing',
      lease_expires_at: new Date(0),
      lease_stage: 'alone',
    });
    await fixture.image('acme', { id: first, status: 'queued' });
    await fixture.image('acme', { id: third, status: 'awaiting_upload' });
    await fixture.image('acme', { id: fourth, status: 'ready' });
    await fixture.image('bold', { status: 'queued' });
    await fixture.image('acme', { status: 'queued', deleted_at: new Date() });
    const list = (which: string, limit = 20) =>
      fixture.invoke<{ images: { id: string; next: string }[]; more: boolean }>({
        operation: 'listImages',
        tenant: 'acme',
        which,
        limit,
      });
    const unfinished = await list('unfinished');
    expect(unfinished.images.map((one) => one.id)).toEqual([first, second, third]);
    expect(unfinished.images[1]?.next).toContain('Its worker died or was interrupted');
    expect(unfinished.more).toBe(false);
    expect(await list('unfinished', 2)).toMatchObject({
      images: [{ id: first }, { id: second }],
      more: true,
    });
    for (const status of ['failed', 'rejected']) {
      expect((await list(status)).images).toEqual([]);
      const older = await fixture.image('acme', {
        id: `018a2b3c-4d5e-7f60-8123-${status.padEnd(12, '0').replace(/[^0-9a-f]/g, '1')}`,
        status,
        error_code: 'x',
      });
      const newer = await fixture.image('acme', {
        id: `019b2b3c-4d5e-7f60-8123-${status.padEnd(12, '0').replace(/[^0-9a-f]/g, '1')}`,
        status,
        error_code: 'x',
      });
      expect((await list(status)).images.map((one) => one.id)).toEqual([newer, older]);
    }
  });
});
