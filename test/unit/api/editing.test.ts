import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imageResponse } from '../../../lambda/api/schemas/responses.ts';
import type { Database } from '../../../lambda/postgres/connection/connection.ts';
import type { RequestOptions } from './events.ts';
import { expectProblem } from './problems.ts';
import { type ApiResponse, type Environment, openDatabase, openTestApi, type TestApi } from './test-api.ts';

let testApi: TestApi;
let api: Environment;
beforeAll(async () => {
  testApi = await openTestApi();
  api = testApi.environment();
});
afterAll(() => testApi.close());

const ticket = async (more: object = {}): Promise<string> => {
  const body = { contentType: 'image/png', bytes: 99, metadata: { album: 'summer', place: 'sea' }, ...more };
  return (await api.call('POST', '/v1/images', { body })).json.id;
};
const get = (id: string) => api.call('GET', `/v1/images/${id}`);
const etagOf = async (id: string): Promise<string> => (await get(id)).headers.ETag ?? '';
const edit = (
  id: string,
  body: RequestOptions['body'],
  match?: string,
  { headers = {}, key = testApi.keys.acme, environment = api } = {},
): Promise<ApiResponse> =>
  environment.call('PATCH', `/v1/images/${id}`, {
    ...(body === undefined ? {} : { body }),
    key,
    headers: { ...(match === undefined ? {} : { 'If-Match': match }), ...headers },
  });
const become = (id: string, status: string) =>
  testApi.sql('update image set status = $2, updated_at = now() where id = $1', [id, status]);
const revisionOf = async (id: string) =>
  (await testApi.sql<{ revision: number }>('select revision from image where id = $1', [id]))[0]?.revision;

describe('an edit', () => {
  it('with the ETag of GET merges metadata, and returns the image with the ETag that GET then has', async () => {
    const id = await ticket();
    const response = await edit(
      id,
      { metadata: { album: 'winter', place: null, by: 'Ö' } },
      await etagOf(id),
    );
    expect(response.status).toBe(200);
    expect(imageResponse.parse(response.json).metadata).toEqual({ album: 'winter', by: 'Ö' });
    const read = await get(id);
    expect(read.json).toEqual(response.json);
    expect(read.headers.ETag).toBe(response.headers.ETag);
    expect(read.json.updatedAt).not.toBe(read.json.createdAt);
    expect((await edit(id, { metadata: { again: '1' } }, response.headers.ETag)).status).toBe(200);
  });

  it('without If-Match is 428, and changes nothing', async () => {
    const id = await ticket();
    expectProblem(await edit(id, { metadata: null }), 428, 'precondition_required');
    expect(await revisionOf(id)).toBe(1);
  });

  it('of what somebody else has edited is 412 with the current ETag, and loses nothing', async () => {
    const id = await ticket();
    const seen = await etagOf(id);
    const first = await edit(id, { metadata: { album: 'first' } }, seen);
    const second = await edit(id, { metadata: { album: 'second' } }, seen);
    expectProblem(second, 412, 'precondition_failed');
    expect(second.headers.ETag).toBe(first.headers.ETag);
    expect((await get(id)).json.metadata).toEqual({ album: 'first', place: 'sea' });
    expect((await edit(id, { metadata: { album: 'second' } }, second.headers.ETag)).status).toBe(200);
  });

  it('does not fail because a worker made progress, whose change If-None-Match sees', async () => {
    const id = await ticket();
    const seen = await etagOf(id);
    await become(id, 'processing');
    await become(id, 'ready');
    expect(await etagOf(id)).not.toBe(seen);
    const response = await edit(id, { metadata: { album: 'winter' } }, seen);
    expect(response).toMatchObject({ status: 200, json: { status: 'ready', metadata: { album: 'winter' } } });
  });

  it('changes updatedAt, and leaves the time by which retention counts', async () => {
    const id = await ticket();
    await testApi.sql("update image set updated_at = now() - interval '1 day' where id = $1", [id]);
    const times = () => testApi.sql('select updated_at from image where id = $1', [id]);
    const before = await times();
    const then = (await get(id)).json.updatedAt;
    await edit(id, { metadata: null }, '*');
    expect(await times()).toEqual(before);
    expect((await get(id)).json).toMatchObject({
      metadata: {},
      updatedAt: expect.not.stringMatching(`${then}`),
    });
  });

  it('that changes nothing makes no other revision', async () => {
    const id = await ticket({ replaces: 'avatar/1' });
    const seen = await etagOf(id);
    for (const body of [
      {},
      { metadata: { place: 'sea' } },
      { metadata: { none: null } },
      { replaces: 'avatar/1' },
    ])
      expect(await edit(id, body, seen)).toMatchObject({ status: 200, headers: { ETag: seen } });
    expect(await revisionOf(id)).toBe(1);
  });

  it('of another tenant, of a deleted and of an unknown image is 404', async () => {
    const id = await ticket();
    expectProblem(await edit(id, { metadata: null }, '*', { key: testApi.keys.other }), 404, 'not_found');
    await api.call('DELETE', `/v1/images/${id}`);
    for (const unknown of [id, randomUUID(), '1'])
      expectProblem(await edit(unknown, { metadata: null }, '*'), 404, 'not_found');
  });
});

