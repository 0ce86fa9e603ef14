import { expect, it } from 'vitest';
import { type Duty, takeTurns } from '../../../lambda/sweep/turns.ts';
import { recordingLog } from '../process/test-worker.ts';

const terms = { batchMs: 20, recordMs: 10, answerMs: 10 };

/** Duties with this many batches, each of this duration by the test's own clock. */
function db(given: Record<string, { takes: number; batches: number }>, whole: number) {
  let now = 0;
  const order: string[] = [];
  const duties = Object.fromEntries(
    Object.entries(given).map(([name, { takes, batches }]): [string, Duty] => {
      let left = batches;
      return [
        name,
        async () => {
          now += takes;
          left -= 1;
          order.push(name);
          return { counts: { batches: 1 }, more: left > 0 };
        },
      ];
    }),
  );
  const log = recordingLog();
  const run = (more: Record<string, Duty> = {}) =>
    takeTurns({ ...more, ...duties }, terms, { remaining: () => whole - now, log, clock: () => now });
  return { run, order, log, now: () => now };
}

it('a run ends when nothing is left, with each duty complete', async () => {
  const { run, order } = db({ a: { takes: 1, batches: 2 }, b: { takes: 1, batches: 1 } }, 1_000);
  expect(await run()).toEqual({ report: { a: { batches: 2 }, b: { batches: 1 } }, failures: [] });
  expect(order).toEqual(['a', 'b', 'a']);
});

it('each duty gets one batch first, then the one that has had the least time continues', async () => {
  const { run } = db(
    {
      slow: { takes: 30, batches: 1_000 },
      quick: { takes: 1, batches: 1_000 },
      small: { takes: 1, batches: 3 },
    },
    1_000,
  );
  const { report } = await run();
  expect(report.small).toEqual({ batches: 3 });
  // 1,000 ms less 40 at the end and 3 for the small one: about 480 for each of the two that have too much to do.
  expect(Number(report.slow === 'skipped' ? 0 : report.slow?.batches) * 30).toBeGreaterThan(400);
  expect(Number(report.quick === 'skipped' ? 0 : report.quick?.batches)).toBeGreaterThan(400);
});

it('no batch begins that could not be recorded before the end', async () => {
  const { run, now } = db({ a: { takes: 20, batches: 1_000 } }, 1_000);
  await run();
  expect(now()).toBeLessThanOrEqual(1_000 - terms.answerMs);
  expect(await db({ a: { takes: 1, batches: 1 } }, 39).run()).toEqual({
    report: { a: 'skipped' },
    failures: [],
  });
});

it('a duty that fails ends and is reported, and the others are done', async () => {
  const { run, log } = db({ good: { takes: 1, batches: 2 } }, 1_000);
  const error = new Error('mine');
  expect(await run({ bad: () => Promise.reject(error) })).toEqual({
    report: { bad: 'skipped', good: { batches: 2 } },
    failures: [error],
  });
  expect(log.lines).toMatchObject([{ level: 'error', fields: { duty: 'bad', error } }]);
});

it('a duty whose batch took too long ends, and keeps its results', async () => {
  const { run } = db({ good: { takes: 1, batches: 1 } }, 1_000);
  const late: Duty = ({ work, record }) =>
    new Promise((resolve) => {
      work.addEventListener('abort', () =>
        resolve({ counts: { done: 3, recorded: record.aborted ? 0 : 1 }, more: true }),
      );
    });
  const { report, failures } = await run({ late });
  expect(report).toEqual({ late: { done: 3, recorded: 1 }, good: { batches: 1 } });
  expect(failures).toMatchObject([{ code: 'out_of_time' }]);
});
