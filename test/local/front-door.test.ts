import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImageEvent } from '../../lambda/domain/event.ts';
import { type Client, openClient } from '../support/client.ts';
import { smallPhoto } from '../support/pictures.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';

/*
 * Invalid input by plain HTTP to the running pipeline. Behaviour on other targets too is in test/behaviour.
 */
describe('the front door', () => {
  let pipeline: TestPipeline;
  let client: Client;
  beforeAll(async () => {
    pipeline = await startTestPipeline({
      limits: { maxBytes: 200_000 },
      uploads: { maxDirectBytes: 100_000 },
    });
    client = openClient(pipeline.url, pipeline.apiKey);
  });
  afterAll(() => pipeline?.stop());

  const json = { 'content-type': 'application/json' };
  const jpeg = { 'content-type': 'image/jpeg' };
  const ticket = (body: unknown) => ({ body: JSON.stringify(body), headers: json });

  it.each([
    ['malformed JSON', { body: '{"contentType":', headers: json }, 400, 'malformed_json'],
    ['wrong types', ticket({ contentType: 7, bytes: 'many' }), 400, 'invalid_request'],
    [
      'an unknown preset',
      ticket({ contentType: 'image/jpeg', bytes: 9, presets: ['huge'] }),
      400,
      'invalid_request',
    ],
    ['a type that is not an image', ticket({ contentType: 'text/html', bytes: 9 }), 415, 'unsupported_type'],
    [
      'a body of another type',
      { body: 'text', headers: { 'content-type': 'text/plain' } },
      415,
      'unsupported_type',
    ],
    ['0 bytes announced', ticket({ contentType: 'image/jpeg', bytes: 0 }), 400, 'invalid_request'],
    ['0 bytes sent', { headers: jpeg }, 400, 'empty_body'],
    ['too many bytes announced', ticket({ contentType: 'image/jpeg', bytes: 200_001 }), 413, 'too_large'],
    ['too many bytes sent', { body: new Uint8Array(100_001), headers: jpeg }, 413, 'too_large'],
    [
      'a wrong key',
      { ...ticket({}), headers: { ...json, authorization: 'Bearer sluice_wrong' } },
      401,
      'unauthenticated',
    ],
    ['no key', { ...ticket({}), headers: { ...json, authorization: '' } }, 401, 'unauthenticated'],
  ])('the API returns a problem document for %s', async (_what, init, status, code) => {
    const response = await client.call('POST', '/v1/images', init);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const problem = await response.json();
    expect(problem).toMatchObject({ status, code, title: expect.any(String), detail: expect.any(String) });
    expect(JSON.stringify(problem)).not.toMatch(/\bat .*\.[mj]?[jt]s\b|node_modules|\/lambda\//);
  });

  it('the worker repeats the checks for uploads that bypassed API and policy', async () => {
    const { id } = await client.ticket('image/jpeg', 200_000);
    await pipeline.putObject(`incoming/local/${id}`, Buffer.alloc(200_001, 1));
    // The bucket announces posts only, so the message is sent as the sweep would.
    await pipeline.sendJob(id);
    expect(await client.finished(id)).toMatchObject({
      status: 'rejected',
      error: { code: 'file_too_large' },
    });
  });

  it('the events of an image with an emoji in its metadata reach the audit trail', async () => {
    const { id } = await client.ticket('image/jpeg', 9, { metadata: { title: 'a seal 🦭' } });
    const trail = async () => {
      const { rows } = await pipeline.sql.query(
        `select event from audit_line where event like '%' || $1 || '%'`,
        [id],
      );
      return rows.map(({ event }) => (JSON.parse(event) as ImageEvent).data.metadata);
    };
    await expect.poll(trail).toEqual([{ title: 'a seal 🦭' }]);
  });

  it('the functions record metrics in their logs, in the embedded metric format', async () => {
    const id = await client.direct(await smallPhoto(1));
    expect(await client.finished(id)).toMatchObject({ status: 'ready' });
    await client.call('GET', '/v1/images/unknown');
    const recorded = (name: string) =>
      readFileSync(join(pipeline.home, 'logs', `${name}.log`), 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('{"_aws"'))
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    const of = { Pipeline: 'local' };
    const expected = {
      api: [
        { ...of, Priority: 'normal', ImagesAdmitted: 1 },
        { ...of, Code: expect.any(String), RequestsRefused: 1 },
      ],
      process: [{ ...of, Status: 'ready', ImagesEnded: 1 }],
      relay: [
        { ...of, EventsSent: expect.any(Number) },
        { ...of, EventsUnsent: 0 },
        { ...of, EventsUnsentSeconds: 0 },
      ],
      sweep: [{ ...of, OldestSnapshotSeconds: expect.any(Number) }],
    };
    for (const [name, metrics] of Object.entries(expected))
      for (const metric of metrics)
        await expect.poll(() => recorded(name)).toContainEqual(expect.objectContaining(metric));
  });
});
