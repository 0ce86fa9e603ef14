import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ticketResponse, uploadedResponse } from '../../../lambda/api/schemas/responses.ts';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { expectProblem } from './problems.ts';
import { admitting, type Environment, openTestApi, type TestApi } from './test-api.ts';

let testApi: TestApi;
let api: Environment;
beforeAll(async () => {
  testApi = await openTestApi();
  api = testApi.environment();
});
afterAll(() => testApi.close());
beforeEach(async () => {
  await testApi.sql('delete from idempotency_key; delete from image');
  await testApi.forgetEnvironments();
});

const bytes = Buffer.from('89504e470d0a1a0aff00', 'hex');
const sha256 = createHash('sha256').update(bytes).digest('hex');
const ticket = (environment = api, key = 'k1') =>
  environment.call('POST', '/v1/images', {
    body: { contentType: 'image/png', bytes: 10, sha256 },
    headers: { 'Idempotency-Key': key },
  });
const direct = () =>
  api.call('POST', '/v1/images', {
    body: bytes,
    headers: { 'Content-Type': 'image/png', 'Idempotency-Key': 'k1' },
  });
const upload = (id: string) =>
  openBucket({ bucketName: testApi.cloud.bucketName }).putOriginal({
    key: `incoming/acme/${id}`,
    bytes,
    contentType: 'image/png',
    sha256,
  });
const endTicket = () => testApi.sql(`update image set ticket_expires_at = now() - interval '1 second'`);

describe('a repeated request for a ticket', () => {
  it('a repeated ticket request returns a form for the same image, signed now, with the first expiry', async () => {
    const first = ticketResponse.parse((await ticket()).json);
    await testApi.sql(`update image set ticket_expires_at = ticket_expires_at - interval '10 minutes'`);
    const response = await ticket(testApi.environment());
    const second = ticketResponse.parse(response.json);
    expect(response.headers).toMatchObject({
      Location: `/prod/v1/images/${first.id}`,
      'Idempotency-Replayed': 'true',
    });
    expect(second.id).toBe(first.id);
    const ends = Date.parse(first.upload.expiresAt) - 600_000;
    expect(Date.parse(second.upload.expiresAt)).toBe(ends);
    const policy = JSON.parse(Buffer.from(second.upload.fields.Policy ?? '', 'base64').toString()) as {
      expiration: string;
      conditions: unknown[];
    };
    // Whole seconds, rounded down, by the database's clock, which is also this machine's.
    expect(Math.abs(Date.parse(policy.expiration) - ends)).toBeLessThan(5_000);
    expect(policy.conditions).toEqual(
      expect.arrayContaining([
        ['content-length-range', 1, 10],
        { 'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64') },
        { 'Content-Type': 'image/png' },
        { key: `incoming/acme/${first.id}` },
      ]),
    );
  });

  it.each([false, true])(
    'a repeated ticket request returns the image’s status if its file has arrived (ticket expired: %s)',
    async (over) => {
      const { id } = (await ticket()).json;
      await upload(id);
      if (over) await endTicket();
      const noticed = await ticket();
      expect(noticed.status).toBe(200);
      expect(uploadedResponse.parse(noticed.json)).toEqual({ id, status: 'queued' });
      expect(noticed.headers.Location).toBe(`/prod/v1/images/${id}`);
      expect(await testApi.sql('select status from image')).toEqual([{ status: 'queued' }]);
      await testApi.sql(`update image set status = 'ready'`);
      expect((await ticket()).json).toEqual({ id, status: 'ready' });
    },
  );

  it.each(['awaiting_upload', 'expired'])(
    'a repeated ticket request returns 410 if the ticket expired unused, when its row is %s',
    async (status) => {
      await ticket();
      await endTicket();
      await testApi.sql(`update image set status = $1`, [status]);
      expectProblem(await ticket(), 410, 'ticket_expired');
      expect((await ticket(api, 'k2')).status).toBe(201);
    },
  );

  it('a repeated ticket request returns 410 if its image was deleted, also after the sweep removed the row', async () => {
    const { id } = (await ticket()).json;
    await api.call('DELETE', `/v1/images/${id}`);
    expectProblem(await ticket(), 410, 'image_deleted');
    await testApi.sql('delete from image');
    expectProblem(await ticket(), 410, 'image_deleted');
  });

  it('a full backlog refuses a request with an expired key, but not a repeated one', async () => {
    const full = testApi.environment(admitting(1));
    const first = await ticket(full);
    expect((await ticket(full)).json.id).toBe(first.json.id);
    await testApi.sql(`update idempotency_key set expires_at = now() - interval '1 second'`);
    expectProblem(await ticket(full), 429, 'backlog_share');
  });
});

describe('a repeated direct upload', () => {
  it('a repeated direct upload returns the same response whatever the image’s status, and 410 after its deletion', async () => {
    const first = await direct();
    await testApi.sql(`update image set status = 'ready'`);
    const second = await direct();
    expect([second.status, second.text]).toEqual([first.status, first.text]);
    await api.call('DELETE', `/v1/images/${first.json.id}`);
    expectProblem(await direct(), 410, 'image_deleted');
  });
});

describe('a response that version 0.1 stored in full', () => {
  const whole = { body: '{"id":"its own","upload":{}}', location: '/prod/v1/images/its-own' };

  it('a response that was stored in full is repeated byte for byte until its image is deleted', async () => {
    const { id } = (await ticket()).json;
    await testApi.sql('update idempotency_key set response = $1', [JSON.stringify(whole)]);
    const repeated = await ticket();
    expect(repeated).toMatchObject({
      status: 201,
      text: whole.body,
      headers: { Location: whole.location, 'Idempotency-Replayed': 'true' },
    });
    await api.call('DELETE', `/v1/images/${id}`);
    expectProblem(await ticket(), 410, 'image_deleted');
  });
});

it('a response that was stored in full expires, and the next one is stored in the new form', async () => {
  await ticket();
  await testApi.sql(
    `update idempotency_key set response = '{"body": "old", "location": "old"}', expires_at = now() - interval '1 s'`,
  );
  const next = await ticket();
  expect((await ticket()).json.id).toBe(next.json.id);
  expect(await testApi.sql('select response from idempotency_key')).toEqual([{ response: null }]);
});

it('a key of a UUID’s length takes at most 300 bytes with its indexes, and nothing signed is stored', async () => {
  for (let n = 0; n < 20; n++) await ticket(api, `0190a0a0-0000-7000-8000-${String(n).padStart(12, '0')}`);
  const keys = 20_000;
  // The other rows are copies of the row that the API wrote.
  await testApi.sql(
    `insert into idempotency_key (tenant_id, key, request_sha256, image_id, status, response, locked_until, expires_at)
     select tenant_id, md5(n::text || key)::uuid::text, request_sha256, image_id, status, response, locked_until,
       expires_at + n * interval '1 millisecond'
     from idempotency_key, generate_series(1, $1::int / 20 - 1) n`,
    [keys],
  );
  await testApi.sql('vacuum idempotency_key');
  const [size] = await testApi.sql<{ bytes: number; stored: number }>(
    `select (pg_total_relation_size('idempotency_key') / $1)::int as bytes, count(response)::int as stored from idempotency_key`,
    [keys],
  );
  expect(size?.stored).toBe(0);
  expect(size?.bytes).toBeLessThanOrEqual(300);
});
