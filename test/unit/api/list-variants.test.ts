import { afterAll, beforeAll, expect, it } from 'vitest';
import { listResponse } from '../../../lambda/api/schemas/responses.ts';
import { expectProblem } from './problems.ts';
import { recordStatements } from './recorded-statements.ts';
import { type Environment, openDatabase, openTestApi, type TestApi } from './test-api.ts';

let testApi: TestApi;
let api: Environment;
const ids: string[] = [];
beforeAll(async () => {
  testApi = await openTestApi();
  api = testApi.environment();
  const body = { contentType: 'image/png', bytes: 9 };
  for (let n = 0; n < 4; n++) ids.unshift((await api.call('POST', '/v1/images', { body })).json.id);
  await testApi.sql(`update image set status = 'ready', presets = '{large,small}'`);
});
afterAll(() => testApi.close());

/** Inserts `each` variants for both presets of an image. */
const insertVariants = (id: string | undefined, each: number) =>
  testApi.sql(
    `insert into variant (image_id, preset, format, content_type, width, height, bytes, sha256, key)
     select $1::uuid, preset, 'f' || n, 'image/webp', 3, 2, 5, repeat('a', 64), 'derived/acme/x' || n
     from unnest(array['small', 'large']) preset, generate_series(1, $2::int) n`,
    [id, each],
  );
const list = async (query: Record<string, string>) => (await api.call('GET', '/v1/images', { query })).json;

it('the list includes variants on request, as GET of an image returns them', async () => {
  await testApi.sql(`insert into variant (image_id, preset, format, content_type, width, height, bytes, sha256, key)
    select id, unnest(array['small', 'large']), 'webp', 'image/webp', 3, 2, 5, repeat('a', 64), 'derived/acme/x' from image`);
  const { images } = listResponse.parse(await list({ include: 'variants' }));
  expect(images.map(({ variants }) => variants?.map(({ preset }) => preset))).toEqual(
    Array(4).fill(['large', 'small']),
  );
  const single = (await api.call('GET', `/v1/images/${ids[0]}`)).json;
  expect(images[0]).toEqual(single);
  expect(listResponse.parse(await list({})).images.some((image) => 'variants' in image)).toBe(false);
});

it('the list with variants takes one statement', async () => {
  const { database, statements } = recordStatements(openDatabase(testApi.database));
  const counting = testApi.environment({ database });
  await counting.call('GET', '/v1/images', { query: { include: 'variants' } });
  expect(statements.filter((text) => /from image\b/.test(text))).toHaveLength(1);
  await database.close();
});

it('a page ends at 600 variants, and the next one continues there', async () => {
  await testApi.sql('delete from variant');
  await insertVariants(ids[0], 200);
  await insertVariants(ids[1], 100);
  await insertVariants(ids[2], 1);
  // More variants than a page may have: the image gets its own page.
  await insertVariants(ids[3], 301);
  const pages: string[][] = [];
  let cursor: string | null = null;
  do {
    const page: { images: { id: string }[]; nextCursor: string | null } = (await list({
      include: 'variants',
      limit: '10',
      ...(cursor === null ? {} : { cursor }),
    })) as never;
    pages.push(page.images.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(pages).toEqual([[ids[0], ids[1]], [ids[2]], [ids[3]]]);
});

it('an unknown value of `include` is refused', async () => {
  const response = await api.call('GET', '/v1/images', { query: { include: 'originals' } });
  expect(expectProblem(response, 400, 'invalid_request').map(({ path }) => path)).toEqual(['include']);
});
