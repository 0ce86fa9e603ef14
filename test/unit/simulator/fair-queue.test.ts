import { describe, expect, it } from 'vitest';
import { FairQueue, fairRule } from '../../../simulator/fair-queue.ts';

interface Message {
  tenant: string | undefined;
}
interface Named {
  name: string;
}
const minute = 60_000;

/** A queue in which `take` delivers and returns the tenant, and `done` ends the oldest delivery of a tenant. */
function openQueue() {
  const queue = new FairQueue<Message>();
  const inFlight: Message[] = [];
  return {
    queue,
    send(tenant: string | undefined, count = 1) {
      for (let sent = 0; sent < count; sent += 1) queue.arrive({ tenant }, tenant);
    },
    take(now: number, count = 1): (string | undefined)[] {
      return Array.from({ length: count }, () => {
        const message = queue.next(now);
        if (message === undefined) return 'none';
        queue.begin(message, now);
        inFlight.push(message);
        return message.tenant;
      });
    },
    done(tenant: string, now: number, count = 1) {
      for (let ended = 0; ended < count; ended += 1) {
        const [message] = inFlight.splice(
          inFlight.findIndex((one) => one.tenant === tenant),
          1,
        );
        if (message) queue.end(message, now);
      }
    },
  };
}

/** Others hold so much recent processing time that no share of it exceeds 10 %. */
function busyOthers({ send, take }: ReturnType<typeof openQueue>, inFlight: number) {
  for (let other = 0; other < inFlight; other += 1) send(`other ${other}`);
  take(0, inFlight);
}

describe('a message that returns', () => {
  it('has its place again, before those that were sent later', () => {
    const queue = new FairQueue<{ name: string }>();
    const [first, second, third] = ['first', 'second', 'third'].map((name) => ({ name })) as [
      Named,
      Named,
      Named,
    ];
    queue.arrive(first, undefined);
    queue.begin(queue.next(0) ?? third, 0);
    for (const message of [second, third]) queue.arrive(message, undefined);
    queue.end(first, 1);
    queue.arrive(first, undefined);
    expect([1, 2, 3].map((now) => queue.next(now)?.name)).toEqual(['first', 'second', 'third']);
  });
});

