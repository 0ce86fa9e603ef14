import type { SQSRecord } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { readImage } from '../postgres/rows.ts';
import { openPoisonHarness } from './poison.ts';

let harness: Awaited<ReturnType<typeof openPoisonHarness>>;
beforeAll(async () => {
  harness = await openPoisonHarness();
});
afterEach(() => harness.empty());
afterAll(() => harness.close());

const row = (id = '') => readImage(harness.testWorker.db.admin, id);
const asSent = (records: SQSRecord[]) => records;

// Each kind at each place, in the order given and shuffled: poison.long.test.ts.
it.each([
  ['kill', 0],
  ['hang', 4],
  ['memory', 9],
] as const)(
  'an image that kills its worker (%s) affects no other image, at place %i of its batch',
  async (mode, place) => {
    const ids = await harness.fill(place);
    for (const _ of ['this round', 'the next']) await harness.round(mode, asSent);
    expect(await harness.outcomes(ids)).toEqual(ids.map((_, at) => (at === place ? 'processing' : 'ready')));
  },
);

it('an image that kills every worker while alone fails, and the dead-letter queue gets one message', async () => {
  const ids = await harness.fill(2);
  const { maxAttempts } = harness.testWorker.settings.process;
  // In company it was suspected; after that each death counts, and the claim after the last one ends it.
  for (let rounds = 0; rounds < maxAttempts + 2; rounds += 1) await harness.round('kill', asSent);
  expect(await row(ids[2])).toMatchObject({
    status: 'failed',
    failures: maxAttempts,
    attempt: maxAttempts + 2,
  });
  const letters = await harness.testWorker.deadLetters();
  expect(letters).toHaveLength(1);
  expect(letters[0]?.attributes).toMatchObject({ Reason: 'failed', Attempts: String(maxAttempts) });
  expect(await harness.testWorker.receive()).toEqual([]);
});
