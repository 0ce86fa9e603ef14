import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { SinkName } from '../../../lambda/domain/event.ts';
import type { UnsentEvent } from '../../../lambda/postgres/events/unsent.ts';
import { offer, type Park } from '../../../lambda/relay/offer.ts';
import type { Sink } from '../../../lambda/relay/sink.ts';
import { imageEvent } from '../../support/kafka/events.ts';

const image = randomUUID();
const events = (): UnsentEvent[] =>
  [1, 2].map((sequence) => ({ event: imageEvent({ image, sequence }), accepted: [] }));
const parkAll: Park = async (refused) => refused.map(() => true);

/** Answers when its signal ends the call. */
const hung = (name: SinkName, seen: string[] = []): Sink => ({
  name,
  async send(events, signal) {
    seen.push(signal.aborted ? 'too late' : 'called');
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    seen.push('ended');
    return events.map(() => false);
  },
});
/** Needs some time of its call. */
const slow = (name: SinkName): Sink => ({
  name,
  async send(events, signal) {
    const done = await pause(10, true, { signal }).catch(() => false);
    return events.map(() => done);
  },
});

it('a sink that hangs takes the time of no other, and it alone is away', async () => {
  const given = events();
  const { outcomes, away } = await offer(
    given,
    [hung('kafka'), slow('webhooks'), slow('eventBridge')],
    parkAll,
    500,
  );
  expect(away).toEqual(['kafka']);
  expect(outcomes.map(({ sent, accepted }) => [sent, accepted.toSorted()])).toEqual([
    [false, ['eventBridge', 'webhooks']],
    [false, ['eventBridge', 'webhooks']],
  ]);
});

it('sinks that hang end together, after the time of one', async () => {
  const seen: string[] = [];
  const sinks = (['kafka', 'webhooks', 'eventBridge'] as const).map((name) => hung(name, seen));
  const { away } = await offer(events(), sinks, parkAll, 100);
  expect(away).toEqual(['kafka', 'webhooks', 'eventBridge']);
  // The lease of the relay is no longer for three sinks.
  expect(seen).toEqual([...Array(3).fill('called'), ...Array(3).fill('ended')]);
});

it('what a sink accepted while another one hung is not offered to it again', async () => {
  const given = events();
  const { outcomes } = await offer(given, [hung('kafka'), slow('webhooks')], parkAll, 100);
  const offered: string[] = [];
  const counting: Sink = {
    name: 'webhooks',
    async send(events) {
      offered.push(...events.map(({ id }) => id));
      return events.map(() => true);
    },
  };
  const again = given.map(({ event }, place) => ({
    event,
    accepted: [...(outcomes[place]?.accepted ?? [])],
  }));
  const second = await offer(again, [slow('kafka'), counting], parkAll, 500);
  expect(offered).toEqual([]);
  expect(second.away).toEqual([]);
  expect(second.outcomes.map(({ sent }) => sent)).toEqual([true, true]);
});

it('an event that overtook a refused one of its image is not accepted, and is offered again after that', async () => {
  const given = events();
  const offered: string[] = [];
  const careless: Sink = {
    name: 'kafka',
    async send(events) {
      const first = offered.length === 0;
      offered.push(...events.map(({ sequence }) => sequence));
      return events.map(({ sequence }) => !first || sequence === '2');
    },
  };
  const { outcomes, away } = await offer(given, [careless], parkAll, 500);
  expect(outcomes.map(({ sent, accepted }) => [sent, accepted])).toEqual([
    [false, []],
    [false, []],
  ]);
  expect(away).toEqual([]);
  const second = await offer(given, [careless], parkAll, 500);
  expect(second.outcomes.map(({ sent }) => sent)).toEqual([true, true]);
  expect(offered).toEqual(['1', '2', '1', '2']);
});