describe('If-Match', () => {
  it.each([
    ['*', 200],
    ['"1"', 200],
    ['"7-abc", ETAG', 200],
    ['"7-abc" , "1-other"', 200],
    ['W/ETAG', 412],
    ['"0"', 412],
    ['"01"', 412],
    ['"1.5"', 412],
    ['"2-abc"', 412],
    ['"abc"', 412],
    ['""', 412],
    ['"1-a b"', 400],
    ['1-abc', 400],
    ['', 400],
    ['*, "1"', 400],
    ['"1', 400],
  ])('%s of an image with the revision 1 is %i', async (header, status) => {
    const id = await ticket();
    const response = await edit(id, { metadata: null }, header.replace('ETAG', await etagOf(id)));
    expect(response.status).toBe(status);
    expect(await revisionOf(id)).toBe(status === 200 ? 2 : 1);
    if (status === 400)
      expect(expectProblem(response, 400, 'invalid_request')[0]).toMatchObject({ path: 'If-Match' });
  });

  it('of 20 edits at once with one ETag one is made, and the others are 412', async () => {
    const id = await ticket();
    const seen = await etagOf(id);
    const environments = Array.from({ length: 5 }, () => testApi.environment());
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const environment = environments[index % environments.length] ?? api;
        return (await edit(id, { metadata: { [`by-${index}`]: '1' } }, seen, { environment })).status;
      }),
    );
    expect(statuses.sort()).toEqual([200, ...Array.from({ length: 19 }, () => 412)]);
    expect(Object.keys((await get(id)).json.metadata as object)).toHaveLength(3);
  });

  it('* is made again when another edit was faster, so that both names are there', async () => {
    const id = await ticket();
    const rival = overtaken(1, () => edit(id, { metadata: { rival: '1' } }, '*'));
    const response = await edit(id, { metadata: { own: '1' } }, '*', { environment: rival });
    expect(response.json.metadata).toEqual({ album: 'summer', place: 'sea', rival: '1', own: '1' });
  });

  it('* that others overtake five times is 412', async () => {
    const id = await ticket();
    let count = 0;
    const rival = overtaken(Infinity, () => edit(id, { metadata: { rival: String(++count) } }, '*'));
    const response = await edit(id, { metadata: { own: '1' } }, '*', { environment: rival });
    expectProblem(response, 412, 'precondition_failed');
    expect(response.headers.ETag).toBe(await etagOf(id));
    expect(count).toBe(5);
  });
});

/** An environment whose next writes of an edit are each preceded by `first`. */
function overtaken(times: number, first: () => Promise<unknown>): Environment {
  const database = openDatabase(testApi.database);
  let left = times;
  const run: Database['run'] = (work, options) =>
    database.run(
      (connection) =>
        work({
          async query(statement, values) {
            if (typeof statement === 'object' && statement.name === 'edit image' && left-- > 0) await first();
            return connection.query(statement, values);
          },
        }),
      options,
    );
  return testApi.environment({ database: { ...database, run } });
}

