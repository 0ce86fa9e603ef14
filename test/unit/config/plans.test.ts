import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { configMistakes } from '../../support/config-mistakes.ts';

const plain: SluiceConfig = { presets: { small: { width: 320 } } };
type Plans = NonNullable<SluiceConfig['plans']>;
// Values that the types refuse come from JavaScript.
const mistakes = (plans: unknown) => configMistakes(() => resolveConfig({ ...plain, plans: plans as Plans }));
const images = (quota: unknown) => ({ default: { quotas: { images: quota } } });

describe('plans in the configuration', () => {
  it('nothing is limited out of the box', () => {
    expect(resolveConfig(plain).plans).toEqual({});
  });

  it('a plan has weight 1 and no quotas unless they are set', () => {
    const { plans } = resolveConfig({
      ...plain,
      plans: { default: {}, pro: { weight: 4, maxUnusedTickets: 500, quotas: { images: { perMonth: 9 } } } },
    });
    expect(plans).toEqual({
      default: { weight: 1, quotas: {} },
      pro: { weight: 4, maxUnusedTickets: 500, quotas: { images: { perMonth: 9 } } },
    });
  });

  it.each([
    ['0', images({ perDay: 0 })],
    ['a negative number', images({ perDay: -5 })],
    ['a part of an image', images({ perMonth: 0.5 })],
    ['an absurd number', images({ perMonth: 1e15 + 2 })],
    ['no number', images({ perMonth: Number.NaN })],
    ['infinity', images({ perMonth: Number.POSITIVE_INFINITY })],
    ['text', images({ perMonth: '5' })],
    ['null', images({ perMonth: null })],
    ['a rate of 0', images({ perSecond: 0 })],
    ['a rate of one in a million seconds', images({ perSecond: 1e-6 })],
    ['an unknown window', images({ perHour: 5 })],
    ['an unknown resource', { default: { quotas: { videos: { perDay: 5 } } } }],
    ['a weight of 0', { default: { weight: 0 } }],
    ['an absurd weight', { default: { weight: 101 } }],
    ['no unused tickets', { default: { maxUnusedTickets: 0 } }],
    ['an unknown priority', { default: { priority: 'high' } }],
    ['no plan', { default: null }],
    ['a name in capitals', { Pro: {} }],
  ])('refuses %s, once', (_, plans) => {
    expect(mistakes(plans)).toEqual([expect.stringMatching(/^plans\./)]);
  });

  it('refuses a resource without a bound, a burst without a rate, and two rates', () => {
    const quotas = {
      requests: {},
      images: { burst: 5 },
      megapixels: { perSecond: 100, perMinute: 100 },
    };
    expect(mistakes({ default: { quotas } })).toEqual([
      'plans.default.quotas.requests: Set at least one bound, or leave the resource out.',
      'plans.default.quotas.images.burst: A burst needs perSecond or perMinute: without a rate it is never refilled.',
      'plans.default.quotas.megapixels.perMinute: Set perSecond or perMinute, not both.',
    ]);
  });
});
