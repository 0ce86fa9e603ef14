import type { ResolvedConfig } from '../config/schema.ts';
import { prices } from './prices.ts';

/** What a cost is for, in the order of a bill. */
export const costGroups = [
  'compute',
  's3Requests',
  's3Storage',
  'queue',
  'api',
  'logs',
  'database',
  'network',
  'transfer',
] as const;
export type CostGroup = (typeof costGroups)[number];

export interface CostItem {
  /** `idle` is fixed, `images` depends on the rate, `kept` is storage that each month adds to the following ones. */
  kind: 'idle' | 'images' | 'kept';
  group: CostGroup;
  name: string;
  /** US dollars a month. */
  usd: number;
  /** The calculation as text. */
  how: string;
}

export function part(
  kind: CostItem['kind'],
  group: CostGroup,
  name: string,
  usd: number,
  how: string,
): CostItem {
  return { kind, group, name, usd, how };
}

/** Invocations of a function, with their duration and memory. */
export function lambda(
  kind: CostItem['kind'],
  { deploy }: ResolvedConfig,
  name: string,
  invocations: number,
  seconds: number,
  memoryMb: number,
): CostItem {
  const second = prices.lambdaGbSecond[deploy.architecture === 'arm64' ? 'arm64' : 'x64'];
  const usd =
    invocations * seconds * (memoryMb / 1024) * second + million(invocations) * prices.lambdaMillion;
  return part(
    kind,
    'compute',
    `Function ${name}`,
    usd,
    `${millions(invocations)} × ${Number(seconds.toFixed(3))} s × ${memoryMb} MB`,
  );
}

/** X-Ray samples one request a second and 5 % of the rest, for each service that starts traces. */
export function sampled(requests: number, seconds: number): number {
  return Math.min(requests, seconds) + 0.05 * Math.max(0, requests - seconds);
}

export function traces(kind: CostItem['kind'], name: string, count: number): CostItem {
  return part(kind, 'logs', name, million(count) * prices.traceMillion, `${millions(count)} traces`);
}

/** Ingested once, and stored compressed. */
export function logs(kind: CostItem['kind'], name: string, bytes: number, days: number): CostItem {
  const gigabytes = bytes / 1e9;
  const keptGigabytes = gigabytes * (days / 30) * 0.15;
  return part(
    kind,
    'logs',
    name,
    gigabytes * prices.logGb + keptGigabytes * prices.logGbMonth,
    `${gigabytes.toFixed(1)} GB, ${days} days`,
  );
}

/** For prices by the million. */
export const million = (count: number) => count / 1e6;
export const millions = (count: number) => `${million(count).toFixed(count < 1e5 ? 3 : 2)} million`;
