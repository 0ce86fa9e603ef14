import { describe, expect, it } from 'vitest';
import { FairQueue } from '../../../simulator/fair-queue.ts';
import { randomOf } from '../../../simulator/random.ts';
import { FairQueue as LinearFairQueue } from './linear-fair-queue.ts';

/* The rule read literally judges every tenant that waits at each delivery (linear-fair-queue.ts). */

interface Message {
  id: number;
  tenant: string | undefined;
}
interface Traffic {
  tenants: number;
  /** Share of the first three tenants. */
  loud: number;
  inFlight: number;
  /** Mean pause between two events, in ms; now and then a hundred times as long. */
  pauseMs: number;
  /** How often nothing happens for minutes. */
  silences?: number;
}

/** Random sends, deliveries and ends. @returns the deliveries of both, and how often a noisy tenant was passed over */
function deliveries(seed: number, { tenants, loud, inFlight, pauseMs, silences = 0.002 }: Traffic) {
  const random = randomOf(seed);
  const queue = new FairQueue<Message>();
  const linear = new LinearFairQueue<Message>();
  const flying: Message[] = [];
  const seen = { ours: [] as number[], theirs: [] as number[], noisy: 0 };
  let now = 0;
  for (let id = 0; id < 3_000; id += 1) {
    now += 2 * random() * pauseMs * (random() < silences ? 600_000 / pauseMs : random() < 0.02 ? 100 : 1);
    const name = random() < loud ? Math.floor(3 * random()) : Math.floor(tenants * random());
    const tenant = random() < 0.05 ? undefined : `t${name}`;
    const message = { id, tenant };
    for (const one of [queue, linear]) one.arrive(message, tenant);
    const isSilent = random() < silences;
    while (flying.length > 0 && (flying.length > inFlight || isSilent || random() < 0.3)) {
      const [done] = flying.splice(Math.floor(random() * flying.length), 1) as [Message];
      for (const one of [queue, linear]) one.end(done, now);
      if (random() < 0.05) for (const one of [queue, linear]) one.arrive(done, done.tenant);
    }
    if (random() < 0.1) seen.noisy += expectSame(queue.noisy(now), linear.noisy(now));
    while (flying.length < inFlight && random() < 0.8) {
      const [ours, theirs] = [queue.next(now), linear.next(now)];
      seen.ours.push(ours?.id ?? -1);
      seen.theirs.push(theirs?.id ?? -1);
      if (ours === undefined || ours !== theirs) break;
      for (const one of [queue, linear]) one.begin(ours, now);
      flying.push(ours);
    }
  }
  return seen;
}
function expectSame(ours: string[], theirs: string[]): number {
  expect(ours.toSorted()).toEqual(theirs.toSorted());
  return ours.length;
}

describe('the queue that watches only tenants with much in flight delivers in the order of the rule', () => {
  const traffic: [string, Traffic][] = [
    ['few tenants', { tenants: 5, loud: 0.5, inFlight: 40, pauseMs: 50 }],
    ['many in flight', { tenants: 40, loud: 0.7, inFlight: 400, pauseMs: 10 }],
    ['few in flight', { tenants: 60, loud: 0.3, inFlight: 8, pauseMs: 400 }],
    ['tenants that come and go', { tenants: 1_500, loud: 0.5, inFlight: 60, pauseMs: 300 }],
    [
      'silences after which tenants are forgotten',
      { tenants: 14, loud: 0.1, inFlight: 14, pauseMs: 500, silences: 0.02 },
    ],
  ];
  it.each(traffic)('%s', (_, kind) => {
    let noisy = 0;
    for (let seed = 1; seed <= 4; seed += 1) {
      const seen = deliveries(seed, kind);
      expect(seen.ours).toEqual(seen.theirs);
      expect(seen.ours.length).toBeGreaterThan(1_000);
      noisy += seen.noisy;
    }
    expect(noisy).toBeGreaterThan(20);
  });

  it('a delivery among ten thousand tenants judges none of those that have nothing in flight', () => {
    const queue = new FairQueue<Message>();
    for (let id = 0; id < 10_000; id += 1) queue.arrive({ id, tenant: `t${id}` }, `t${id}`);
    let read = 0;
    const clock = Object.assign(Object(0), {
      [Symbol.toPrimitive]: () => {
        read += 1;
        return 0;
      },
    }) as number;
    for (let id = 0; id < 100; id += 1) {
      const message = queue.next(clock) as Message;
      expect(message.id).toBe(id);
      queue.begin(message, clock);
    }
    // Each judgement reads the clock; the linear rule reads it a million times.
    expect(read).toBeLessThan(10_000);
  });
});
