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
const unchanged = (records: SQSRecord[]) => records;

// poison.long.test.ts tests each kind at several places, in order and shuffled.
it('an image that kills its worker affects no other image', async () => {
  const ids = await harness.fill(0);
  for (const _ of ['this round', 'the next']) await harness.round('kill', unchanged);
  expect(await harness.outcomes(ids)).toEqual(ids.map((_, at) => (at === 0 ? 'processing' : 'ready')));
});

it('an image that kills every worker while alone fails, and the dead-letter queue gets one message', async () => {
  const ids = await harness.fill(2);
  const { maxAttempts } = harness.testWorker.settings.process;
  // It was suspected within a batch; then each death counts, and the claim after the last one ends the image.
  for (let rounds = 0; rounds < maxAttempts + 2; rounds += 1) await harness.round('kill', unchanged);
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
