import { describe, expect, it } from 'vitest';
import { ago, useTestSweep } from './test-sweep.ts';

const { testSweep } = useTestSweep();

const pending = JSON.stringify([{ preset: 'small', format: 'webp' }]);
const old = { updated_at: ago('2 days'), enqueued_at: ago('6 minutes') };
const image = (sql: Record<string, string> = {}, values: object = {}) =>
  testSweep.image('ready', { ...old, ...sql }, { pending, ...values });
const messages = () =>
  (testSweep.cloud.server.inspectQueue(testSweep.cloud.queueName)?.messages.ready ?? []).map(({ body }) =>
    JSON.parse(body),
  );

describe('ready images with variants that follow', () => {
  it('get a message to complete them, oldest first, and no second one for five minutes', async () => {
    const [second, first] = [await image(), await image({ enqueued_at: ago('7 minutes') })];
    expect(await testSweep.sweep()).toMatchObject({ pendingVariants: { sent: 2 } });
    const expected = [first, second].map((imageId) => ({ v: 1, tenant: 'alpha', imageId, complete: true }));
    expect(messages()).toEqual(expected);
    testSweep.cloud.server.reset();
    expect(await testSweep.sweep()).toMatchObject({ pendingVariants: { sent: 0 } });
    expect(messages()).toEqual([]);
  });

  it.each([
    ['that were sent a message or ended less than five minutes ago', { enqueued_at: ago('4 minutes') }, {}],
    ['that never had a message and ended just now', { enqueued_at: 'null', updated_at: 'now()' }, {}],
    ['that a worker completes', { lease_expires_at: "now() + interval '1 minute'" }, {}],
    ['that are deleted', { deleted_at: 'now()' }, {}],
    ['with all variants', {}, { pending: null }],
  ])('are none %s', async (_, sql, values) => {
    await image(sql, values);
    expect(await testSweep.sweep()).toMatchObject({ pendingVariants: { sent: 0 } });
    expect(messages()).toEqual([]);
  });

  it('get no more messages than the workers do in a minute', async () => {
    for (let count = 0; count < 5; count += 1) await image();
    expect(await testSweep.sweep({ completionsPerSweep: 3 })).toMatchObject({ pendingVariants: { sent: 3 } });
    expect(messages()).toHaveLength(3);
  });

  it('get none while other work waits', async () => {
    await image();
    const { queue } = testSweep.dependencies;
    const busy = (depth: number) => ({ queue: { ...queue, queueDepth: async () => depth } });
    expect(await testSweep.sweep(busy(13))).toMatchObject({ pendingVariants: { sent: 0 } });
    expect(messages()).toEqual([]);
    expect(await testSweep.sweep(busy(12))).toMatchObject({ pendingVariants: { sent: 1 } });
  });

  it('keep their row while a worker completes them, also at the end of their retention', async () => {
    const [leased, free] = [
      await image({ lease_expires_at: "now() + interval '1 minute'" }),
      await image({ enqueued_at: 'now()' }),
    ];
    const retention = { ...testSweep.dependencies.retention, readyDays: 1 };
    expect(await testSweep.sweep({ retention })).toMatchObject({ endedImages: { ready: 1 } });
    expect(await testSweep.row(leased)).toBeDefined();
    expect(await testSweep.row(free)).toBeUndefined();
  });
});

describe('replaced objects', () => {
  it('are deleted once no URL of them is valid, and no other object is', async () => {
    const id = await image({}, { pending: null });
    const key = (name: string) => `derived/alpha/${id}/small.${name}.webp`;
    for (const name of ['over', 'valid', 'current']) await testSweep.put(key(name));
    for (const [name, seconds] of [
      ['over', 4_501],
      ['valid', 4_000],
    ])
      await testSweep.db.admin.query(
        'insert into replaced_object values ($1, $2, now() - make_interval(secs => $3))',
        [id, key(String(name)), seconds],
      );
    expect(await testSweep.sweep()).toMatchObject({ replacedObjects: { removed: 1 } });
    const found = await Promise.all(
      ['over', 'valid', 'current'].map((name) => testSweep.bucket.headOriginal(key(name))),
    );
    expect(found.map((head) => head !== undefined)).toEqual([false, true, true]);
    expect(await testSweep.sweep()).toMatchObject({ replacedObjects: { removed: 0 } });
  });
});
