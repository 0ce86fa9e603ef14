import { describe, expect, it } from 'vitest';
import type { PresetFormat } from '../../../lambda/domain/preset.ts';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { campaignLevers, effectOf } from '../../../lib/plan/campaign-levers.ts';
import { monthlyCost, sumOf } from '../../../lib/plan/cost.ts';
import { costOfMillion } from '../../../lib/plan/million.ts';
import { config } from '../../../sluice.config.ts';
import { withPlainFormats } from '../../support/plain-formats.ts';

/** In formats of which a photograph takes the assumed second. */
const shipped: SluiceConfig = { ...config, presets: withPlainFormats(config.presets) };
const configOf = (changes: Partial<SluiceConfig> = {}) => resolveConfig({ ...shipped, ...changes });
const plain = { deploy: { tracing: false, firewall: false } };
const usd = (cost: ReturnType<typeof costOfMillion>, name: string) =>
  cost.items.filter((item) => item.name === name).reduce((sum, item) => sum + item.usd, 0);

describe('the cost of a million images', () => {
  const cost = costOfMillion(configOf(plain), 8);

  it('each part is usage × price, worked out by hand', () => {
    // A second of 1769 MB on arm64: 1,000,000 × 1.7275 GB × 0.0000133334, and 0.20 of invocations.
    expect(usd(cost, 'Function process')).toBeCloseTo(23.034 + 0.2, 2);
    // Three calls of 0.05 s at 512 MB: 3,000,000 × 0.05 × 0.5 × 0.0000133334, and 0.60.
    expect(usd(cost, 'Function api')).toBeCloseTo(1 + 0.6, 3);
    expect(usd(cost, 'Function enqueue')).toBeCloseTo(0.1667 + 0.2, 3);
    expect(usd(cost, 'API Gateway')).toBeCloseTo(3 * 3.5, 6);
    // Six variants, the upload and a list at 0.005 a thousand; a GET.
    expect(usd(cost, 'S3 puts and lists')).toBeCloseTo(40, 6);
    expect(usd(cost, 'S3 gets')).toBeCloseTo(0.4, 6);
    expect(usd(cost, 'SQS')).toBeCloseTo(1.2, 6);
    // 3,000 GB of originals and 665 GB of variants at 0.023 for a month.
    expect(usd(cost, 'Originals in S3')).toBeCloseTo(69, 6);
    expect(usd(cost, 'Variants in S3')).toBeCloseTo(15.3, 1);
    // 12 GB of responses at 0.09.
    expect(usd(cost, 'Responses of the API')).toBeCloseTo(1.08, 6);
    expect(cost.perDownload).toBeCloseTo(665 * 0.09, 0);
  });

  it('what is paid by the hour is shared by the images of that time', () => {
    // A million at eight a second take 125,000 s = 34.72 h: two servers × 0.032 × 34.72.
    expect(usd(cost, 'RDS t4g.small')).toBeCloseTo(2.2222, 3);
    expect(cost.items.find(({ name }) => name === 'RDS t4g.small')).toMatchObject({
      fixed: true,
      how: expect.stringMatching(/^34\.7 h of 46\.72 a month/),
    });
    expect(usd(costOfMillion(configOf(plain), 80), 'RDS t4g.small')).toBeCloseTo(0.2222, 3);
  });

  it('groups are sums of their items, and together the sum', () => {
    const sum = (of: readonly { usd: number }[]) => of.reduce((total, one) => total + one.usd, 0);
    for (const { group, usd: total } of cost.groups)
      expect(total).toBeCloseTo(sum(cost.items.filter((item) => item.group === group)), 9);
    expect(cost.usd).toBeCloseTo(sum(cost.groups), 9);
    expect(cost.items.every(({ how }) => /\d/.test(how))).toBe(true);
  });

  it('it is the monthly cost at that rate, by the million, but for the responses', () => {
    // Eight a second are 480 a minute and 21.02 million a month.
    const config = configOf();
    const month = sumOf(monthlyCost(config, 480), 'idle', 'images', 'kept');
    expect(costOfMillion(config, 8).usd - 1.08).toBeCloseTo(month / 21.024, 6);
  });

  it('refusals cost as requests do, and a brown-out as the work that is done twice', () => {
    const config = configOf(plain);
    // Two more calls of three.
    expect(usd(costOfMillion(config, 8, { refusals: 2 }), 'API Gateway')).toBeCloseTo(5 * 3.5, 6);
    const twice = costOfMillion(config, 8, { inBrownOut: 1 });
    // 0.3122 + 0.9362 s, in two invocations.
    expect(usd(twice, 'Function process')).toBeCloseTo(1.2484 * 23.034 + 0.4, 1);
    expect(usd(twice, 'SQS')).toBeCloseTo(2.4, 6);
  });
});

