import type { SQSRecord } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { readImage } from '../postgres/rows.ts';
import { openPoisonShop } from './poison.ts';

let shop: Awaited<ReturnType<typeof openPoisonShop>>;
beforeAll(async () => {
  shop = await openPoisonShop();
});
afterEach(() => shop.empty());
afterAll(() => shop.close());

const row = (id = '') => readImage(shop.workshop.bench.admin, id);
const asSent = (records: SQSRecord[]) => records;

// Each kind at each place, in the order given and shuffled: poison.long.test.ts.
it.each([
  ['kill', 0],
  ['hang', 4],
  ['memory', 9],
] as const)(
  'an image that kills its worker (%s) affects no other image, at place %i of its batch',
  async (mode, place) => {
    const ids = await shop.fill(place);
    for (const _ of ['this round', 'the next']) await shop.round(mode, asSent);
    expect(await shop.outcomes(ids)).toEqual(ids.map((_, at) => (at === place ? 'processing' : 'ready')));
  },
);

it('an image that kills every worker while alone fails, and the dead-letter queue gets one message', async () => {
  const ids = await shop.fill(2);
  const { maxAttempts } = shop.workshop.settings.process;
  // In company it was suspected; after that each death counts, and the claim after the last one ends it.
  for (let rounds = 0; rounds < maxAttempts + 2; rounds += 1) await shop.round('kill', asSent);
  expect(await row(ids[2])).toMatchObject({
    status: 'failed',
    failures: maxAttempts,
    attempt: maxAttempts + 2,
  });
  const letters = await shop.workshop.deadLetters();
  expect(letters).toHaveLength(1);
  expect(letters[0]?.attributes).toMatchObject({ Reason: 'failed', Attempts: String(maxAttempts) });
  expect(await shop.workshop.receive()).toEqual([]);
});
