import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { eventCost } from '../../../lib/plan/event-cost.ts';
import { costOfMillion } from '../../../lib/plan/million.ts';
import { config as shipped } from '../../../sluice.config.ts';

const configOf = (changes: Partial<SluiceConfig> = {}) => resolveConfig({ ...shipped, ...changes });
/** Of a million images that are made at this rate. */
const at = (perSecond: number, changes: Partial<SluiceConfig> = {}) => {
  const items = eventCost(configOf(changes), 1e6, 1e6 / perSecond);
  return (name: string) => items.filter((item) => item.name === name).reduce((sum, { usd }) => sum + usd, 0);
};

describe('the events of a million images', () => {
  it('each part is usage × price, worked out by hand', () => {
    // Eight a second take 125,000 s: 625,000 runs of the relay, 2,000,000 batches of one event of each consumer.
    const usd = at(8);
    expect(usd('Function relay')).toBeCloseTo(0.625 * (0.2 * 0.25 * 13.3334 + 0.2), 6);
    expect(usd('Function audit')).toBeCloseTo(2 * (0.1 * 0.25 * 13.3334 + 0.2), 6);
    expect(usd('Function analytics')).toBe(usd('Function audit'));
    // Three requests each: 1.25 nudges, 4 to the consumers and 2 of the webhook, in millions.
    expect(usd('SQS for events')).toBeCloseTo(3 * 7.25 * 0.4, 6);
    expect(usd('EventBridge')).toBeCloseTo(2, 6);
  });

  it('cost less in fuller batches and runs, never less than the fullest', () => {
    // 1,000 images a second: 20 batches a second would have a hundred events each, ten are the most.
    expect(at(1_000)('Function audit')).toBeCloseTo(0.2 * (0.1 * 0.25 * 13.3334 + 0.2), 6);
    expect(at(1_000)('Function relay')).toBeLessThan(at(8)('Function relay') / 100);
  });

  it('follow the sinks of the configuration', () => {
    const kafka = { brokers: ['kafka.example.com:9092'], tls: 'off' as const };
    expect(at(8, { events: { kafka } })('SQS for events')).toBeCloseTo(3 * 3.25 * 0.4, 6);
    expect(at(8, { events: { eventBridge: false } })('EventBridge')).toBe(0);
    const ready = { events: { eventBridge: false }, deploy: { readyEvents: true } } as const;
    expect(at(8, ready)('EventBridge')).toBeCloseTo(1, 6);
  });

  it('are in what a campaign costs', () => {
    const names = costOfMillion(configOf(), 8).items.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['SQS for events', 'EventBridge', 'Function deliver']));
  });
});
