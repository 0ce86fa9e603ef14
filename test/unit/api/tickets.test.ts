import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ticketResponse } from '../../../lambda/api/schemas/responses.ts';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { expectProblem } from './problems.ts';
import { type Environment, openTestApi, type TestApi } from './test-api.ts';

let testApi: TestApi;
let api: Environment;
beforeAll(async () => {
  testApi = await openTestApi();
  api = testApi.environment();
});
afterAll(() => testApi.close());

const ticket = { contentType: 'image/jpeg', bytes: 1000 };
const requestTicket = (body: string | object, query?: Record<string, string>) =>
  api.call('POST', '/v1/images', { body, ...(query && { query }) });

describe('a ticket', () => {
  it('a ticket is a row and a presigned POST for exactly that image', async () => {
    const sha256 = 'a'.repeat(64);
    const response = await requestTicket({
      ...ticket,
      sha256,
      presets: ['small'],
      metadata: { album: 'Süd' },
    });
    expect(response.status).toBe(201);
    const { id, upload } = ticketResponse.parse(response.json);
    expect(response.headers.Location).toBe(`/prod/v1/images/${id}`);
    expect(upload.fields).toMatchObject({ key: `incoming/acme/${id}`, 'Content-Type': 'image/jpeg' });
    const policy = Buffer.from(upload.fields.Policy ?? '', 'base64').toString();
    expect(JSON.parse(policy).conditions).toContainEqual(['content-length-range', 1, 1000]);
    expect(Math.abs(Date.parse(upload.expiresAt) - Date.now() - 900_000)).toBeLessThan(10_000);
    const rows = await testApi.sql(
      `select tenant_id, status, declared_type, declared_bytes::int, declared_sha256, presets, metadata,
         extract(epoch from ticket_expires_at - created_at)::int as life from image where id = $1`,
      [id],
    );
    expect(rows).toEqual([
      {
        tenant_id: 'acme',
        status: 'awaiting_upload',
        declared_type: 'image/jpeg',
        declared_bytes: 1000,
        declared_sha256: sha256,
        presets: ['small'],
        metadata: { album: 'Süd' },
        life: 900,
      },
    ]);
  });

  it('a ticket without presets is for all of them', async () => {
    const { json } = await requestTicket(ticket);
    const [row] = await testApi.sql<{ presets: string[] }>('select presets from image where id = $1', [
      json.id,
    ]);
    expect(row?.presets).toEqual(['large', 'medium', 'small']);
  });

  it('a ticket with a declared SHA-256 accepts no other bytes, and one without it has none', async () => {
    const hex = 'ab'.repeat(32);
    const checksum = Buffer.from(hex, 'hex').toString('base64');
    const { upload } = ticketResponse.parse((await requestTicket({ ...ticket, sha256: hex })).json);
    expect(upload.fields).toMatchObject({
      'x-amz-checksum-algorithm': 'SHA256',
      'x-amz-checksum-sha256': checksum,
    });
    const { conditions } = JSON.parse(Buffer.from(upload.fields.Policy ?? '', 'base64').toString());
    expect(conditions).toContainEqual({ 'x-amz-checksum-sha256': checksum });
    expect(conditions).toContainEqual({ 'x-amz-checksum-algorithm': 'SHA256' });
    const bare = ticketResponse.parse((await requestTicket(ticket)).json);
    expect(Object.keys(bare.upload.fields).join()).not.toContain('checksum');
  });

  it('the content type of a ticket is not case-sensitive, and stored in lower case', async () => {
    const response = await requestTicket({ ...ticket, contentType: 'Image/JPEG' });
    expect(ticketResponse.parse(response.json).upload.fields['Content-Type']).toBe('image/jpeg');
  });

  it('JSON is accepted in base64, with a charset, and with a content type in capitals', async () => {
    const response = await api.call('POST', '/v1/images', {
      body: Buffer.from(JSON.stringify(ticket)),
      headers: { 'content-type': 'Application/JSON; charset=utf-8' },
    });
    expect(response.status).toBe(201);
  });
});

