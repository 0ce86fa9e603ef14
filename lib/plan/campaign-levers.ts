import type { PresetFormat } from '../../lambda/domain/preset.ts';
import { isPooled } from '../config/budget.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import { coreMb } from '../rules/measured.ts';
import { type Course, courseOf, type Offer } from './campaign.ts';
import { bodiesPerSecond } from './direct-bodies.ts';
import { brownOutSeconds, imageSeconds, workOf } from './image-seconds.ts';
import { keepUp } from './keep-up.ts';
import { mostDirect, mostPooled } from './levers.ts';
import { costOfMillion } from './million.ts';
import { type Circumstances, originalBytes } from './usage.ts';

/** What a campaign comes to, before or after a lever. */
export interface Effect {
  /** That the workers make while images wait. */
  imagesPerMinute: number;
  drainSeconds: number;
  usdPerMillion: number;
}

/** A change of the configuration or of the producers, and what it would buy. */
export interface CampaignLever {
  change: string;
  before: Effect;
  after: Effect;
  /** What it costs besides money, or why it buys nothing. */
  note: string;
}

interface Option {
  change: string;
  note: string;
  config?: ResolvedConfig;
  circumstances?: Circumstances;
  /** Makes only the cheapest formats at first, whatever producers were told. */
  cheapest?: boolean;
}

/** The effect of a configuration on a campaign, without a brown-out. */
export function effectOf(config: ResolvedConfig, offer: Offer, circumstances: Circumstances = {}): Effect {
  return effectFrom(config, courseOf(config, offer), circumstances);
}

/** Every lever on its own, each compared with the configuration as it is. */
export function campaignLevers(config: ResolvedConfig, offer: Offer): CampaignLever[] {
  const before = effectOf(config, offer);
  return optionsOf(config, offer).map(
    ({ change, note, circumstances, cheapest, config: changed = config }) => ({
      change,
      note,
      before,
      after: cheapest ? inBrownOut(changed, offer) : effectOf(changed, offer, circumstances),
    }),
  );
}

function effectFrom(config: ResolvedConfig, course: Course, circumstances: Circumstances): Effect {
  const { images, drainSeconds, pace, told } = course;
  const { usd } = costOfMillion(config, images / drainSeconds, { refusals: told.refusals, ...circumstances });
  return { imagesPerMinute: 60 * pace.whole, drainSeconds, usdPerMillion: usd };
}

/** If a brown-out lasts: a bound, because those that were told to wait before it return as told. */
function inBrownOut(config: ResolvedConfig, offer: Offer): Effect {
  const enabled = { ...config, brownOut: { ...config.brownOut, enabled: true } };
  const course = courseOf(enabled, offer);
  const { pace, drainAtBest: drainSeconds } = course;
  const effect = effectFrom(enabled, { ...course, drainSeconds }, { inBrownOut: 1 });
  return { ...effect, imagesPerMinute: 60 * pace.inBrownOut };
}

function optionsOf(config: ResolvedConfig, offer: Offer): Option[] {
  return [
    ...workerOptions(config, offer),
    memoryOption(config),
    ...presetOptions(config),
    {
      change: 'tickets by the hundred',
      note: 'producers ask for 100 tickets in a request; measured 0.17 of the CPU of single ones',
      circumstances: { upload: 'hundred' },
    },
    ...(originalBytes <= config.uploads.maxDirectBytes
      ? [
          {
            change: 'the image as the body, no ticket',
            note: `no upload event, but the API is held longer: its executions take ${bodiesPerSecond(config)} bodies a second`,
            circumstances: { upload: 'body' as const },
          },
        ]
      : []),
    ...brownOutOption(config),
  ];
}

/** More workers, as many as keep up or as the connections allow. */
function workerOptions(config: ResolvedConfig, offer: Offer): Option[] {
  const { workers: wanted } = keepUp(config, offer);
  const now = config.process.maxConcurrency;
  const option = (most: number, proxy: boolean): Option[] => {
    const workers = Math.min(most, wanted);
    if (workers <= now) return [];
    const { requestsPerSecond } = config.deploy;
    const slower = offer.ratePerSecond > requestsPerSecond;
    const keeps = slower
      ? `keeps up, but the gateway lets ${requestsPerSecond} a second through`
      : 'keeps up';
    const reached = workers === wanted ? keeps : 'all that the connections allow';
    const database = proxy ? { ...config.database, proxy } : config.database;
    return [
      {
        change: `${proxy ? 'database.proxy: true, ' : ''}process.maxConcurrency: ${workers}`,
        note: reached,
        config: { ...config, database, process: { ...config.process, maxConcurrency: workers } },
      },
    ];
  };
  if (isPooled(config.database)) return option(mostPooled(config), false);
  const ownServer = config.database.connection === undefined;
  return [...option(mostDirect(config), false), ...(ownServer ? option(mostPooled(config), true) : [])];
}

