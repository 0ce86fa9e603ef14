import { expect, onTestFinished, test, vi } from 'vitest';
import { consumerLag } from '../../local/parts/consumer-lag.ts';
import { log } from '../../local/parts/home.ts';
import { kafkaMappings } from '../../local/parts/kafka.ts';
import { queues } from '../../local/parts/queues.ts';
import { partContext } from './part-context.ts';

/** The part with queues that a test fills or breaks, and its lines. */
async function startLag() {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const lines: string[] = [];
  const shown: string[] = [];
  let reads = 0;
  let depth = async () => ({ visible: 0, inFlight: 0 });
  const analyticsEvents = {
    depth: () => {
      reads += 1;
      return depth();
    },
  };
  const auditEvents = { depth: async () => ({ visible: 0, inFlight: 0 }) };
  const end = await consumerLag.start(
    partContext(
      { onProgress: (line) => shown.push(line) },
      [queues, { inner: { analyticsEvents, auditEvents } }],
      [kafkaMappings, {}],
      [log, (line: string) => lines.push(line)],
    ),
  );
  onTestFinished(end);
  return {
    lines,
    shown,
    reads: () => reads,
    stop: () => consumerLag.stop?.(end),
    /** Looks again, with queues that answer so. */
    async look(answer: typeof depth) {
      depth = answer;
      await settled();
      vi.advanceTimersByTime(5_000);
      await settled();
    },
  };
}
const settled = () => new Promise((done) => setImmediate(done));
const away = () => Promise.reject(new Error('SQS is away'));
const waiting = (visible: number) => async () => ({ visible, inFlight: 0 });
const failure = 'lag of the consumers: SQS is away';

test('a lag that cannot be read is logged once, until it was read again', async () => {
  const lag = await startLag();
  for (let times = 0; times < 3; times += 1) await lag.look(away);
  expect(lag.reads()).toBe(4);
  expect(lag.lines).toEqual([failure]);
  await lag.look(waiting(0));
  await lag.look(away);
  expect(lag.lines).toEqual([failure, failure]);
  expect(lag.shown).toEqual([]);
});

test('after an outage the lag is told as before it, once', async () => {
  const lag = await startLag();
  const behind = 'behind the events: analytics 100, audit 0';
  const caughtUp = 'the consumers have caught up with the events';
  await lag.look(waiting(100));
  await lag.look(away);
  await lag.look(waiting(100));
  await lag.look(waiting(99));
  expect(lag.lines).toEqual([behind, failure, caughtUp]);
  expect(lag.shown).toEqual([behind, caughtUp]);
});

test('a read that fails because the runner stops is not logged: its queues stop too', async () => {
  const lag = await startLag();
  const reading = Promise.withResolvers<{ visible: number; inFlight: number }>();
  await lag.look(() => reading.promise);
  await lag.stop();
  reading.reject(new Error('SQS has stopped'));
  await settled();
  expect(lag.reads()).toBe(2);
  expect(lag.lines).toEqual([]);
});
