import type { SQSRecord } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openPoisonHarness, poisons } from './poison.ts';

let harness: Awaited<ReturnType<typeof openPoisonHarness>>;
beforeAll(async () => {
  harness = await openPoisonHarness();
});
afterEach(() => harness.empty());
afterAll(() => harness.close());

/** A different order each time, the same in each run: a linear congruential generator. */
function shuffler(seed: number): (records: SQSRecord[]) => SQSRecord[] {
  let state = seed;
  const next = () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state;
  };
  return (records) =>
    records
      .map((record) => ({ record, at: next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ record }) => record);
}

/** First, in the middle and last; the seeds have others beside other neighbours. Each takes two workers' starts: 3 to 8 s. */
const places = [0, 1, 4, 9];
const seeds = [2, 5, 7];

describe.each(poisons)('an image that kills its worker (%s) affects no other image', (mode) => {
  it.each(places)(
    'an image that kills its worker affects no other image, at place %i of its batch',
    async (place) => {
      const ids = await harness.fill(place);
      for (const _ of ['this round', 'the next']) await harness.round(mode, (records) => records);
      expect(await harness.outcomes(ids)).toEqual(
        ids.map((_, at) => (at === place ? 'processing' : 'ready')),
      );
    },
  );

  it.each(seeds)(
    'an image that kills its worker affects no other image, in batches shuffled by the seed %i',
    async (seed) => {
      const ids = await harness.fill(seed);
      const shuffled = shuffler(seed);
      for (const _ of ['this round', 'the next']) await harness.round(mode, shuffled);
      expect(await harness.outcomes(ids)).toEqual(ids.map((_, at) => (at === seed ? 'processing' : 'ready')));
    },
  );
});