describe('the rule of AWS fair queues', () => {
  it('without a noisy tenant messages are delivered in order of arrival', () => {
    const { send, take } = openQueue();
    for (const tenant of ['a', 'b', undefined, 'a']) send(tenant);
    expect(take(0, 5)).toEqual(['a', 'b', undefined, 'a', 'none']);
  });

  it.each([
    [29, 'loud'],
    [30, 'quiet'],
  ])('by its share in flight a tenant is noisy from 30 of its own: with %i, %s is next', (own, next) => {
    const all = openQueue();
    busyOthers(all, 100);
    all.send('loud', own + 1);
    all.send('quiet');
    // At one instant no processing time has passed.
    all.take(0, own);
    expect(all.take(0)).toEqual([next]);
  });

  it.each([
    [270, 'loud'],
    [269, 'quiet'],
  ])('30 of its own are noisy only above a tenth of all: beside %i of others, %s is next', (others, next) => {
    const all = openQueue();
    busyOthers(all, others);
    all.send('loud', 31);
    all.send('quiet');
    all.take(0, 30);
    expect(all.take(0)).toEqual([next]);
  });

  it.each([
    [10, 'loud'],
    [8, 'quiet'],
  ])(
    'with few in flight a tenant is noisy above a tenth of the recent processing time: one beside %i, %s is next',
    (others, next) => {
      const all = openQueue();
      busyOthers(all, others);
      all.send('loud', 2);
      all.send('quiet');
      all.take(0);
      expect(all.take(minute)).toEqual([next]);
    },
  );

  it('processing time counts as recent for about a minute', () => {
    const all = openQueue();
    all.send('loud', 3);
    all.take(0);
    all.done('loud', minute);
    busyOthers(all, 1);
    expect(all.queue.noisy(minute + 1)).toEqual(['loud']);
    // Others have worked for five time constants since.
    expect(all.queue.noisy(6 * minute)).not.toContain('loud');
  });

  it('a noisy tenant still gets what nobody else waits for', () => {
    const { send, take } = openQueue();
    send('loud', 100);
    expect(take(0, 100)).toEqual(Array(100).fill('loud'));
  });

  it('a noisy tenant remains so until both shares have fallen to those of quiet tenants', () => {
    const all = openQueue();
    busyOthers(all, 100);
    all.send('loud', 60);
    all.send('quiet', 3);
    all.take(0, 30);
    expect(all.queue.noisy(0)).toEqual(['loud']);
    // 29 of its own are below the threshold to become noisy, but still above 10 %.
    all.done('loud', 0, 1);
    expect(all.take(0)).toEqual(['quiet']);
    all.done('loud', 0, 20);
    expect(all.take(0)).toEqual(['loud']);
  });

  it('a tenant whose backlog has been consumed is quiet again', () => {
    const all = openQueue();
    busyOthers(all, 100);
    all.send('loud', 31);
    all.take(0, 31);
    all.done('loud', 0, 10);
    all.send('quiet');
    all.send('loud');
    expect(all.queue.noisy(0)).toEqual([]);
  });

  it('a tenant of which nothing was in flight for five minutes is quiet again', () => {
    const all = openQueue();
    all.send('loud', 2);
    all.take(0);
    all.done('loud', minute);
    const later = minute + fairRule.forgottenMs;
    expect(all.queue.noisy(later - 1)).toEqual(['loud']);
    expect(all.queue.noisy(later)).toEqual([]);
  });

  it('a tenant that was gone for five minutes begins anew, also where its share was never above a tenth', () => {
    const all = openQueue();
    const tenants = Array.from({ length: 11 }, (_, n) => `t${n}`);
    for (const tenant of tenants) all.send(tenant);
    all.take(0, 11);
    for (const tenant of tenants) all.done(tenant, minute);
    // A delivery at which none of them waits: an eleventh of the time is no reason to watch any.
    all.send('between');
    all.take(minute);
    all.done('between', minute);
    const later = minute + fairRule.forgottenMs;
    all.send('t0', 2);
    all.send('quiet');
    expect(all.take(later)).toEqual(['t0']);
    // Of 1,084 ms of recent time it has 50, and would have 144 with those before.
    expect(all.take(later + 50)).toEqual(['t0']);
  });

  it('of several noisy tenants the one with the fewest in flight is next', () => {
    const all = openQueue();
    all.send('louder', 50);
    all.send('loud', 40);
    all.take(0, 40);
    expect(all.take(1, 5)).toEqual(Array(5).fill('loud'));
    // Both have 41 in flight from here on.
    all.take(1, 34);
    expect(all.queue.noisy(1)).toEqual(['louder', 'loud']);
  });

  it('messages without a group are tenants of their own and never noisy', () => {
    const all = openQueue();
    all.send(undefined, 50);
    all.send('late');
    all.take(0, 40);
    expect(all.take(minute)).toEqual([undefined]);
  });

  it('a tenant that is gone does not make deliveries slower for ever', () => {
    const all = openQueue();
    for (let tenant = 0; tenant < 2_000; tenant += 1) all.send(`once ${tenant}`);
    for (let tenant = 0; tenant < 2_000; tenant += 1) {
      all.take(tenant);
      all.done(`once ${tenant}`, tenant);
    }
    all.send('now');
    all.take(fairRule.forgottenMs * 2);
    all.done('now', fairRule.forgottenMs * 2);
    expect(all.queue.tenants).toBe(1);
  });

  it('a tenant whose messages wait for minutes is not gone', () => {
    const all = openQueue();
    for (let tenant = 0; tenant < 1_100; tenant += 1) all.send(`t${tenant}`);
    all.take(fairRule.forgottenMs);
    all.done('t0', fairRule.forgottenMs);
    expect(all.queue.tenants).toBe(1_100);
    expect([...all.queue]).toHaveLength(1_099);
  });
});