describe('the levers of a campaign', () => {
  const offer = { ratePerSecond: 100, seconds: 600, tenants: 10 };
  const levers = (changes: Partial<SluiceConfig> = {}) => campaignLevers(configOf(changes), offer);
  const lever = (change: RegExp, changes?: Partial<SluiceConfig>) =>
    levers(changes).find((one) => change.test(one.change));

  it('each lever says what it is before and after', () => {
    const before = effectOf(configOf(), offer);
    expect(before.imagesPerMinute).toBeCloseTo(480, 6);
    expect(before.drainSeconds).toBeCloseTo(7_501.3, 6);
    for (const one of levers()) {
      expect(one.before).toEqual(before);
      expect(one.note).not.toBe('');
    }
    expect(levers().map(({ change }) => change)).toEqual([
      'process.maxConcurrency: 32',
      'database.proxy: true, process.maxConcurrency: 100',
      'process.memoryMb: 3538',
      'profile: fast in all presets',
      'without WebP',
      'without JPEG',
      'without the preset large',
      'without the preset medium',
      'without the preset small',
      'tickets by the hundred',
      'the image as the body, no ticket',
      'brown-out, if it lasts',
    ]);
  });

  it('more workers are as many times faster, up to what keeps up', () => {
    // 60,000 / 32 + 27 / 5 / 2 + 1; and with a proxy the campaign’s own 600 s, and 60,000 / 100 + 95 / 5 / 2 + 1.
    expect(lever(/^process.maxC/)?.after.drainSeconds).toBeCloseTo(1_878.7, 1);
    expect(lever(/^database.proxy/)?.after.drainSeconds).toBeCloseTo(610.5, 1);
    expect(lever(/^database.proxy/)?.note).toBe('keeps up');
    const narrow = lever(/^database.proxy/, { deploy: { requestsPerSecond: 50 } });
    expect(narrow?.note).toBe('keeps up, but the gateway lets 50 a second through');
    const few = campaignLevers(configOf(), { ...offer, ratePerSecond: 5 });
    expect(few.filter(({ change }) => /maxConcurrency/.test(change))).toEqual([]);
  });

  it('more memory than a vCPU costs more and buys nothing, less is a vCPU short', () => {
    const more = lever(/memoryMb/);
    expect(more?.after.imagesPerMinute).toBeCloseTo(480, 6);
    expect((more?.after.usdPerMillion ?? 0) - (more?.before.usdPerMillion ?? 0)).toBeCloseTo(23.034, 2);
    const less = lever(/memoryMb/, { process: { memoryMb: 1_670 } });
    expect(less?.change).toBe('process.memoryMb: 1769');
    expect(less?.before.imagesPerMinute).toBeCloseTo(453.14, 1);
    expect(less?.after.imagesPerMinute).toBeCloseTo(480, 3);
  });

  it('the fast profile and fewer formats follow the measured CPU', () => {
    // 409.98 / 264.77 ms; 409.98 / 128.00; 409.98 / 383.82.
    expect(lever(/fast/)?.after.imagesPerMinute).toBeCloseTo(743.3, 0);
    expect(lever(/WebP/)?.after.imagesPerMinute).toBeCloseTo(1_537.4, 0);
    expect(lever(/JPEG/)?.after.imagesPerMinute).toBeCloseTo(512.7, 0);
  });

  it('a brown-out says what the images cost that are completed later', () => {
    const more = (presets: SluiceConfig['presets']) =>
      lever(/brown-out/, { presets })?.note.match(/\d+ %/)?.[0];
    // 0.3122 + 0.9362 of 1, and with the JPEG that AVIF is compared with 0.3122 + 0.7568 of 0.7568.
    expect(more(shipped.presets)).toBe('25 %');
    expect(more(config.presets)).toBe('41 %');
  });

  it.each<[PresetFormat[][], string]>([
    [[['modern', 'jpeg']], 'browsers before January 2024 show nothing'],
    [[['avif', 'jpeg']], 'browsers before January 2024 show nothing'],
    [[['webp', 'jpeg']], 'browsers before September 2020 show nothing'],
    [[['avif', 'webp', 'jpeg']], 'browsers before September 2020 show nothing'],
    [
      [
        ['webp', 'jpeg'],
        ['modern', 'jpeg'],
      ],
      'browsers before January 2024 show nothing',
    ],
    [[['webp', 'jpeg'], ['modern']], 'browsers before September 2020 show nothing'],
    [[['modern', 'png', 'jpeg']], 'more bytes for each view'],
  ])('%j without JPEG: %s', (formats, note) => {
    const presets = Object.fromEntries(
      formats.map((formats, index) => [`p${index}`, { width: 320, height: 320, formats }]),
    );
    expect(lever(/without JPEG/, { presets, watermarks: {} })?.note).toBe(note);
  });

  it('a lever that is pulled already, or that changes nothing, is not offered', () => {
    const jpeg: Partial<SluiceConfig> = {
      presets: { one: { width: 800, formats: ['jpeg'] } },
      watermarks: {},
    };
    expect(levers(jpeg).map(({ change }) => change)).toEqual([
      'process.maxConcurrency: 17',
      'database.proxy: true, process.maxConcurrency: 17',
      'process.memoryMb: 3538',
      'tickets by the hundred',
      'the image as the body, no ticket',
    ]);
    expect(lever(/body/, { uploads: { maxDirectBytes: 1_000_000 } })).toBeUndefined();
    expect(lever(/brown/i, { brownOut: { enabled: false } })?.change).toMatch(/^brownOut\.enabled: true/);
  });

  it('tickets by the hundred are a hundredth of the calls', () => {
    const hundred = lever(/hundred/);
    expect(hundred?.after.drainSeconds).toBe(hundred?.before.drainSeconds);
    expect(hundred?.after.usdPerMillion).toBeLessThan((hundred?.before.usdPerMillion ?? 0) - 10);
  });

  it.each([
    ['the default', {}],
    ['a proxy', { database: { proxy: true } }],
  ] as const)(
    'what a lever sets for the workers of %s is accepted',
    (_name, changes: Partial<SluiceConfig>) => {
      for (const { change } of levers(changes).filter((one) => /maxConcurrency/.test(one.change))) {
        const maxConcurrency = Number(/maxConcurrency: (\d+)/.exec(change)?.[1]);
        const proxy = /proxy: true/.test(change) || changes.database?.proxy === true;
        expect(() => configOf({ database: { proxy }, process: { maxConcurrency } })).not.toThrow();
      }
    },
  );
});
