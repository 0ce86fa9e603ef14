import { expect, test } from 'vitest';
import { queueConsumers, scheduled } from '../../lib/catalogue/select.ts';
import { functionHost } from '../../local/parts/function-host.ts';
import { queues } from '../../local/parts/queues.ts';
import { schedule } from '../../local/parts/schedule.ts';
import { partContext } from './part-context.ts';

test('a function with a queue gets a message of its schedule, so that its mapping limits all of its executions', async () => {
  const invoked: string[] = [];
  const sent: string[] = [];
  const inner = Object.fromEntries(
    queueConsumers().map(({ trigger: { queue } }) => [
      queue,
      { send: async (body: string) => void sent.push(`${queue} ${body}`) },
    ]),
  );
  const ends = await schedule.start(
    partContext(
      // The first turn comes at once, the second in an hour.
      { sweepEveryMs: 3_600_000 },
      [functionHost, { invoke: async (name: string) => invoked.push(name) && { ok: true } }],
      [queues, { inner }],
    ),
  );
  try {
    const due = scheduled().map(([name]) => name);
    const own = queueConsumers().filter(({ name }) => due.includes(name));
    await expect.poll(() => [invoked.length, sent.length]).toEqual([due.length - own.length, own.length]);
    expect(sent.sort()).toEqual(
      own.map(({ trigger }) => `${trigger.queue} {"v":1,"kind":"scheduled"}`).sort(),
    );
    expect(invoked).not.toContain('dispatch');
  } finally {
    await schedule.stop?.(ends);
  }
});