function memoryOption(config: ResolvedConfig): Option {
  const { memoryMb } = config.process;
  const larger = memoryMb < coreMb ? coreMb : Math.min(10_240, 2 * memoryMb);
  return {
    change: `process.memoryMb: ${larger}`,
    note:
      memoryMb < coreMb
        ? `a full vCPU instead of ${(memoryMb / coreMb).toFixed(2)} of one`
        : 'buys nothing: the decoder is one thread, and 1769 MB are one vCPU',
    config: { ...config, process: { ...config.process, memoryMb: larger } },
  };
}

type Presets = ResolvedConfig['presets'];

/** Formats that a preset can do without. */
const names = { modern: 'AVIF and WebP (modern)', webp: 'WebP', jpeg: 'JPEG' } as const satisfies Partial<
  Record<PresetFormat, string>
>;

/** Less work for each image: the fast profile, one format fewer, one preset fewer. */
function presetOptions(config: ResolvedConfig): Option[] {
  const { presets } = config;
  const entries = Object.entries(presets);
  const each = (change: (preset: Presets[string]) => Presets[string]): Presets =>
    Object.fromEntries(entries.map(([name, preset]) => [name, change(preset)]));
  const option = (change: string, note: string, changed: Presets): Option => ({
    change,
    note,
    config: { ...config, presets: changed },
  });
  const isSlow = ({ effort, formats }: Presets[string]) => effort.webp > 2 && formats.includes('webp');
  const without = (format: keyof typeof names) =>
    entries.some(([, { formats }]) => formats.includes(format) && formats.length > 1)
      ? [
          option(
            `without ${names[format]}`,
            format === 'jpeg' ? reachWithoutJpeg(presets) : 'more bytes for each view',
            each((preset) =>
              preset.formats.length > 1
                ? { ...preset, formats: preset.formats.filter((one) => one !== format) }
                : preset,
            ),
          ),
        ]
      : [];
  return [
    ...(entries.some(([, preset]) => isSlow(preset))
      ? [
          option(
            'profile: fast in all presets',
            'WebP effort 2: 2-10 % more bytes at equal score',
            each((preset) =>
              isSlow(preset) ? { ...preset, effort: { ...preset.effort, webp: 2 } } : preset,
            ),
          ),
        ]
      : []),
    ...without('modern'),
    ...without('webp'),
    ...without('jpeg'),
    ...(entries.length > 1
      ? entries
          .slice(0, 3)
          .map(([name]) =>
            option(
              `without the preset ${name}`,
              'fewer sizes to choose from',
              Object.fromEntries(entries.filter(([other]) => other !== name)),
            ),
          )
      : []),
  ];
}

/** WebP is in all browsers since Safari 14, AVIF since Edge 121. */
function reachWithoutJpeg(presets: Presets): string {
  const left = Object.values(presets)
    .map(({ formats }) => formats)
    .filter((formats) => formats.length > 1 && formats.includes('jpeg'));
  const all = (...shown: PresetFormat[]) =>
    left.every((formats) => formats.some((format) => shown.includes(format)));
  if (all('png', 'original')) return 'more bytes for each view';
  const since = all('png', 'original', 'webp') ? 'September 2020' : 'January 2024';
  return `browsers before ${since} show nothing`;
}

function brownOutOption(config: ResolvedConfig): Option[] {
  const work = workOf(config);
  const { now, later } = brownOutSeconds(work);
  if (later === 0) return [];
  const more = Math.round(100 * ((now + later) / imageSeconds(work) - 1));
  const { enabled } = config.brownOut;
  return [
    {
      change: enabled ? 'brown-out, if it lasts' : 'brownOut.enabled: true, if it lasts',
      note: `at best: who was told to wait before it returns as told; the other formats follow later, for ${more} % more of the workers' time`,
      cheapest: true,
    },
  ];
}