describe('the body of an edit', () => {
  it.each([
    [{ metadata: { '': 'x' } }, 'metadata.'],
    [{ metadata: { a: 1 } }, 'metadata.a'],
    [{ metadata: { a: '\u0000' } }, 'metadata'],
    [{ metadata: Object.fromEntries(Array.from({ length: 19 }, (_, i) => [`n${i}`, ''])) }, 'metadata'],
    [{ metadata: { a: 'x'.repeat(2_040) } }, 'metadata'],
    [{ replaces: '' }, 'replaces'],
    [{ status: 'ready' }, 'status'],
    [{ presets: ['small'] }, 'presets'],
  ])('%j is refused with the place of the mistake', async (body, path) => {
    const id = await ticket();
    const errors = expectProblem(await edit(id, body, '*'), 400, 'invalid_request');
    expect(errors[0]?.path).toBe(path);
    expect(await revisionOf(id)).toBe(1);
  });

  it('may remove names to make room for as many others', async () => {
    const id = await ticket();
    const names = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`n${index}`, '']));
    const response = await edit(id, { metadata: { ...names, album: null, place: null } }, '*');
    expect(response.json.metadata).toEqual(names);
  });

  it('is JSON or a merge patch, without a coding, of at most 16 kB, and its digest is checked', async () => {
    const id = await ticket();
    const patch = JSON.stringify({ metadata: { a: '1' } });
    const as = (type: string, more: Record<string, string> = {}) =>
      edit(id, patch, '*', { headers: { 'Content-Type': type, ...more } });
    expect((await as('application/merge-patch+json; charset=utf-8')).status).toBe(200);
    expectProblem(await as('text/plain'), 415, 'unsupported_type');
    expectProblem(await as('application/json', { 'Content-Encoding': 'gzip' }), 415, 'unsupported_encoding');
    const digest = { 'Content-MD5': '1B2M2Y8AsgTpgAmY7PhCfg==' };
    expectProblem(await as('application/json', digest), 400, 'digest_mismatch');
    expectProblem(await edit(id, { metadata: { a: 'x'.repeat(17_000) } }, '*'), 413, 'too_large');
    const json = { headers: { 'Content-Type': 'application/json' } };
    expectProblem(await edit(id, '{', '*', json), 400, 'malformed_json');
    expectProblem(await edit(id, '', '*', json), 400, 'empty_body');
    expectProblem(await edit(id, '[]', '*', json), 400, 'invalid_request');
  });
});

describe('an edit of replaces', () => {
  it('names an awaited image, and null takes the name away', async () => {
    const id = await ticket();
    const named = await edit(id, { replaces: 'avatar/42' }, await etagOf(id));
    expect(named).toMatchObject({ status: 200, json: { replaces: 'avatar/42' } });
    expect((await edit(id, { replaces: null }, named.headers.ETag)).json.replaces).toBeUndefined();
  });

  it('of a queued image ends older images of the new name that wait, and no others', async () => {
    const name = `avatar/${randomUUID()}`;
    const [older, awaited, newest] = [
      await ticket({ replaces: name }),
      await ticket({ replaces: name }),
      await ticket({ replaces: 'another' }),
    ];
    await become(older, 'queued');
    await become(newest, 'queued');
    expect((await edit(newest, { metadata: { a: '1' } }, '*')).status).toBe(200);
    expect((await get(older)).json.status).toBe('queued');
    // Its file has not arrived.
    expect((await edit(awaited, { replaces: `${name}/2` }, '*')).status).toBe(200);
    expect((await edit(awaited, { replaces: name }, '*')).status).toBe(200);
    expect((await get(older)).json.status).toBe('queued');
    expect((await edit(newest, { replaces: name }, '*')).status).toBe(200);
    expect((await get(older)).json).toMatchObject({ status: 'superseded', supersededBy: newest });
    expect((await get(awaited)).json.status).toBe('awaiting_upload');
  });

  it.each(['processing', 'ready', 'expired', 'superseded'])('of a %s image is 409', async (status) => {
    const id = await ticket({ replaces: 'avatar/42' });
    await become(id, status);
    for (const replaces of ['avatar/43', null])
      expectProblem(await edit(id, { replaces, metadata: { a: '1' } }, '*'), 409, 'not_waiting');
    expect(await revisionOf(id)).toBe(1);
    expect((await edit(id, { replaces: 'avatar/42', metadata: { a: '1' } }, '*')).status).toBe(200);
  });

  it('of an image that a worker takes in that moment is 409', async () => {
    const id = await ticket({ replaces: 'avatar/42' });
    const seen = await etagOf(id);
    const environment = overtaken(1, () => become(id, 'processing'));
    expectProblem(await edit(id, { replaces: 'avatar/43' }, seen, { environment }), 409, 'not_waiting');
  });
});