describe('a refused JSON body', () => {
  it.each(['{', 'nothing', '{"bytes":1,}'])('malformed JSON is refused: %s', async (body) => {
    const headers = { 'Content-Type': 'application/json' };
    const response = await api.call('POST', '/v1/images', { body, headers });
    expectProblem(response, 400, 'malformed_json');
  });

  it('JSON that is not UTF-8 is refused as malformed', async () => {
    const headers = { 'Content-Type': 'application/json' };
    const body = Buffer.from([0x22, 0xff, 0x22]);
    expectProblem(await api.call('POST', '/v1/images', { body, headers }), 400, 'malformed_json');
  });

  it('an empty JSON body is refused', async () => {
    const headers = { 'Content-Type': 'application/json' };
    expectProblem(await api.call('POST', '/v1/images', { headers }), 400, 'empty_body');
  });

  it('a refusal lists every mistake with its path', async () => {
    const body = {
      bytes: '5',
      presets: ['small', 'tiny', 'constructor'],
      sha256: 'A'.repeat(64),
      metadata: { a: 1 },
      colour: 'red',
    };
    const errors = expectProblem(await requestTicket(body), 400, 'invalid_request');
    expect(errors.map(({ path }) => path).sort()).toEqual(
      ['bytes', 'colour', 'contentType', 'metadata.a', 'presets.1', 'presets.2', 'sha256'].sort(),
    );
    expect(errors.find(({ path }) => path === 'presets.1')?.detail).toBe(
      'no preset is named "tiny"; there are large, medium, small',
    );
  });

  it.each([
    ['a list', []],
    ['a number', '5'],
    ['null', 'null'],
    ['no bytes', { ...ticket, bytes: 0 }],
    ['less than no bytes', { ...ticket, bytes: -1 }],
    ['half a byte', { ...ticket, bytes: 1.5 }],
    ['more bytes than there are numbers', { ...ticket, bytes: 1e300 }],
    ['no type', { bytes: 5 }],
    ['an empty list of presets', { ...ticket, presets: [] }],
    ['a preset twice', { ...ticket, presets: ['small', 'small'] }],
    ['an unknown preset', { ...ticket, presets: ['huge'] }],
    ['a preset that every object has', { ...ticket, presets: ['toString'] }],
    [
      'too many metadata',
      { ...ticket, metadata: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [n, ''])) },
    ],
    ['too long metadata', { ...ticket, metadata: { a: 'x'.repeat(2_048) } }],
    ['metadata with NUL', { ...ticket, metadata: { a: 'x\u0000' } }],
    ['metadata with half a character', { ...ticket, metadata: { '\ud800': 'x' } }],
  ])('%s is refused', async (_, body) => {
    const headers = { 'Content-Type': 'application/json' };
    expectProblem(await api.call('POST', '/v1/images', { body, headers }), 400, 'invalid_request');
  });

  it('a query of the other form is refused', async () => {
    const errors = expectProblem(await requestTicket(ticket, { presets: 'small' }), 400, 'invalid_request');
    expect(errors).toEqual([{ path: 'presets', detail: 'is not a known name' }]);
  });

  it('metadata in the header of the other form is refused, because it would be lost', async () => {
    const response = await api.call('POST', '/v1/images', {
      body: ticket,
      headers: { 'X-Sluice-Metadata': '{"album":"1"}' },
    });
    expect(expectProblem(response, 400, 'invalid_request').map(({ path }) => path)).toEqual([
      'X-Sluice-Metadata',
    ]);
  });

  it.each(['', ' avatar', 'x'.repeat(256), 'Süd', 'a\u0000b', 42])(
    'the name %s is refused',
    async (replaces) => {
      const response = await requestTicket({ ...ticket, replaces });
      expect(expectProblem(response, 400, 'invalid_request').map(({ path }) => path)).toEqual(['replaces']);
    },
  );

  it('the name in the header of the other form is refused, because it would be lost', async () => {
    const headers = { 'X-Sluice-Replaces': 'avatar/42' };
    expectProblem(await api.call('POST', '/v1/images', { body: ticket, headers }), 400, 'invalid_request');
  });

  it('an unused ticket of the same name ends nothing, its file does when it is seen, and a repetition tells', async () => {
    const named = { ...ticket, replaces: 'avatar/42' };
    const request = (key: string) =>
      api.call('POST', '/v1/images', { body: named, headers: { 'Idempotency-Key': key } });
    const read = async (id: string) => (await api.call('GET', `/v1/images/${id}`)).json;
    const [older, newer] = [(await request('older')).json, (await request('newer')).json];
    await testApi.sql("update image set status = 'queued' where id = $1", [older.id]);
    expect(await read(older.id)).toMatchObject({ status: 'queued', replaces: 'avatar/42' });
    await openBucket({ bucketName: testApi.cloud.bucketName }).putOriginal({
      key: `incoming/acme/${newer.id}`,
      bytes: Buffer.from('picture'),
      contentType: 'image/jpeg',
      sha256: createHash('sha256').update('picture').digest('hex'),
    });
    expect(await read(newer.id)).toMatchObject({ status: 'queued' });
    expect(await read(older.id)).toMatchObject({ status: 'superseded', supersededBy: newer.id });
    const again = await request('older');
    expect([again.status, again.json]).toEqual([200, { id: older.id, status: 'superseded' }]);
  });

  it('a size above the limit is refused with the limit', async () => {
    const response = await requestTicket({ ...ticket, bytes: 25 * 1024 * 1024 + 1 });
    expectProblem(response, 413, 'too_large');
    expect(response.text).toContain('26214400');
    expect((await requestTicket({ ...ticket, bytes: 25 * 1024 * 1024 })).status).toBe(201);
  });

  it('a JSON body that is too long is refused', async () => {
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ ...ticket, metadata: { a: 'x'.repeat(17_000) } });
    expectProblem(await api.call('POST', '/v1/images', { body, headers }), 413, 'too_large');
  });

  it.each(['text/plain', 'image/jpg', 'image/svg+xml'])(
    'the content type %s is refused with the accepted ones',
    async (contentType) => {
      const response = await requestTicket({ ...ticket, contentType });
      expectProblem(response, 415, 'unsupported_type');
      expect(response.text).toContain('image/tiff');
    },
  );

  it('a refused ticket request leaves no row', async () => {
    const count = async () =>
      (await testApi.sql<{ n: number }>('select count(*)::int as n from image'))[0]?.n;
    const before = await count();
    await requestTicket({ ...ticket, presets: ['huge'] });
    expect(await count()).toBe(before);
  });
});
