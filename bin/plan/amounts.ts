import { duration } from '../../lib/config/duration.ts';

const scales = { '': 1, k: 1e3, M: 1e6 } as const;
const perSecond = {
  s: 1,
  second: 1,
  min: 60,
  minute: 60,
  h: 3_600,
  hour: 3_600,
  d: 86_400,
  day: 86_400,
} as const;
const ratePattern = /^(\d+(?:\.\d+)?)(k|M|)\/(\w+)$/;
const short: Readonly<Record<string, string>> = {
  s: 'seconds',
  m: 'minutes',
  min: 'minutes',
  h: 'hours',
  d: 'days',
};

/** A rate such as `50000/min`, `800/s` or `3M/day`, a second; undefined if it is none. */
export function rateOf(written: string): number | undefined {
  const [, amount = '', scale = '', unit = ''] = ratePattern.exec(written) ?? [];
  const seconds = perSecond[unit as keyof typeof perSecond];
  if (amount === '' || !Object.hasOwn(perSecond, unit) || seconds === undefined) return undefined;
  return (Number(amount) * scales[scale as keyof typeof scales]) / seconds;
}

/** A duration as in sluice.config.ts, or short as `10m`, in seconds; undefined if it is none. */
export function secondsOf(written: string): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/.exec(written) ?? [];
  if (amount === undefined) return undefined;
  const { data } = duration.safeParse(unit === '' ? Number(amount) : `${amount} ${short[unit] ?? unit}`);
  return data;
}
