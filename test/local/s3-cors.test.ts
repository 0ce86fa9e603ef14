import { describe, expect, test } from 'vitest';
import { bucket, newKey, origin, post, presign, refusal, s3 } from './s3-fixture.ts';

describe('CORS', () => {
  const preflight = (from: string, method: string) =>
    fetch(`${s3.endpoint}/${bucket}`, {
      method: 'OPTIONS',
      headers: {
        origin: from,
        'access-control-request-method': method,
        'access-control-request-headers': 'content-type, x-requested-with',
      },
    });

  test('CORS lets the page post and read the ETag', async () => {
    const asked = await preflight(origin, 'POST');
    expect(asked.status).toBe(200);
    expect(asked.headers.get('access-control-allow-origin')).toBe(origin);
    expect(asked.headers.get('access-control-allow-headers')).toBe('content-type, x-requested-with');
    expect(asked.headers.get('access-control-max-age')).toBe('3600');
    const { url, fields } = await presign(newKey());
    const answer = await post(url, fields, 'bytes', { headers: { origin } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
    expect(answer.headers.get('access-control-expose-headers')).toContain('ETag');
  });

  test('CORS lets the page read the error of a refused upload', async () => {
    const { url, fields } = await presign(newKey());
    const answer = await post(url, fields, 'much too long', { headers: { origin } });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
  });

  test.each([
    ['http://evil.example', 'POST'],
    [origin, 'DELETE'],
  ])('CORS refuses the preflight of %s for %s', async (from, method) => {
    expect((await refusal(await preflight(from, method))).slice(0, 2)).toEqual([403, 'AccessForbidden']);
  });

  test('CORS headers are omitted for another origin', async () => {
    const { url, fields } = await presign(newKey());
    const answer = await post(url, fields, 'bytes', { headers: { origin: 'http://evil.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});
