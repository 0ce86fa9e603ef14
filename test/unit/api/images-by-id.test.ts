import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listResponse } from '../../../lambda/api/schemas/responses.ts';
import { expectProblem, expectRetryAfter } from './problems.ts';
import { recordStatements } from './recorded-statements.ts';
import { type Environment, openDatabase, openTestApi, type TestApi } from './test-api.ts';

let testApi: TestApi;
let api: Environment;
const body = { contentType: 'image/png', bytes: 9 };
const ticket = async (key = testApi.keys.acme) =>
  (await api.call('POST', '/v1/images', { key, body })).json.id;
const byId = (ids: readonly string[], query: Record<string, string> = {}) =>
  api.call('GET', '/v1/images', { query: { ids: ids.join(','), ...query } });
beforeAll(async () => {
  testApi = await openTestApi();
  api = testApi.environment();
});
afterAll(() => testApi.close());

describe('images by their ids', () => {
  it('the response has the images in the requested order, as GET of each shows them', async () => {
    const ids = [await ticket(), await ticket(), await ticket()].reverse();
    const response = await byId(ids);
    const { images, missing, nextCursor } = listResponse.parse(response.json);
    expect(images.map(({ id }) => id)).toEqual(ids);
    expect({ missing, nextCursor }).toEqual({ missing: [], nextCursor: null });
    const { variants: _, ...single } = (await api.call('GET', `/v1/images/${ids[0]}`)).json;
    expect(images[0]).toEqual(single);
  });

  it('unknown, deleted and other tenants’ ids are missing, and look the same', async () => {
    const [own, deleted, others, unknown] = [
      await ticket(),
      await ticket(),
      await ticket(testApi.keys.other),
      uuidv7(),
    ];
    await api.call('DELETE', `/v1/images/${deleted}`);
    const response = await byId([unknown, own, deleted, others]);
    const { images, missing } = listResponse.parse(response.json);
    expect(images.map(({ id }) => id)).toEqual([own]);
    expect(missing).toEqual([unknown, deleted, others]);
    const none = listResponse.parse((await byId([others])).json);
    expect(none).toEqual({ images: [], missing: [others], nextCursor: null });
  });

  it('100 ids are one statement', async () => {
    const ids = [await ticket(), ...Array.from({ length: 99 }, () => uuidv7())];
    const { database, statements } = recordStatements(openDatabase(testApi.database));
    const counting = testApi.environment({ database });
    const response = await counting.call('GET', '/v1/images', { query: { ids: ids.join(',') } });
    expect(listResponse.parse(response.json).missing).toHaveLength(99);
    expect(statements.filter((text) => /from image\b.*any \(\$2/s.test(text))).toHaveLength(1);
    // The key, and what the time to wait takes.
    expect(statements.length).toBeLessThanOrEqual(3);
    await database.close();
  });

  it('Retry-After is that of the unfinished image to ask for first, and absent when all are finished', async () => {
    const [old, young, ready] = [await ticket(), await ticket(), await ticket()];
    await testApi.sql(`update image set created_at = now() - interval '4 minutes' where id = $1`, [old]);
    await testApi.sql(`update image set status = 'ready' where id = $1`, [ready]);
    expectRetryAfter(await byId([old, ready]), 10, 30);
    expectRetryAfter(await byId([old, young, ready]), 1, 2);
    expect((await byId([ready])).headers).not.toHaveProperty('Retry-After');
  });

  it('variants are included on request, until there are 600', async () => {
    const ids = [await ticket(), await ticket(), await ticket()];
    await testApi.sql(`update image set status = 'ready', presets = '{large}' where id = any($1)`, [ids]);
    await testApi.sql(
      `insert into variant (image_id, preset, format, content_type, width, height, bytes, sha256, key)
       select id, 'large', 'f' || n, 'image/webp', 3, 2, 5, repeat('a', 64), 'derived/acme/x' || n
       from unnest($1::uuid[]) id, generate_series(1, 300) n`,
      [ids],
    );
    const { images } = (await byId(ids, { include: 'variants' })).json as unknown as {
      images: { variants?: unknown[] }[];
    };
    expect(images.map(({ variants }) => variants?.length)).toEqual([300, 300, undefined]);
  });
});

describe('ids that are no list of ids', () => {
  const id = uuidv7();
  it.each([
    ['none', '', ['ids.0']],
    ['a word', 'x', ['ids.0']],
    ['one in upper case', id.toUpperCase(), ['ids.0']],
    ['SQL', `${id},' or true --`, ['ids.1']],
    ['a comma at the end', `${id},`, ['ids.1']],
    ['one id twice', `${id},${id}`, ['ids']],
    ['101 ids', Array.from({ length: 101 }, () => uuidv7()).join(','), ['ids']],
    ['thousands of words', 'x,'.repeat(5_000), ['ids']],
  ])('%s is refused', async (_, ids, paths) => {
    const errors = expectProblem(
      await api.call('GET', '/v1/images', { query: { ids } }),
      400,
      'invalid_request',
    );
    expect(errors.map(({ path }) => path)).toEqual(paths);
  });

  it('parameters of a page are refused', async () => {
    const response = await byId([id], { limit: '5', status: 'ready', include: 'variants' });
    const errors = expectProblem(response, 400, 'invalid_request');
    expect(errors.map(({ path }) => path)).toEqual(['status', 'limit']);
  });
});
