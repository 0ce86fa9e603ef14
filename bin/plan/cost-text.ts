import type { CampaignPlan } from '../../lib/plan/campaign-plan.ts';
import type { CostGroup } from '../../lib/plan/cost-item.ts';
import { count, dollars, wrapped } from './words.ts';

const titles: Record<CostGroup, string> = {
  compute: 'compute',
  s3Requests: 'S3 requests',
  s3Storage: 'S3 storage, one month',
  queue: 'SQS and events',
  api: 'API Gateway and firewall',
  logs: 'logs, traces, metrics',
  database: 'database',
  network: 'endpoints, keys, firewall',
  transfer: 'transfer out',
};

/** What a million images cost, by part. */
export function costText({ cost, course }: CampaignPlan): string[] {
  const { images, drainSeconds, told } = course;
  const perMinute = (60 * images) / drainSeconds;
  const row = (name: string, usd: number, how = '') =>
    `  ${name.padEnd(26)}${dollars(usd).padStart(9)}  ${wrapped(how, 39)}`.trimEnd();
  return [
    '',
    `Cost of a million images, made at ${count(perMinute)} a minute, in US dollars (${cost.region}, list prices of ${cost.asOf})`,
    ...cost.groups
      .filter(({ usd }) => usd > 0)
      .map(({ group, usd }) => row(titles[group], usd, partsOf(cost.items, group))),
    row('sum', cost.usd, `this campaign of ${count(images)}: ${dollars((cost.usd * images) / 1e6)}`),
    row(
      'not included',
      cost.perDownload,
      'each time that all variants of all images are downloaded; and what is stored for longer',
    ),
    ...(told.refusals >= 0.1
      ? [
          `  Of the requests to the API, ${count(told.refusals)} an image are refused: they cost as much as others.`,
        ]
      : []),
    `  (fixed) is paid by the hour, whatever is made: its share of the time that a million takes at this rate.`,
  ];
}

function partsOf(items: CampaignPlan['cost']['items'], group: CostGroup): string {
  return items
    .filter((item) => item.group === group && item.usd >= 0.005)
    .map(
      ({ name, usd, fixed }) => `${name.replace(/^Function /, '')} ${dollars(usd)}${fixed ? ' (fixed)' : ''}`,
    )
    .join(' + ');
}
